/** cost */
import type { EndpointTable } from '../endpoint.ts'

export const costRows = {} as const satisfies EndpointTable
