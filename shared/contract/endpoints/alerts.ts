/** alerts */
import type { EndpointTable } from '../endpoint.ts'

export const alertsRows = {} as const satisfies EndpointTable
