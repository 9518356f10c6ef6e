/** What a config file may hold, and that each fault in one is named with its place and never with a secret. */
import { strict as assert } from 'node:assert'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { configOf, readConfig } from './config-file.ts'

const env = { OPENAI_API_KEY: 'sk-proj-0123456789', EMPTY: '', HOST: 'llm.example.com' }

describe('a config file that is there, or not', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tk-config-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  it('is an empty config where there is none', () => {
    assert.deepEqual(readConfig(home, env), {
      config: {},
      problems: [],
      usable: true,
      path: join(home, 'config.jsonc'),
    })
  })

  it('is read from the home, byte order mark or not', () => {
    writeFileSync(join(home, 'config.jsonc'), '\uFEFF// mine\n{ "timeZone": "Europe/Berlin" }')
    assert.deepEqual(readConfig(home, env).config, { timeZone: 'Europe/Berlin' })
  })

  it('says why it cannot be read', () => {
    mkdirSync(join(home, 'config.jsonc'))
    const { config, problems } = readConfig(home, env)
    assert.deepEqual(config, {})
    assert.match(problems[0]?.text ?? '', /config\.jsonc cannot be read \(EISDIR\);.*the defaults are in use/)
  })

  it('says so where it may not be read', function () {
    const path = join(home, 'config.jsonc')
    writeFileSync(path, '{}')
    chmodSync(path, 0)
    const { problems } = readConfig(home, env)
    // Root reads everything, and on Windows modes keep nobody out.
    const expected = process.platform === 'win32' || process.getuid?.() === 0 ? 0 : 1
    assert.equal(problems.length, expected)
  })

  it('is not read when it is far too large', () => {
    writeFileSync(join(home, 'config.jsonc'), `{}${' '.repeat(1024 * 1024)}`)
    assert.match(readConfig(home, env).problems[0]?.text ?? '', /larger than 1 MiB/)
  })
})

describe('good configs', () => {
  it('may be empty, or comments alone', () => {
    for (const text of ['', ' \n', '// later\n', '/* later */']) {
      assert.deepEqual(configOf(text, env), { config: {}, problems: [], usable: true }, JSON.stringify(text))
    }
  })

  it('may hold comments and trailing commas', () => {
    const { config, problems } = configOf(
      `{ // providers
        "providers": { "ollama": { "extends": "openai", "baseUrl": "http://127.0.0.1:11434/v1", "local": true, }, },
        /* prices */ "prices": { "m": { "inputUsdPerMillion": 1, "outputUsdPerMillion": 2.5 } },
        "store": { "flushSeconds": 0.5 },
      }`,
      env,
    )
    assert.deepEqual(problems, [])
    assert.equal(config.providers?.ollama?.local, true)
    assert.equal(config.prices?.m?.outputUsdPerMillion, 2.5)
    assert.equal(config.store?.flushSeconds, 0.5)
  })

  it('take variables from the environment, in any string', () => {
    const { config, problems } = configOf(
      '{"providers":{"openai":{"apiKey":"${OPENAI_API_KEY}","baseUrl":"https://${HOST}/v1"}},"timeZone":"${TZ_:-UTC}"}',
      env,
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(config.providers?.openai, { apiKey: 'sk-proj-0123456789', baseUrl: 'https://llm.example.com/v1' })
    assert.equal(config.timeZone, 'UTC')
  })
})

describe('a key in place of a name', () => {
  const secret = 'sk-ant-api03-0123456789'
  for (const [subject, config] of [
    ['chains.[secret]', { chains: { [secret]: ['openai/m'] } }],
    ['chains.c.1', { chains: { c: ['openai/m', `openai/${secret}`] } }],
    ['routes.[secret]', { chains: { c: ['openai/m'] }, routes: { [secret]: 'c' } }],
    ['providers.[secret]', { providers: { [secret]: { extends: 'openai' } } }],
    ['providers.openai.models.0', { providers: { openai: { models: [secret] } } }],
    ['prices.[secret]', { prices: { [secret]: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } } }],
    ['budgets.0.id', { budgets: [{ id: secret, period: 'day', limitUsd: 1 }] }],
    ['budgets.0.scope.model', { budgets: [{ id: 'b', scope: { model: secret }, period: 'day', limitUsd: 1 }] }],
  ] as const)
    it(`makes the file unusable, and is not said again: ${subject}`, () => {
      const { usable, problems } = configOf(JSON.stringify(config), env)
      assert.deepEqual([usable, problems.map((problem) => problem.subject)], [false, [subject]])
      assert.match(problems[0]?.text ?? '', /line 1, column \d+: a key stands here in place of a name/)
      assert.doesNotMatch(JSON.stringify(problems), /0123456789/)
    })

  it('may stand where keys and addresses do', () => {
    const openai = { apiKey: secret, baseUrl: `https://llm.example.com/${secret}` }
    assert.equal(configOf(JSON.stringify({ providers: { openai } }), env).usable, true)
  })
})

