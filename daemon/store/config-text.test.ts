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

  it('take no comma within a comment for one', () => {
    assert.equal(withValue('{\n  "a": 1 // x, y\n}', { a: 1, b: 2 }), '{\n  "a": 1, // x, y\n  "b": 2\n}')
    const text = '{\n  "a": ["u" /* x, y */], "b": 2 /* z */, "c": 3\n}'
    assert.equal(withValue(text, { a: ['u', 'v'], b: 2, c: 3 }), text.replace('"u"', '"u", "v"'))
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
    it('put things in another order with the comments about them, and change them', () => {
      const after = edited(([a, b, c]) => [c ?? {}, { id: 'new' }, { ...b, limitUsd: 7 }, a ?? {}])
      assert.equal(
        after,
        `{
  "budgets": [
    { "id": "c" }, // last
    {
      "id": "new"
    },
    {
      "id": "b", // by the day
      "limitUsd": 7
    },
    // for work
    { "id": "a", "limitUsd": 10 } // a month
  ]
}
`,
      )
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

  describe('of a list of texts', () => {
    const list = `{
  "chain": [ // by price
    // the plan first
    "a/one", // until its week is used up
    "b/two" /* cheap */, /* and */ // quick
    // at home
    "c/three" // free
    // no more
  ]
}
`
    const edited = (...wanted: string[]) => changed((value) => (value.chain = wanted), list)

    it('put something first, and swap the others', () => {
      assert.equal(
        edited('new/x', 'c/three', 'b/two', 'a/one'),
        `{
  "chain": [ // by price
    "new/x",
    // at home
    "c/three", // free
    "b/two", /* cheap */ /* and */ // quick
    // the plan first
    "a/one" // until its week is used up
    // no more
  ]
}
`,
      )
    })
    it('put something in the place of another, whose comment goes with it', () => {
      const after = edited('a/one', 'new/x', 'c/three')
      assert.equal(after, list.replace(/ {4}"b\/two.*\n/, '    "new/x",\n'))
      const first = edited('new/x', 'b/two', 'c/three')
      assert.match(first, /\[ \/\/ by price\n {4}"new\/x",\n {4}\/\/ the plan first\n {4}"b\/two", .*quick\n/)
    })
    it('take one out, and add one behind the others', () => {
      assert.equal(edited('a/one', 'c/three'), list.replace(/ {4}"b\/two.*\n/, ''))
      assert.equal(
        edited('a/one', 'b/two', 'c/three', 'd'),
        list.replace('"c/three" // free', '"c/three", // free\n    "d"'),
      )
    })
    it('keep one line one line, and what lasts to a line’s end at one', () => {
      assert.equal(withValue('{"c": ["a", "b" /* x */]}', { c: ['b', 'n', 'a'] }), '{"c": ["b", /* x */ "n", "a"]}')
      const after = withValue('{"c": ["a" // x\r\n, // y\r\n"b"]}', { c: ['b', 'a'] })
      assert.equal(after, '{"c": [\r\n  "b",\r\n  // x\r\n  // y\r\n  "a"\r\n]}')
    })
    it('give what was wanted from any list to any other, with no comment of one that stays lost', () => {
      const items = fc.uniqueArray(fc.constantFrom(...'abcdef'))
      const between = fc.constantFrom('', ' ', '\n', ' /* N */ ', ' // N, a\n', '\n  // N\n  ', ' /* N, */')
      fc.assert(
        fc.property(items, items, fc.infiniteStream(between), fc.boolean(), (from, to, gaps, isOpen) => {
          const gap = (name: string) => (gaps.next().value as string).replace('N', name)
          const parts = from.map((name, at) => {
            const comma = at < from.length - 1 || isOpen ? `${gap(name)},` : ''
            return `${gap('above')}"${name}"${gap(name)}${comma}`
          })
          const text = `{"list": [${parts.join('')}${gap('above')}]}`
          const after = withValue(text, { list: to }) ?? ''
          assert.ok(isSame(valueOf(after), { list: to }), `${text}\n${after}`)
          const count = (one: string, name: string) => one.split(new RegExp(`/[/*] ${name}\\b`)).length
          for (const name of from.filter((one) => to.includes(one)))
            assert.equal(count(after, name), count(text, name), `${name}\n${text}\n${after}`)
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
