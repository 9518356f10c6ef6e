import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import { guard } from './guard.ts'

const rules = { port: 8655, allowedHosts: ['toll.internal'], allowedOrigins: ['http://localhost:3000'] }
const page = { page: true } as Endpoint

function asked(method: string, pairs: [string, string][], url = '/'): IncomingMessage {
  const headers = Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]))
  return { method, url, headers, rawHeaders: pairs.flat() } as unknown as IncomingMessage
}
const host: [string, string] = ['Host', '127.0.0.1:8655']
const verdict = (method: string, pairs: [string, string][], row?: Endpoint) => {
  const found = guard(asked(method, pairs), row, rules)
  return found.kind === 'stop' ? found.code : found.kind
}

describe('proxy/guard', () => {
  for (const name of ['127.0.0.1:8655', '[::1]:8655', 'localhost:8655', 'LOCALHOST:8655']) {
    it(`lets Host ${name} in`, () => assert.equal(verdict('GET', [['Host', name]]), 'pass'))
  }
  for (const name of [
    '127.0.0.1',
    '127.0.0.1:8656',
    'localhost:8655.evil.example',
    'evil.example',
    '127.0.0.2:8655',
    '',
  ]) {
    it(`turns Host ${JSON.stringify(name)} away`, () => assert.equal(verdict('GET', [['Host', name]]), 'wrong_host'))
  }
  it('turns away two Hosts and none', () => {
    assert.equal(verdict('GET', [host, ['host', 'evil.example']]), 'wrong_host')
    assert.equal(verdict('GET', []), 'wrong_host')
  })

  const targets: [string, string][] = [
    ['http://127.0.0.1:8655/x', 'pass'],
    ['http://TOLL.internal:8655/x', 'pass'],
    ['http://evil.example/x', 'wrong_host'],
    ['http://127.0.0.1/x', 'wrong_host'],
    ['http://evil.example@127.0.0.1:8655/x', 'wrong_host'],
    ['https://127.0.0.1:8655/x', 'bad_request'],
    ['*', 'bad_request'],
  ]
  for (const [target, expected] of targets) {
    it(`target ${target}: ${expected}, and no word for a Host that is not ours`, () => {
      const found = (name: string) => guard(asked('GET', [['Host', name]], target), undefined, rules)
      const own = found('localhost:8655')
      assert.equal(own.kind === 'stop' ? own.code : own.kind, expected)
      assert.equal(found('evil.example').kind, 'stop')
    })
  }

  const origins: [string, string][] = [
    ['vscode-file://vscode-app', 'pass'],
    ['http://127.0.0.1:8655', 'pass'],
    ['http://localhost:3000', 'pass'],
    ['http://localhost:3001', 'origin_not_allowed'],
    ['https://127.0.0.1:8655', 'origin_not_allowed'],
    ['null', 'origin_not_allowed'],
    ['file://', 'origin_not_allowed'],
    ['https://evil.example', 'origin_not_allowed'],
  ]
  for (const [origin, expected] of origins) {
    it(`Origin ${origin}: ${expected}`, () => assert.equal(verdict('POST', [host, ['Origin', origin]]), expected))
  }
  it('turns two Origins away, even two good ones', () => {
    const one: [string, string] = ['Origin', 'vscode-file://vscode-app']
    assert.equal(verdict('POST', [host, one, one]), 'origin_not_allowed')
  })
  it('answers OPTIONS for members only', () => {
    assert.equal(verdict('OPTIONS', [host, ['Origin', 'http://localhost:3000']]), 'preflight')
    assert.equal(verdict('OPTIONS', [host, ['Origin', 'http://evil.example']]), 'origin_not_allowed')
    assert.equal(verdict('OPTIONS', [host]), 'cross_site')
  })

  it("passes what Node's fetch sends", () => {
    assert.equal(verdict('POST', [host, ['sec-fetch-mode', 'cors'], ['accept-language', '*']]), 'pass')
  })
  const metadata: [string, [string, string][], Endpoint | undefined, string][] = [
    [
      'a navigation to the API',
      [
        ['sec-fetch-mode', 'navigate'],
        ['sec-fetch-dest', 'document'],
        ['sec-fetch-site', 'none'],
      ],
      undefined,
      'cross_site',
    ],
    [
      'a navigation to a page',
      [
        ['sec-fetch-mode', 'navigate'],
        ['sec-fetch-dest', 'document'],
        ['sec-fetch-site', 'none'],
      ],
      page,
      'pass',
    ],
    [
      'a link on a web page to a page',
      [
        ['sec-fetch-mode', 'navigate'],
        ['sec-fetch-dest', 'document'],
        ['sec-fetch-site', 'cross-site'],
      ],
      page,
      'pass',
    ],
    [
      "a page's own script",
      [
        ['sec-fetch-mode', 'no-cors'],
        ['sec-fetch-dest', 'script'],
        ['sec-fetch-site', 'same-origin'],
      ],
      page,
      'pass',
    ],
    [
      'a script of ours on another site',
      [
        ['sec-fetch-mode', 'no-cors'],
        ['sec-fetch-dest', 'script'],
        ['sec-fetch-site', 'cross-site'],
      ],
      page,
      'cross_site',
    ],
    [
      'an image of the API',
      [
        ['sec-fetch-mode', 'no-cors'],
        ['sec-fetch-dest', 'image'],
        ['sec-fetch-site', 'cross-site'],
      ],
      undefined,
      'cross_site',
    ],
    [
      'another port of localhost',
      [
        ['sec-fetch-mode', 'cors'],
        ['sec-fetch-dest', 'empty'],
        ['sec-fetch-site', 'same-site'],
      ],
      undefined,
      'cross_site',
    ],
    [
      'the same origin without the page value',
      [
        ['sec-fetch-mode', 'cors'],
        ['sec-fetch-dest', 'empty'],
        ['sec-fetch-site', 'same-origin'],
      ],
      undefined,
      'cross_site',
    ],
    [
      'our own page asking',
      [
        ['sec-fetch-mode', 'cors'],
        ['sec-fetch-dest', 'empty'],
        ['sec-fetch-site', 'same-origin'],
        ['x-tollkeeper-page', 'v'],
      ],
      undefined,
      'pass',
    ],
    [
      'a page value from another site',
      [
        ['sec-fetch-mode', 'cors'],
        ['sec-fetch-dest', 'empty'],
        ['sec-fetch-site', 'cross-site'],
        ['x-tollkeeper-page', 'v'],
      ],
      undefined,
      'cross_site',
    ],
    ['a WebSocket without an Origin from a browser', [['sec-fetch-mode', 'websocket']], undefined, 'cross_site'],
  ]
  for (const [what, pairs, row, expected] of metadata) {
    it(`${what}: ${expected}`, () => assert.equal(verdict('GET', [host, ...pairs], row), expected))
  }
  it('a POST of JSON may say any site, a form may not', () => {
    const site: [string, string] = ['sec-fetch-site', 'same-origin']
    assert.equal(verdict('POST', [host, site, ['content-type', 'application/json; charset=utf-8']]), 'pass')
    assert.equal(verdict('POST', [host, site, ['content-type', 'text/plain']]), 'cross_site')
  })
})
