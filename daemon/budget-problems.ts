/** What is wrong with budgets that only the providers in use can tell: those that count or lead to one that is not there. */
import type { BudgetConfig } from '../shared/contract/budget.ts'
import type { ConfigProblem } from './store/config-words.ts'

/** One problem a budget. `placeOf` tells where in the file it stands. */
export function budgetProblemsOf(
  budgets: readonly BudgetConfig[],
  providers: ReadonlyMap<string, unknown>,
  placeOf: (path: (string | number)[]) => string,
): ConfigProblem[] {
  return budgets.flatMap(({ id, scope, downgrade }, at) => {
    const strays = [
      { provider: scope?.provider, path: ['scope', 'provider'], what: 'counts calls of' },
      { provider: providerOf(downgrade?.to), path: ['downgrade', 'to'], what: 'leads to' },
    ]
    const stray = strays.find(({ provider }) => provider !== undefined && !providers.has(provider))
    if (!stray) return []
    const place = placeOf(['budgets', at, ...stray.path])
    const text = `${place}: budget "${id}" ${stray.what} "${stray.provider}", and no such provider is in use. Correct the name, or add the provider.`
    return [{ code: 'budget-incomplete', subject: id, text }]
  })
}

function providerOf(to: string | undefined): string | undefined {
  return to === undefined || to.startsWith('chain:') ? undefined : to.split('/')[0]
}
