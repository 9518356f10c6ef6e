/** Every fixture reads and passes the same however it is cut, and is never complete too early. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dialect, ReplyReading } from './dialect.ts'
import { dialects } from './index.ts'

type Expected = {
  reading: ReplyReading
  /** The text after which the answer may be called complete; null: never. Streams only. */
  completeAfter?: string | null
  /** The usage-only event. Streams only. */
  dropped?: string
}

type Played = { passed: string; reading: ReplyReading; terminals: number }

function play(dialect: Dialect, kind: 'json' | 'sse', drop: boolean, chunks: readonly Uint8Array[]): Played {
  const reader = dialect.openReply(kind, { dropUsageOnlyChunk: drop })
  const passed: Uint8Array[] = []
  let terminals = 0
  for (const chunk of chunks) {
    const { pass, terminal } = reader.read(chunk)
    passed.push(...pass)
    if (terminal) terminals++
  }
  passed.push(...reader.end())
  assert.deepEqual(reader.end(), [], 'a second end hands out nothing')
  return { passed: Buffer.concat(passed).toString('latin1'), reading: reader.reading(), terminals }
}

const bytesEach = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))

for (const dialect of dialects) {
  const folder = join('daemon/dialects', dialect.name, 'fixtures')
  const names = readdirSync(folder).filter((name) => !name.endsWith('.expected.json'))

  describe(`${dialect.name} replies`, function () {
    // Some hundred thousand plays: seconds on a busy machine.
    this.timeout(60_000)

    it('has fixtures of both kinds', () => {
      assert.ok(names.some((name) => name.endsWith('.sse')) && names.some((name) => name.endsWith('.json')))
    })

    for (const name of names) {
      const bytes = new Uint8Array(readFileSync(join(folder, name)))
      const text = Buffer.from(bytes).toString('latin1')
      const expected = JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8')) as Expected
      const kind = name.endsWith('.sse') ? 'sse' : 'json'
      const latin = (utf8: string): string => Buffer.from(utf8).toString('latin1')

      // All others tell usage in every stream, so there is nothing to ask for and nothing to drop.
      for (const drop of dialect.name === 'openai-chat' && kind === 'sse' ? [false, true] : [false]) {
        const dropped = drop ? latin(expected.dropped ?? '') : ''
        const passed = text.replace(dropped, () => '')

        it(`${name} reads the same however it is cut${drop ? ', without the usage-only chunk' : ''}`, () => {
          const cuts = [[bytes], bytesEach(bytes)]
          for (let at = 1; at < bytes.length; at++) cuts.push([bytes.subarray(0, at), bytes.subarray(at)])
          for (const chunks of cuts) {
            const where = `${chunks.length} chunks, the first of ${chunks[0]?.length ?? 0} bytes`
            const played = play(dialect, kind, drop, chunks)
            assert.deepEqual(played.reading, expected.reading, where)
            assert.ok(played.passed === passed, `passes other bytes: ${where}`)
            assert.ok(played.terminals <= 1, where)
          }
        })

        it(`${name} is never complete before its end${drop ? ', without the usage-only chunk' : ''}`, () => {
          const after = expected.completeAfter == null ? undefined : latin(expected.completeAfter)
          const completeAt =
            kind === 'json'
              ? text.trimEnd().length
              : after === undefined
                ? Infinity
                : text.indexOf(after) + after.length
          for (let end = 0; end < bytes.length; end++) {
            const played = play(dialect, kind, drop, [bytes.subarray(0, end)])
            if (end < completeAt) assert.equal(played.reading.complete, false, `complete at byte ${end}`)
            if (end < completeAt) assert.equal(played.terminals, 0, `terminal at byte ${end}`)
            const whole = text.slice(0, end)
            const dropFrom = text.indexOf(dropped)
            const left = whole.slice(0, dropFrom) + whole.slice(dropFrom + dropped.length)
            assert.ok(played.passed === whole || played.passed === left, `bytes lost at ${end}`)
          }
        })
      }
    }
  })
}
