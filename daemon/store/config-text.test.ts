/** That an edit of a config changes what it is meant to, and leaves everything else in the text where it was. */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { parseTree } from 'jsonc-parser'
import { isSame, valueOf, withValue } from './config-text.ts'

const written = `// my own config
{
  // who we call
  "providers": {
    "openai": { "apiKey": "\${OPENAI_API_KEY}" }, // the key at work
    // at home
    "ollama": {
      "extends": "openai", /* chat */
      "baseUrl": "http://127.0.0.1:11434/v1", // the usual port
    },
    "work": { "extends": "anthropic", "baseUrl": "https://llm.example.com" } // never at night
  },
  "timeZone": "Europe/Berlin" // days begin there
}
`

type Providers = { providers: Record<string, unknown> }
function changed(change: (value: Record<string, unknown> & Providers) => void, text = written): string {
  const value = structuredClone(valueOf(text)) as Record<string, unknown> & Providers
  change(value)
  const after = withValue(text, value)
  assert.ok(after !== undefined)
  assert.ok(isSame(valueOf(after), value), after)
  return after
}

describe('edits of a config text', () => {
  it('change one value and nothing else', () => {
    const after = changed((value) => (value.timeZone = 'UTC'))
    assert.equal(after, written.replace('Europe/Berlin', 'UTC'))
  })

  it('add a property behind the last one and its comment', () => {
    const after = changed((value) => (value.providers['groq'] = { models: ['a', 'b'] }))
    assert.equal(
      after,
      written.replace(
        '"https://llm.example.com" } // never at night\n',
        '"https://llm.example.com" }, // never at night\n    "groq": {\n      "models": [\n        "a",\n        "b"\n      ]\n    }\n',
      ),
    )
    const top = changed((value) => (value.limits = {}))
    assert.ok(top.endsWith('"timeZone": "Europe/Berlin", // days begin there\n  "limits": {}\n}\n'), top)
  })

  it('take a property out with the comment on its line, and leave those of its neighbours', () => {
    const last = changed((value) => delete value.providers['work'])
    assert.equal(
      last,
      written.replace(/,\n {4}"work".*\n/, '\n').replace('// the usual port\n    }\n', '// the usual port\n    }\n'),
    )
    assert.match(last, /\/\/ the key at work[\s\S]*\/\/ at home[\s\S]*\/\/ the usual port/)
    const first = changed((value) => delete value.providers['openai'])
    assert.equal(first, written.replace(/ {4}"openai".*\n/, ''))
    const inner = changed((value) => delete (value.providers['ollama'] as Record<string, unknown>)['baseUrl'])
    assert.match(inner, /"extends": "openai", \/\* chat \*\/\n {4}\}/)
  })

  it('take out the only property, trailing comma and all', () => {
    assert.equal(withValue('{\n  "a": 1,\n}\n', {}), '{\n}\n')
    assert.equal(withValue('{ "a": 1, }', {}), '{  }')
  })

  it('begin a file where there is none, or only comments', () => {
    assert.equal(withValue('', { a: 1 }), '{\n  "a": 1\n}\n')
    assert.equal(withValue('// later\n', { a: { b: true } }), '// later\n{\n  "a": {\n    "b": true\n  }\n}\n')
    assert.equal(withValue('{}', { a: 1 }), '{\n  "a": 1\n}')
    assert.equal(withValue('{ // none yet\n}', { a: 1 }), '{ // none yet\n  "a": 1\n}')
  })

  it('keep one line one line, tabs tabs, and CR LF', () => {
    assert.equal(withValue('{ "a": 1 }', { a: 1, b: [2] }), '{ "a": 1, "b": [2] }')
    assert.equal(
      withValue('{\r\n\t"a": 1\r\n}', { a: 1, b: { c: 2 } }),
      '{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": 2\r\n\t}\r\n}',
    )
  })

  describe('of a list of named things', () => {
    const list = `{
  "budgets": [
    // for work
    { "id": "a", "limitUsd": 10 }, // a month
    {
      "id": "b", // by the day
      "limitUsd": 5
    },
    { "id": "c" } // last
  ]
}
`
    type Items = { budgets: Record<string, unknown>[] }
    const edited = (change: (items: Items['budgets']) => Items['budgets']) =>
      changed((value) => {
        const holder = value as unknown as Items
        holder.budgets = change(holder.budgets)
      }, list)

    it('change a thing where it stands', () => {
      const after = edited((all) => all.map((one) => (one.id === 'b' ? { ...one, limitUsd: 7 } : one)))
      assert.equal(after, list.replace('"limitUsd": 5', '"limitUsd": 7'))
    })
    it('take things out, and leave the others', () => {
      const only = (ids: string) => edited((all) => all.filter(({ id }) => ids.includes(String(id))))
      assert.equal(only('ac'), list.replace(/ {4}\{\n.*by the day\n.*\n {4}\},\n/, ''))
      assert.equal(only('ab'), list.replace(/,\n.*last\n/, '\n'))
      assert.equal(
        only('b').replace(/\s+/g, ' '),
        '{ "budgets": [ // for work { "id": "b", // by the day "limitUsd": 5 } ] } ',
      )
      assert.equal(only('').replace(/\s+/g, ''), '{"budgets":[//forwork]}')
    })
    it('add one behind the last, and change others with it', () => {
      const after = edited(([, ...rest]) => [...rest, { id: 'd', limitUsd: 1 }])
      assert.equal(
        after,
        list
          .replace(/.*a month\n/, '')
          .replace('} // last', '}, // last\n    {\n      "id": "d",\n      "limitUsd": 1\n    }'),
      )
      assert.equal(withValue('{"b":[]}', { b: [{ id: 'x' }] }), '{"b":[\n  {\n    "id": "x"\n  }\n]}')
      assert.equal(withValue('{"b":[{"id":"x"}]}', { b: [{ id: 'x' }, { id: 'y' }] }), '{"b":[{"id":"x"}, {"id":"y"}]}')
    })
    it('write the list anew where its order is another one', () => {
      const after = edited((all) => [...all].reverse())
      assert.doesNotMatch(after, /\/\//)
    })
    it('give what was wanted from any list to any other', () => {
      const items = fc.uniqueArray(fc.record({ id: fc.constantFrom(...'abcdef'), v: fc.nat(2) }), {
        selector: ({ id }) => id,
      })
      fc.assert(
        fc.property(items, items, fc.constantFrom(undefined, 2, '\t'), (from, to, indent) => {
          const after = withValue(JSON.stringify({ list: from }, null, indent), { list: to }) ?? ''
          assert.ok(isSame(valueOf(after), { list: to }), after)
        }),
      )
    })
  })

  it('refuse a text in which a key stands twice, where that leaves a doubt', () => {
    assert.equal(withValue('{ "a": 1, "a": 2 }', { a: 3 }), undefined)
  })

  it('give what was wanted from any value to any other', () => {
    const value = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 3 }).filter((key) => key !== '__proto__'),
      fc.jsonValue({ maxDepth: 2 }),
    )
    // parsers take -0 and 0 for different numbers
    const plain = (one: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(one)) as Record<string, unknown>
    fc.assert(
      fc.property(value, value, fc.constantFrom(undefined, 2, '\t'), (from, to, indent) => {
        const text = JSON.stringify(plain(from), null, indent)
        const after = withValue(text, plain(to)) ?? ''
        assert.ok(isSame(valueOf(after), plain(to)), after)
        const errors: never[] = []
        parseTree(after, errors)
        assert.deepEqual(errors, [], 'it is valid without trailing commas too')
      }),
    )
  })
})
