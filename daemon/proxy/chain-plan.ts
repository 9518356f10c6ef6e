/** Makes a chain the targets that one call may go to, and says of each other one why not. */
import type { SkippedTarget, SkipReason } from '../../shared/contract/refusal.ts'
import type { Provider } from '../providers/provider.ts'
import { canLend } from '../routing/route.ts'
import type { Chain } from '../routing/table.ts'
import type { Call, Plan, Target } from './call.ts'
import { type KeyHolder, mayUse } from './holder.ts'
import type { No } from './refuse.ts'

/** `keptAt`: the provider that keeps the answer which the call goes on from. The plan may hold no target. */
export function chainPlanOf(
  providers: ReadonlyMap<string, Provider>,
  chain: Chain,
  call: Call,
  holder: KeyHolder,
  keptAt: string | null,
): Plan {
  const targets: Target[] = []
  const skipped: SkippedTarget[] = []
  // what is tied to one account stays at the first that could have begun it
  let only = keptAt
  for (const { provider: id, model } of chain.targets) {
    const provider = providers.get(id)
    const why = provider ? whyNot(provider, call, holder, only) : 'unknown'
    if (provider && why === null) {
      targets.push({ provider, model, strategy: 'routed', lent: true })
      if (call.facts?.serverState) only ??= id
    } else skipped.push({ provider: id, model, why: why ?? 'unknown', until: null, refusal: null })
  }
  return { chain: chain.name, targets, skipped }
}

function whyNot(provider: Provider, call: Call, holder: KeyHolder, only: string | null): SkipReason | null {
  if (!provider.dialects.includes(call.dialect.name)) return 'dialect'
  if (!mayUse(holder, provider.id)) return 'not-allowed'
  if (!canLend(provider)) return 'no-key'
  return only === null || only === provider.id ? null : 'server-state'
}

/** What to say where no target is left. */
export function noOfChainPlan({ chain, skipped }: Plan, call: Call): No {
  const reasons = skipped.map(({ provider, model, why }) => `${provider}/${model ?? ''} ${words(why, call)}`)
  const forKey = skipped.some(({ why }) => why === 'no-key' || why === 'not-allowed')
  return {
    code: forKey ? 'key_not_for_provider' : 'unknown_route',
    detail: `The chain ${chain ?? ''} has no target for this call: ${reasons.join('; ')}.`,
    ...(chain !== null && { chain }),
    skipped,
  }
}

function words(why: SkipReason, { dialect }: Call): string {
  switch (why) {
    case 'unknown':
      return 'is at no provider that there is now'
    case 'dialect':
      return `does not speak ${dialect.name}`
    case 'not-allowed':
      return 'may not be used by this key'
    case 'no-key':
      return 'has no key to lend (an "apiKey" in config.jsonc, or "tollkeeper provider set-key")'
    case 'server-state':
      return 'does not keep what the call goes on from'
    case 'cooling':
    case 'probing':
    case 'own-limit':
    case 'budget':
      return 'cannot serve now'
  }
}
