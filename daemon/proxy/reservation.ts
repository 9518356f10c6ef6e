/** What budgets hold for a call while it runs, and whether they let it go: what it is likely to use, and what that costs and is owed. */
import type { AttemptStarted } from '../../shared/contract/event.ts'
import { type Billing, noUsage } from '../../shared/contract/usage.ts'
import { roughRequestTokens } from '../dialects/estimate.ts'
import type { Ledger } from '../ledger/ledger.ts'
import {
  type BudgetAsked,
  type BudgetVerdict,
  budgetVerdict,
  type Held,
  isHeldStrictly,
} from '../ledger/views/budget-verdict.ts'
import { learnedOutput } from '../ledger/views/learned-output.ts'
import { isInOverage } from '../ledger/views/overage.ts'
import { owedOf } from '../pricing/owed.ts'
import type { Prices } from '../pricing/price.ts'
import type { Accounts } from './account.ts'
import { servedAs } from './attempt-price.ts'
import { userOf } from './attribution.ts'
import { billingOf, type Call, modelNameOf, modelOf, type Target } from './call.ts'

export type Estimate = AttemptStarted['estimate']

export type BudgetDeps = {
  ledger(): Ledger
  /** What is not counted is held to no budget. */
  isRecording(): boolean
  /** Of the config as it is now. */
  prices(): Prices['priceOf']
  accounts: Accounts
  /** Wall clock, epoch ms. */
  now(): number
}

/** Four bytes a token is near enough for a call that nobody lives to see ended. */
const bytesAToken = 4
/** No model on sale in 2026 writes more at once: what a strict budget holds where the caller names no end. */
const mostOutput = 128_000
/** What is named beyond it is no size that anything answers with. */
const largestOutput = 1_000_000
const free: BudgetVerdict = { kind: 'free' }

export function budgetsHold({ ledger, isRecording }: Pick<BudgetDeps, 'ledger' | 'isRecording'>): boolean {
  return ledger().budgets.size > 0 && isRecording()
}

/** The estimate is what the start of the attempt has to say: between the two nothing may be waited for, or calls would not see each other's. */
export function askBudgets(
  call: Call,
  target: Target,
  chain: string | null,
  deps: BudgetDeps,
): { estimate: Estimate; verdict: BudgetVerdict } {
  if (!budgetsHold(deps) || isFree(call)) return { estimate: bySize(call), verdict: free }
  const ledger = deps.ledger()
  const named = namedBy(call, target, chain, deps)
  const input = roughRequestTokens(call.plain)
  const likely = priced(call, target, named.billing, { input, output: likelyOutput(call, target, ledger) }, deps)
  const most = priced(call, target, named.billing, { input, output: longestOutput(call) }, deps)
  const asked = { ...named, held: heldBy(likely), heldMost: heldBy(most) }
  return {
    estimate: isHeldStrictly(ledger, asked) ? most : likely,
    verdict: budgetVerdict(ledger, asked, deps.now()),
  }
}

/** It uses nothing that is paid for: it counts tokens, looks at what is there, or ends what runs (`batches/{id}/cancel`, `:cancel`). */
function isFree({ endpoint, rest }: Call): boolean {
  const isLook = endpoint.method === 'GET' || endpoint.method === 'DELETE' || endpoint.method === 'HEAD'
  return isLook || endpoint.counts === 'nothing' || (endpoint.unread === true && /[/:]cancel(\?|$)/.test(rest))
}

function bySize(call: Call): Estimate {
  return { input: Math.ceil(call.plain.length / bytesAToken), output: 0 }
}

function likelyOutput(call: Call, target: Target, ledger: Ledger): number {
  if (!writes(call)) return 0
  return Math.min(
    learnedOutput(ledger, modelNameOf(call, target), call.attribution.client),
    call.facts?.maxOutput ?? Infinity,
  )
}

function longestOutput(call: Call): number {
  return writes(call) ? Math.min(call.facts?.maxOutput ?? mostOutput, largestOutput) : 0
}

function writes({ endpoint }: Call): boolean {
  return endpoint.counts === 'tokens' && !endpoint.wordless
}

/** Without a price no money is held. */
function priced(
  call: Call,
  target: Target,
  billing: Billing,
  { input, output }: { input: number; output: number },
  deps: BudgetDeps,
): Estimate {
  const { id: provider, catalogueId, local } = target.provider
  const model = modelOf(call, target) ?? 'unknown'
  const usage = { ...noUsage, input, output }
  const priceOf = deps.prices()
  const asked = { catalogueId, provider, model, usage, webSearches: 0, at: call.startedAt }
  const tier = servedAs(call, target, undefined)
  // a tier of which no price is known is held at the usual one
  const found = call.endpoint.counts === 'tokens' ? (priceOf({ ...asked, tier }) ?? priceOf(asked)) : null
  const cost = found?.nano ?? (local ? 0 : null)
  if (cost === null) return { input, output }
  return { input, output, cost, billed: owedOf(billing, cost) ?? 0 }
}

function heldBy({ input, output, cost, billed }: Estimate): Held {
  return { cost: cost ?? null, billed: billed ?? null, tokens: input + output }
}

function namedBy(
  call: Call,
  target: Target,
  chain: string | null,
  deps: BudgetDeps,
): Omit<BudgetAsked, 'held' | 'heldMost'> {
  const { attribution } = call
  const account = deps.accounts.accountOf(call, target)
  const provider = target.provider.id
  const billing = billingOf(call, target)
  return {
    // its attempt before this one has failed, though that is not told before it is known that it goes on
    call: call.id,
    key: call.keyId,
    provider,
    account,
    model: modelNameOf(call, target),
    chain,
    client: attribution.client,
    folder: call.folder,
    user: userOf(attribution, call.credentials.own, { provider, account, billing }),
    feature: attribution.feature,
    // a plan that is used up goes on as paid extra usage, as far as its newest reading tells
    billing: billing === 'plan' && isInOverage(deps.ledger(), provider, account, deps.now()) ? 'overage' : billing,
  }
}