describe('variables that are not set', () => {
  it('keep a key from being lent, and nothing else', () => {
    for (const name of ['NOT_SET', 'EMPTY']) {
      const { config, problems } = configOf(`{"providers":{"openai":{\n"apiKey":"\${${name}}","local":false}}}`, env)
      assert.deepEqual(config, { providers: { openai: { local: false } } })
      assert.equal(problems.length, 1)
      assert.equal(problems[0]?.code, 'provider-disabled')
      assert.equal(problems[0]?.subject, 'openai')
      assert.match(problems[0]?.text ?? '', new RegExp(`line 2, column 1: .*lends no key: .*${name} is not set`))
    }
  })

  it('leave a provider out whose address needs them', () => {
    const { config, problems } = configOf('{"providers":{"openai":{"baseUrl":"https://${NOT_SET}/v1"}}}', env)
    assert.match(problems[0]?.text ?? '', /provider "openai" is left out: the environment variable NOT_SET/)
    assert.equal(config.providers?.openai?.baseUrl, 'https://${NOT_SET}/v1')
  })

  it('elsewhere make the file unusable', () => {
    const { config, problems } = configOf('{"allowedHosts":["${NOT_SET}"]}', env)
    assert.deepEqual(config, {})
    assert.match(problems[0]?.text ?? '', /column 18: the environment variable NOT_SET is not set.*defaults/)
  })

  it('and braces that begin none are told apart, without repeating what stands in them', () => {
    for (const inside of ['${sk-ant-api03-SECRET}', '${', '${SECRET']) {
      const { problems } = configOf(JSON.stringify({ providers: { openai: { apiKey: inside } } }), env)
      assert.match(problems.map((one) => one.text).join(), /begins no variable/)
      assert.doesNotMatch(JSON.stringify(problems), /SECRET/)
    }
  })
})

describe('keys in plain text', () => {
  it('are used, with a warning that does not repeat them', () => {
    for (const apiKey of ['sk-SECRET', '${NOT_SET:-sk-SECRET}']) {
      const { config, problems } = configOf(JSON.stringify({ providers: { 'my-own': { apiKey } } }), env)
      assert.equal(config.providers?.['my-own']?.apiKey, 'sk-SECRET')
      assert.equal(problems[0]?.code, 'literal-key')
      assert.match(problems[0]?.text ?? '', /\$\{MY_OWN_API_KEY\}/)
      assert.doesNotMatch(JSON.stringify(problems), /SECRET/)
    }
  })
})

