/** Where relative parts may go, and by many made-up ones that none leaves its provider's origin and base path. */
import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { splitBaseUrl } from './base-url.ts'
import { knownProviders } from './index.ts'
import { targetUrl } from './target-url.ts'

const openai = 'https://api.openai.com/v1'
const bare = 'https://api.anthropic.com'

/** Parsers differ in whether they encode these; it is all the same to where a path leads. */
const spelledOut = (path: string) => path.replace(/%(22|3C|3E|5E|60|7B|7C|7D)/gi, decodeURIComponent)

describe('targetUrl', () => {
  const joined: [string, string, string, string][] = [
    [openai, '/v1/chat/completions', '', 'https://api.openai.com/v1/chat/completions'],
    [openai, 'chat/completions', '', 'https://api.openai.com/v1/chat/completions'],
    [bare, '/v1/messages', '?beta=true', 'https://api.anthropic.com/v1/messages?beta=true'],
    [`${bare}/v1`, '/v1/messages', 'beta=true', 'https://api.anthropic.com/v1/messages?beta=true'],
    [`${bare}/`, '/v1/messages', '', 'https://api.anthropic.com/v1/messages'],
    ['https://api.groq.com/openai/v1', '/v1/models', '', 'https://api.groq.com/openai/v1/models'],
    // as groq-sdk 1.6 asks
    [
      'https://api.groq.com/openai/v1',
      '/openai/v1/chat/completions',
      '',
      'https://api.groq.com/openai/v1/chat/completions',
    ],
    ['https://g.example/api/v1', '/api/v1/x', '', 'https://g.example/api/v1/x'],
    ['https://g.example/api/v1', '/other/v1/x', '', 'https://g.example/api/v1/other/v1/x'],
    ['https://g.example/api', '/api/x', '', 'https://g.example/api/api/x'],
    [openai, '/v1/v1/x', '', 'https://api.openai.com/v1/v1/x'],
    [openai, '/v1beta/x', '', 'https://api.openai.com/v1/v1beta/x'],
    [openai, '/v1x/y', '', 'https://api.openai.com/v1/v1x/y'],
    [
      'https://g.example/v1beta',
      '/v1beta/models/m:generateContent',
      'alt=sse',
      'https://g.example/v1beta/models/m:generateContent?alt=sse',
    ],
    [openai, '/v1', '', 'https://api.openai.com/v1'],
    [bare, '', '', 'https://api.anthropic.com/'],
    [openai, '/models/org%2Fmodel', '', 'https://api.openai.com/v1/models/org%2Fmodel'],
    [openai, '/files/a..b/...', '', 'https://api.openai.com/v1/files/a..b/...'],
    [openai, '/x', '?q=../..%2e%2e', 'https://api.openai.com/v1/x?q=../..%2e%2e'],
    ['http://[::1]:11434/v1', '/v1/chat/completions', '', 'http://[::1]:11434/v1/chat/completions'],
  ]
  for (const [base, rest, query, expected] of joined) {
    it(`${base} + ${rest}${query}`, () => {
      const target = targetUrl({ baseUrl: base }, rest, query)
      assert.ok('origin' in target)
      assert.equal(target.origin + target.path, expected)
    })
  }

  const refused = [
    '..',
    '/../x',
    '/x/../../y',
    '/./x',
    '/%2e%2e/x',
    '/.%2E/x',
    '/%252e%252e/x',
    '/%25252e%25252e/x',
    '/%2525252525252e/x',
    '/a%2f..%2fb',
    '/..;/admin',
    '/..%3b/admin',
    '/a\\b',
    '/a%5cb',
    '/a%255cb',
    '/a%00b',
    '/a%2500b',
    '/a\0b',
    '//evil.example/x',
    '/a b',
    '/a\r\nHost: evil',
    '/a#b',
    '/a?b',
    '/ä',
  ]
  for (const rest of refused) {
    it(`refuses ${JSON.stringify(rest)} and says why`, () => {
      const target = targetUrl({ baseUrl: openai }, rest, '')
      assert.ok('bad' in target && target.bad.length > 10, JSON.stringify(target))
    })
  }

  it('refuses a query that cannot stand in a request line', () => {
    for (const query of ['a b', 'a#b', 'a\r\nb', 'ä']) assert.ok('bad' in targetUrl({ baseUrl: openai }, '/x', query))
  })

  it('never leaves the origin and the base path, whatever it is given', () => {
    const bases = [...knownProviders.map((one) => one.baseUrl), 'http://127.0.0.1:1234/a/b', 'https://h.example']
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '%',
      '2e',
      '2f',
      '5c',
      '00',
      '25',
      ';',
      '@',
      ':',
      '?',
      '#',
      'v1',
      'x',
      '//',
      '\t',
    )
    const rest = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.string(),
      fc.webPath(),
    )
    fc.assert(
      fc.property(fc.constantFrom(...bases), rest, fc.oneof(fc.string(), fc.constant('')), (base, relative, query) => {
        const target = targetUrl({ baseUrl: base }, relative, query)
        if ('bad' in target) return
        const url = new URL(target.origin + target.path)
        const home = new URL(base)
        assert.equal(url.origin, home.origin)
        // A parser that knows dot segments finds none, so it changes nothing.
        assert.equal(spelledOut(url.pathname), spelledOut(target.path.split('?')[0] ?? ''))
        const within = home.pathname.replace(/\/+$/, '')
        assert.ok(url.pathname === within || url.pathname.startsWith(`${within}/`), url.href)
        assert.equal(new URL(target.path, `${target.origin}/`).origin, home.origin)
      }),
      { numRuns: 300 },
    )
  })
})

describe('splitBaseUrl', () => {
  it('knows what is on this machine', () => {
    for (const [url, loopback] of [
      ['http://127.0.0.1:11434/v1', true],
      ['http://127.9.9.9', true],
      ['http://localhost:1234', true],
      ['http://LOCALHOST', true],
      ['http://[::1]:80/v1', true],
      ['http://192.168.0.2', false],
      ['http://127.0.0.1.evil.example', false],
      ['http://localhost.evil.example', false],
      ['http://127.1', false],
      ['http://[::ffff:127.0.0.1]', false],
    ] as const) {
      const split = splitBaseUrl(url)
      assert.ok('loopback' in split, url)
      assert.equal(split.loopback, loopback, url)
    }
  })

  it('refuses what is no plain base URL', () => {
    for (const url of [
      '',
      'api.openai.com/v1',
      'ftp://x/y',
      'file:///etc/passwd',
      'https://',
      'https://user:pw@host/v1',
      'http://localhost@evil.example/',
      'https://host/v1?x=1',
      'https://host/v1#x',
      'https://host/a/../b',
      'https://host/%2e%2e/b',
      'https://host/a//b',
      'https://host\\@evil/',
      'https://ho st/',
      'https://host:port/',
    ]) {
      assert.ok('bad' in splitBaseUrl(url), url)
    }
  })

  it('takes a client’s version off where a provider has none', () => {
    const codex = { baseUrl: 'https://chatgpt.example/backend-api/codex', unversioned: true }
    for (const rest of ['v1/responses', 'responses']) {
      const path = '/backend-api/codex/responses'
      assert.deepEqual(targetUrl(codex, rest, ''), { origin: 'https://chatgpt.example', path })
    }
  })
})
