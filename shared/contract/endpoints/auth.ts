/** auth */
import type { EndpointTable } from '../endpoint.ts'

export const authRows = {} as const satisfies EndpointTable