describe('faults', () => {
  const rows: [string, string, RegExp][] = [
    ['a missing comma', '{\n  "timeZone": "UTC"\n  "prices": {}\n}', /line 3, column 3: a comma is missing/],
    ['a missing brace', '{ "prices": {', /line 1, column 14: a closing brace \} is missing/],
    ['an open string', '{ "timeZone": "UTC\n}', /line 1, column 15: a string is not closed/],
    ['a bare word', '{ "timeZone": UTC }', /line 1, column 15: this is no value/],
    ['something after the end', '{} x', /column 4/],
    ['an open comment', '{ /* }', /a comment is not closed/],
    ['a list', '[1]', /must hold one object/],
    ['a number for text', '{"timeZone":\n  7}', /line 1, column 2: timeZone must be text in double quotes/],
    ['text for a number', '{"store":{"flushEvents":"50"}}', /store\.flushEvents must be a (whole )?number/],
    ['a negative price', '{"prices":{"m":{"inputUsdPerMillion":-1,"outputUsdPerMillion":1}}}', /must be at least 0/],
    ['a missing price', '{"prices":{"m":{"inputUsdPerMillion":1}}}', /prices\.m\.outputUsdPerMillion must be a number/],
    ['zero events', '{"store":{"flushEvents":0}}', /must be more than 0/],
    [
      'a chain twice through one target',
      '{"chains":{\n"a":["x/m",\n"y/m", "x/m"]}}',
      /line 3, column 8: chains\.a\.2 stands in its chain twice/,
    ],
    ['an empty chain', '{"chains":{"a":[]}}', /chains\.a must hold at least 1\./],
    [
      'a chain of no targets',
      '{"chains":{"a":["gpt-4o"]}}',
      /chains\.a\.0 is not valid: a target is written as provider/,
    ],
    [
      'a route to no chain',
      '{"chains":{"a":["x/m"]},\n"routes":{"m":"a", "n*":"b"}}',
      /line 2, column 20: routes\.n\* leads to a chain that is not there; there are: a\./,
    ],
    [
      'a default of no chain',
      '{"defaultChain":"SECRET"}',
      /defaultChain leads to a chain that is not there; write it under "chains"\./,
    ],
    ['a bad provider id', '{"providers":{"My Provider":{}}}', /is no good name: a provider id is a–z/],
  ]
  for (const [what, text, expected] of rows) {
    it(`${what}: the defaults, and where it is`, () => {
      const { config, problems } = configOf(text, env)
      assert.deepEqual(config, {})
      assert.equal(problems[0]?.code, 'config-invalid')
      assert.match(problems[0]?.text ?? '', expected)
      assert.match(problems[0]?.text ?? '', /defaults are in use/)
      assert.doesNotMatch(problems[0]?.text ?? '', /SECRET/)
    })
  }

  it('names the end of the file once, however many braces are missing there', () => {
    assert.equal(configOf('{ "providers": { "x": {', env).problems.length, 1)
  })

  it('an unknown key is named and passed over, and the rest holds', () => {
    const { config, problems } = configOf(
      '{"timeZone":"UTC",\n "bugdets":[], "providers":{"openai":{"basUrl":"https://SECRET"}}}',
      env,
    )
    assert.deepEqual(config, { timeZone: 'UTC', providers: { openai: {} } })
    assert.deepEqual(problems.map((one) => one.subject).sort(), ['bugdets', 'providers.openai.basUrl'])
    assert.match(problems.map((one) => one.text).join('\n'), /line 2, column 2: unknown key "bugdets"/)
    assert.doesNotMatch(JSON.stringify(problems), /SECRET/)
  })

  it('a time zone that does not exist is passed over', () => {
    const { config, problems } = configOf('{"timeZone":"Mars/Olympus","prices":{}}', env)
    assert.deepEqual(config, { prices: {} })
    assert.match(problems[0]?.text ?? '', /column 2: timeZone is no zone/)
  })

  it('prototype names change nothing', () => {
    configOf('{"__proto__":{"polluted":1},"prices":{"__proto__":{"polluted":1}}}', env)
    assert.equal((Object.prototype as Record<string, unknown>).polluted, undefined)
  })

  it('endless nesting is refused', () => {
    assert.match(configOf('['.repeat(200_000), env).problems[0]?.text ?? '', /nested too deeply|closing bracket/)
  })

  it('no text whatever makes it throw', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(configOf(text, env).problems)))
    fc.assert(fc.property(fc.jsonValue(), (value) => Array.isArray(configOf(JSON.stringify(value), env).problems)))
  })
})
