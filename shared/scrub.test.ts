/** Every form of a secret that could reach a line of text, and that scrubbing breaks no JSON and no ordinary words. */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { scrub, scrubber, withoutValue } from './scrub.ts'

const body = 'Zq9_x-7Kd2Lm4Np6Rs8Tv0'
const secrets = [
  `sk-${body}`,
  `sk-proj-${body}`,
  `sk-ant-api03-${body}`,
  `sk-ant-oat01-${body}`,
  `sk-or-v1-${body}`,
  `tk_${body}${body}`,
  `tk_local_${body}`,
  `AIza${body}`,
  `gsk_${body}`,
  `xai-${body}`,
  `csk-${body}`,
  `pplx-${body}`,
  `nvapi-${body}`,
  `tgp_v1_${body}`,
  `whsec_${body}`,
  `eyJhbGciOiJIUzI1NiJ9.${body}.${body}`,
  `eyJhbGciOiJIUzI1NiJ9.${body}`,
]

describe('scrub', () => {
  for (const secret of secrets) {
    it(`takes ${secret.slice(0, 12)}… out wherever it stands`, () => {
      const places = [
        secret,
        `key ${secret}.`,
        `(${secret})`,
        `a\n${secret}\tb`,
        `x=${secret}`,
        `https://h/p/${secret}/q`,
      ]
      for (const text of places) {
        assert.ok(!scrub(text).includes(body), text)
        const line = JSON.stringify({ msg: text, nested: JSON.stringify({ text }) })
        assert.ok(!scrub(line).includes(body), line)
      }
    })
  }

  const named = [
    `Authorization: Bearer ${body}`,
    `authorization: ${body}`,
    `AUTHORIZATION: Basic ${body}`,
    `{"authorization":"Bearer ${body}"}`,
    `{"Authorization":["Bearer ${body}"]}`,
    `{\\"authorization\\":\\"Bearer ${body}\\"}`,
    `x-api-key: ${body}`,
    `x-goog-api-key=${body}`,
    `X-Tollkeeper-Key: ${body}`,
    `{ "apiKey" : "${body}" }`,
    `api_key='${body}'`,
    `OPENAI_API_KEY=${body}`,
    `sent Bearer ${body} upstream`,
    `https://h/v1beta/models?key=${body}&alt=sse`,
    `/v1?alt=sse&access_token=${body}`,
    `https://user:${body}@example.com/v1`,
  ]
  for (const text of named) {
    it(`takes out what follows a telling name: ${text.slice(0, 30)}`, () => {
      assert.ok(!scrub(text).includes(body))
      const line = JSON.stringify({ msg: `first\n${text}`, deep: JSON.stringify({ text }) })
      assert.ok(!scrub(line).includes(body), scrub(line))
    })
  }

  it('takes out keys of Fireworks, whose form is narrower, as its beginning is an ordinary one', () => {
    assert.equal(scrub('a fw_Zq9x7Kd2Lm4Np6Rs8Tv0 b'), 'a [secret] b')
    assert.equal(scrub('fw_rules_of_this_machine'), 'fw_rules_of_this_machine')
  })

  it('leaves ordinary text alone', () => {
    for (const text of [
      'task-management-and-risk-assessment on disk-usage-monitor',
      'req_01JD8Z7Q2V3W4X5Y6Z7A8B9C0D claude-sonnet-4-5-20250929 gpt-4o',
      'the environment variable OPENAI_API_KEY is not set; set it, or write "${OPENAI_API_KEY:-default}".',
      'write "apiKey": "${OPENAI_API_KEY}" here',
      'http://127.0.0.1:8655/v1 and http://[::1]:8655/dashboard',
      '{"level":"info","time":"2026-11-22T00:00:00.000Z","msg":"Ready","url":"http://127.0.0.1:8655"}',
      'a key for the anthropic provider',
    ]) {
      assert.equal(scrub(text), text)
    }
  })

  it('keeps JSON valid and secrets out, whatever surrounds them', () => {
    const names = fc.constantFrom(
      'authorization',
      'apiKey',
      'x-api-key',
      'msg',
      'err',
      'key',
      '\n',
      '"',
      '\\',
      'api_key=',
    )
    const fragment = fc.oneof(
      fc.string(),
      fc.constantFrom(
        ...secrets,
        ...named,
        'Bearer ',
        'authorization: ',
        'api_key:',
        '?key=',
        '://a:b@',
        '\\',
        '"',
        '\n',
      ),
    )
    const text = fc.array(fragment, { maxLength: 5 }).map((parts) => parts.join(' '))
    const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
    const tree = fc.dictionary(names, fc.oneof(leaf, fc.array(leaf), fc.dictionary(names, leaf)))
    fc.assert(
      fc.property(tree, (value) => {
        const clean = scrub(JSON.stringify({ ...value, again: JSON.stringify(value) }))
        assert.doesNotThrow(() => JSON.parse(clean) as unknown, clean)
        assert.ok(!clean.includes(body), clean)
      }),
      { numRuns: 100 },
    )
  })

  it('changes nothing the second time', () => {
    for (const text of [...secrets, ...named]) assert.equal(scrub(scrub(text)), scrub(text))
  })
})

describe('scrubber', () => {
  it('knows values of any form, also those named later and as JSON or a URL spells them', () => {
    const values = new Set(['plain-but-secret'])
    const clean = scrubber(values)
    assert.equal(clean('a plain-but-secret b'), 'a [secret] b')
    values.add('with "quotes" & more')
    assert.equal(clean('with "quotes" & more'), '[secret]')
    assert.equal(clean(JSON.stringify({ v: 'with "quotes" & more' })), '{"v":"[secret]"}')
    assert.equal(clean(`?q=${encodeURIComponent('with "quotes" & more')}`), '?q=[secret]')
    assert.ok(!clean(`tk_${body}`).includes(body))
  })

  it('takes the longer of two values that overlap', () => {
    assert.equal(scrubber(new Set(['secret-a', 'secret-a-longer']))('secret-a-longer'), '[secret]')
  })

  it('does not take words out for a value that is hardly one', () => {
    assert.equal(scrubber(new Set(['', 'key']))('a key'), 'a key')
  })
})

describe('withoutValue', () => {
  it('takes a value out wherever it stands, but none so short that words are made of it', () => {
    assert.equal(withoutValue('no such key: my-own-key, my-own-key', 'my-own-key'), 'no such key: …, …')
    assert.equal(withoutValue('rate_limit_exceeded', 'x'), 'rate_limit_exceeded')
    assert.equal(withoutValue('rate_limit_exceeded', ''), 'rate_limit_exceeded')
  })
})
