/** Recorded refusals of each provider: which kind each is, whether its call goes on, and until when its target is avoided. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { providersOf } from '../providers/index.ts'
import { type RefusalSaid, readRefusal } from '../providers/refusal.ts'
import { cooldownOf } from '../routing/cooldown.ts'
import { mayFailOver } from '../routing/failover.ts'

/** `then`: kind, scope, whether the chain goes on, and how many ms the target is avoided where it says itself for how long. */
type Row = {
  what: string
  status: number
  headers?: Record<string, string>
  body?: unknown
  then: [kind: string, scope: string, goesOn: boolean, avoidedMs: number | null]
  /** After how many ms the provider lets the same call come again; absent: it does not. */
  againMs?: number
}

const folder = join(process.cwd(), 'daemon/providers/fixtures/refusals')
/** 2026-11-22T10:00:00Z, which the fixtures' instants go by. */
const at = Date.UTC(2026, 10, 22, 10)
const { providers } = providersOf({
  providers: {
    azure: { baseUrl: 'https://example.openai.azure.com/openai/v1' },
    own: {
      baseUrl: 'https://llm.example.com/v1',
      refusals: [
        { status: 400, code: 'no_seats', as: 'plan' },
        { status: 418, as: 'money' },
      ],
    },
  },
})

function said(provider: string, { status, headers = {}, body }: Row): RefusalSaid {
  const rules = providers.get(provider)?.refusals ?? []
  return readRefusal({ status, header: (name) => headers[name], json: body, at }, rules)
}

for (const file of readdirSync(folder).sort()) {
  const provider = basename(file, '.json')
  const table = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Row[]
  describe(`verdicts on ${provider}`, () => {
    it('is a provider there is', () => assert.ok(providers.has(provider)))
    for (const row of table) {
      it(`${row.status}: ${row.what}`, () => {
        const is = said(provider, row)
        const cooldown = cooldownOf(is, undefined, at, 1)
        const avoided = is.until === null || cooldown === null ? null : cooldown.until - at
        assert.deepEqual([is.kind, is.scope, mayFailOver(is.kind, 'lent'), avoided], row.then)
        assert.equal(is.sameTargetAfterMs, row.againMs ?? null)
        assert.equal(cooldown === null, is.kind === 'request')
      })
    }
  })
}
