/** budgets */
import type { EndpointTable } from '../endpoint.ts'

export const budgetsRows = {} as const satisfies EndpointTable
