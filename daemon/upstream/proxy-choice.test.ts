/** Which proxy a request goes through, by config and by variables. */
import { strict as assert } from 'node:assert'
import { proxyFor, readProxies } from './proxy-choice.ts'

const env = { HTTPS_PROXY: 'http://corp:8080', NO_PROXY: 'internal.example, .lan,[fd00::1]:8443,10.0.0.7:99' }

describe('the choice of a proxy', () => {
  const through = (
    host: string,
    given: {
      proxy?: string
      noProxy?: string
      env?: Record<string, string>
      scheme?: 'http' | 'https'
      port?: number
    } = {},
  ) => {
    const { proxies } = readProxies(given.proxy ?? 'auto', given.noProxy, given.env ?? env)
    return proxyFor(proxies, given.scheme ?? 'https', host, given.port ?? 443)?.host ?? null
  }

  it('takes the variables that other programs read, small letters first', () => {
    assert.equal(through('api.openai.com'), 'corp:8080')
    assert.equal(through('api.openai.com', { env: { ...env, https_proxy: 'http://other:1' } }), 'other:1')
    assert.equal(through('api.openai.com', { env: { ALL_PROXY: 'corp:3128' } }), 'corp:3128')
    assert.equal(through('api.openai.com', { scheme: 'http', port: 80 }), null)
    assert.equal(through('api.openai.com', { env: { http_proxy: 'http://corp:1' } }), null)
    assert.equal(through('api.openai.com', { env: {} }), null)
  })

  it('takes the config before them', () => {
    assert.equal(through('api.openai.com', { proxy: 'none' }), null)
    assert.equal(through('api.openai.com', { proxy: 'https://mine:4443' }), 'mine:4443')
    assert.equal(through('api.openai.com', { proxy: 'http://mine:1', scheme: 'http', port: 80 }), 'mine:1')
    assert.equal(through('git.lan', { noProxy: 'api.openai.com' }), 'corp:8080')
    assert.equal(through('api.openai.com', { noProxy: 'api.openai.com' }), null)
  })

  it('leaves out what NO_PROXY names: names, what is below them, ports, everything', () => {
    for (const host of ['internal.example', 'a.internal.example', 'INTERNAL.example.', 'git.lan', 'lan'])
      assert.equal(through(host), null, host)
    for (const host of ['notinternal.example', 'internal.example.com', 'plan'])
      assert.equal(through(host), 'corp:8080', host)
    assert.equal(through('fd00::1', { port: 8443 }), null)
    assert.equal(through('fd00::1'), 'corp:8080')
    assert.equal(through('10.0.0.7', { port: 99 }), null)
    assert.equal(through('10.0.0.7'), 'corp:8080')
    assert.equal(through('api.openai.com', { noProxy: '*' }), null)
  })

  it('never takes this machine through a proxy', () => {
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost', 'LOCALHOST'])
      assert.equal(through(host, { proxy: 'http://corp:8080', noProxy: '' }), null, host)
  })

  it('names what is no proxy that it can use', () => {
    assert.deepEqual(readProxies('auto', undefined, { HTTPS_PROXY: 'socks5://corp:1080' }).bad, [
      { name: 'HTTPS_PROXY', bad: 'is of the kind socks5://, not http:// or https://' },
    ])
    assert.deepEqual(readProxies('http://:99999', undefined, {}).bad, [{ name: 'network.proxy', bad: 'is no URL' }])
  })
})
