/** allowance */
import type { EndpointTable } from '../endpoint.ts'

export const allowanceRows = {} as const satisfies EndpointTable
