/** What people call an account: "Claude plan", "Anthropic key …3f9a". Pure text from what is known of it. */
import type { Billing } from '../../../shared/contract/usage.ts'

// As the providers write their own names.
const providerLabels = new Map([
  ['anthropic', 'Anthropic'],
  ['openai', 'OpenAI'],
  ['codex', 'ChatGPT'],
  ['gemini', 'Gemini'],
  ['openrouter', 'OpenRouter'],
  ['groq', 'Groq'],
  ['mistral', 'Mistral'],
  ['deepseek', 'DeepSeek'],
  ['xai', 'xAI'],
  ['together', 'Together'],
  ['fireworks', 'Fireworks'],
  ['cerebras', 'Cerebras'],
  ['azure', 'Azure'],
  ['moonshot', 'Moonshot'],
  ['ollama', 'Ollama'],
  ['lmstudio', 'LM Studio'],
])

/** A subscription goes by its product's name, not by its maker's. */
const planLabels = new Map([['anthropic', 'Claude plan']])

/** Whose account an imported call used is written nowhere. */
export const importedAccount = 'imported'

/** Whose a limit of the user's own is: all of the provider's. */
export const allAccounts = '*'

/** Of calls that brought no credential at all: whose they are nobody knows. */
export const anonymousAccount = 'anonymous'

/** `billing` null: no call of this account was seen, only its limits. */
export function accountLabel(of: { provider: string; account: string; billing: Billing | null }): string {
  if (of.billing === 'simulated') return 'Sandbox'
  const provider = providerLabels.get(of.provider) ?? of.provider
  if (of.account === allAccounts) return `${provider}, your limits`
  if (of.billing === 'plan' || of.billing === 'overage') return planLabels.get(of.provider) ?? `${provider} plan`
  // a lent key's account is its provider
  if (of.account === of.provider || of.account === '' || of.account === importedAccount || of.billing === 'local')
    return provider
  if (of.account === anonymousAccount) return `${provider}, no key`
  const end = of.account.slice(-4)
  return of.billing === 'metered' ? `${provider} key …${end}` : `${provider} …${end}`
}
