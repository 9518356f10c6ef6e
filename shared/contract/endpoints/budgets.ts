/** `/api/v1/budgets`: the budgets of the config and how each stands. Edits keep the file's comments. */
import * as z from 'zod/mini'
import { budgetRow, budgetScope } from '../budget.ts'
import type { EndpointTable } from '../endpoint.ts'

/** A budget as in the config, which says more of each field; the limit in USD or in tokens. What is left out is its default. */
const budgetBody = z.strictObject({
  scope: z.optional(budgetScope),
  period: z.string(),
  limit_usd: z.optional(z.number()),
  limit_tokens: z.optional(z.number()),
  basis: z.optional(z.enum(['billed', 'list'])),
  warn_at: z.optional(z.array(z.number())),
  action: z.optional(z.enum(['warn', 'block'])),
  downgrade: z.optional(z.strictObject({ at: z.number(), to: z.string() })),
  strict: z.optional(z.boolean()),
})
export type BudgetBody = z.infer<typeof budgetBody>

export const budgetsRows = {
  budgets: {
    method: 'GET',
    path: '/api/v1/budgets',
    auth: 'read',
    reply: z.object({ budgets: z.array(budgetRow) }),
    summary: 'All budgets, and how they stand',
    tag: 'config',
  },
  budget: {
    method: 'GET',
    path: '/api/v1/budgets/{id}',
    auth: 'read',
    reply: budgetRow,
    summary: 'One budget, and how it stands',
    tag: 'config',
  },
  putBudget: {
    method: 'PUT',
    path: '/api/v1/budgets/{id}',
    auth: 'admin',
    body: budgetBody,
    reply: budgetRow,
    summary: 'Write a budget into the config: it holds at once, and counts what was spent before',
    tag: 'config',
  },
  removeBudget: {
    method: 'DELETE',
    path: '/api/v1/budgets/{id}',
    auth: 'admin',
    reply: z.object({ id: z.string(), removed: z.literal(true) }),
    summary: 'Take a budget out of the config',
    tag: 'config',
  },
} as const satisfies EndpointTable
