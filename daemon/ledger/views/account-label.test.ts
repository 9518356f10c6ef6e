/** What accounts are called. */
import assert from 'node:assert/strict'
import { accountLabel } from './account-label.ts'

describe('accountLabel', () => {
  const rows = [
    ['anthropic', 'org-77', 'plan', 'Claude plan'],
    ['anthropic', 'org-77', 'overage', 'Claude plan'],
    ['anthropic', 'ab12cd343f9a', 'metered', 'Anthropic key …3f9a'],
    ['anthropic', 'anthropic', 'metered', 'Anthropic'],
    ['codex', 'acc-1', 'plan', 'ChatGPT plan'],
    ['work', 'ab12cd343f9a', 'metered', 'work key …3f9a'],
    ['openai', 'anonymous', 'metered', 'OpenAI, no key'],
    ['openai', 'anonymous', null, 'OpenAI, no key'],
    ['ollama', 'ollama', 'local', 'Ollama'],
    ['sandbox', 'sandbox', 'simulated', 'Sandbox'],
    ['openai', 'ab12cd343f9a', null, 'OpenAI …3f9a'],
    ['__proto__', '__proto__', null, '__proto__'],
  ] as const
  for (const [provider, account, billing, label] of rows) {
    it(`calls ${account} of ${provider}, ${billing ?? 'not billed'}, ${label}`, () => {
      assert.equal(accountLabel({ provider, account, billing }), label)
    })
  }
})
