/** Who pays for a call, by what the request and the provider tell. */
import assert from 'node:assert/strict'
import { openai } from '../providers/openai.ts'
import type { Provider } from '../providers/provider.ts'
import { billingOf, type Call } from './call.ts'

function billed(changes: Partial<Provider>, own: string | null, headers = {}, lent = false) {
  const call = { credentials: { own }, request: { headers } } as unknown as Call
  return billingOf(call, { provider: { ...openai, ...changes }, model: null, strategy: 'direct', lent })
}

describe('proxy/call', () => {
  const rows: [string, ReturnType<typeof billed>, string][] = [
    ['an API key is metered', billed({}, 'sk-1'), 'metered'],
    ['a lent key is metered', billed({}, null, {}, true), 'metered'],
    ["a subscription's token is within the plan", billed({}, 'sk-ant-oat01-x'), 'plan'],
    ['so is a ChatGPT account', billed({}, 'ey.a.b', { 'chatgpt-account-id': 'a' }), 'plan'],
    ['so is whatever goes where only subscribers come', billed({ plan: true }, 'ey.a.b'), 'plan'],
    ['what runs at home costs nothing', billed({ local: true }, null), 'local'],
    ['the sandbox is simulated', billed({ simulated: true, local: true }, 'sk-1'), 'simulated'],
  ]
  for (const [what, billing, expected] of rows) it(what, () => assert.equal(billing, expected))
})
