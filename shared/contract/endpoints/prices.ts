/** prices */
import type { EndpointTable } from '../endpoint.ts'

export const pricesRows = {} as const satisfies EndpointTable
