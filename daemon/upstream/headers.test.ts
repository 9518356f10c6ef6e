import assert from 'node:assert/strict'
import { acceptEncodingUp, headersDown, headersUp, rawPairs } from './headers.ts'

const none: ReadonlySet<string> = new Set()

describe('upstream/headers', () => {
  it('passes unknown headers up in their order and case, and drops what belongs to a hop, a browser or us', () => {
    const raw = [
      'X-Api-Key',
      'k',
      'anthropic-beta',
      'a',
      'Anthropic-Beta',
      'b',
      'Connection',
      'keep-alive, X-Hop',
      'x-hop',
      '1',
      'Host',
      'h',
      'Cookie',
      'c',
      'Origin',
      'o',
      'Referer',
      'r',
      'Sec-Fetch-Mode',
      'cors',
      'Forwarded',
      'f',
      'X-Forwarded-For',
      'i',
      'Proxy-Authorization',
      'p',
      'TE',
      'trailers',
      'Transfer-Encoding',
      'chunked',
      'Content-Length',
      '3',
      'X-Tollkeeper-Task',
      't',
      'Accept-Encoding',
      'br',
      'Expect',
      '100-continue',
      'X-Odd',
      '',
    ]
    assert.deepEqual(headersUp(raw, none, false), [
      'X-Api-Key',
      'k',
      'anthropic-beta',
      'a',
      'Anthropic-Beta',
      'b',
      'X-Odd',
      '',
    ])
    assert.deepEqual(headersUp(['x-api-key', 'tk_1', 'a', 'b'], new Set(['x-api-key']), false), ['a', 'b'])
  })
  it('lets nothing that says who the caller is to a provider go along with a key of ours', () => {
    const raw = ['Authorization', 'k', 'X-API-Key', 'k', 'x-goog-api-key', 'k', 'api-key', 'k']
    const account = ['ChatGPT-Account-Id', 'a', 'OpenAI-Organization', 'o', 'openai-project', 'p', 'X-Codex-Any', 'c']
    const all = [...raw, ...account, 'x-goog-user-project', 'g', 'anthropic-beta', 'b']
    assert.deepEqual(headersUp(all, none, true), ['anthropic-beta', 'b'])
    assert.deepEqual(headersUp(all, none, false), all)
  })
  it('passes limits, retry-after and request ids down, and nothing that acts in a browser', () => {
    const raw = [
      'x-ratelimit-remaining-tokens',
      '1',
      'Retry-After',
      '2',
      'request-id',
      'r',
      'Set-Cookie',
      's',
      'Access-Control-Allow-Origin',
      '*',
      'alt-svc',
      'h3',
      'Clear-Site-Data',
      '"*"',
      'X-Tollkeeper-Provider',
      'fake',
      'Content-Length',
      '5',
      'Content-Encoding',
      'gzip',
      'Keep-Alive',
      'timeout=5',
    ]
    const ours = ['x-content-type-options', 'nosniff', 'content-security-policy', 'sandbox']
    const passed = ['x-ratelimit-remaining-tokens', '1', 'Retry-After', '2', 'request-id', 'r']
    assert.deepEqual(headersDown(raw, true), [...passed, 'Content-Length', '5', 'Content-Encoding', 'gzip', ...ours])
    assert.deepEqual(headersDown(raw, false), [...passed, 'Content-Encoding', 'gzip', ...ours])
  })
  const encodings: [string | undefined, string][] = [
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip, deflate', 'gzip, deflate'],
    ['gzip, deflate, br, lz4', 'gzip, deflate, br'],
    ['lz4;q=1.0, gzip;q=0.5', 'gzip;q=0.5'],
    ['lz4', 'identity'],
    ['*', 'identity'],
  ]
  for (const [given, sent] of encodings) {
    it(`asks for ${sent} where the client takes ${given ?? 'nothing'}`, () =>
      assert.equal(acceptEncodingUp(given), sent))
  }
  it('keeps every byte of a raw header', () => {
    const bytes = Buffer.from([0x61, 0xff, 0xe9])
    assert.deepEqual(Buffer.from(rawPairs([bytes])[0] as string, 'latin1'), bytes)
  })
})
