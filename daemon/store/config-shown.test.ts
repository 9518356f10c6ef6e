/** That a shown config holds no secret, and that one which comes back holds the secrets of the file again and no new ones. */
import { strict as assert } from 'node:assert'
import { bareOf, putBack, shownOf } from './config-shown.ts'

const held = {
  providers: {
    openai: { apiKey: '${OPENAI_API_KEY}' },
    work: { apiKey: 'LITERAL', baseUrl: 'https://${HOST}/v1' },
    other: { apiKey: '${KEY:-LITERAL}' },
  },
  webhooks: [
    { url: 'https://example.com/LITERAL?LITERAL', secret: 'LITERAL' },
    { url: '${HOOK_URL}', secret: '${HOOK_SECRET}' },
    { url: 'https://example.com', secret: '${HOOK_SECRET}' },
  ],
  network: { proxy: 'http://me:LITERAL@proxy.example.com:8080' },
  limits: { bodyMiB: 3 },
}

describe('a shown config', () => {
  it('holds names of variables but no secret', () => {
    const shown = shownOf(held)
    assert.doesNotMatch(JSON.stringify(shown), /LITERAL/)
    assert.deepEqual(shown, {
      providers: {
        openai: { apiKey: '${OPENAI_API_KEY}' },
        work: { apiKey: '[secret]', baseUrl: 'https://${HOST}/v1' },
        other: { apiKey: '[secret]' },
      },
      webhooks: [
        { url: 'https://example.com/[secret]', secret: '[secret]' },
        { url: '${HOOK_URL}', secret: '${HOOK_SECRET}' },
        { url: 'https://example.com', secret: '${HOOK_SECRET}' },
      ],
      network: { proxy: 'http://me:[secret]@proxy.example.com:8080' },
      limits: { bodyMiB: 3 },
    })
  })

  it('comes back as it was', () => {
    assert.deepEqual(putBack(shownOf(held), held), { value: held })
  })

  it('may come back with other plain values', () => {
    const shown = { ...(shownOf(held) as typeof held), limits: { bodyMiB: 5 }, allowedHosts: ['box'] }
    assert.deepEqual(putBack(shown, held), { value: { ...held, limits: { bodyMiB: 5 }, allowedHosts: ['box'] } })
  })

  it('may come back with the texts of a list in another order, variables too', () => {
    const lists = { allowedHosts: ['a', '${HOST}', 'b'], chains: { c: ['${P}/m', 'openai/m'] } }
    const wanted = { allowedHosts: ['${HOST}', 'b', 'c', 'a'], chains: { c: ['openai/m', '${P}/m'] } }
    assert.deepEqual(putBack(wanted, lists), { value: wanted })
    const elsewhere = putBack({ chains: { d: ['${P}/m'] } }, lists)
    assert.deepEqual('bad' in elsewhere && elsewhere.path, 'chains.d.0')
    // a secret is nothing but what stands at its own place
    const secrets = { more: [`sk-${'a'.repeat(40)}`, 'b'] }
    const back = putBack({ more: ['b', ...secrets.more] }, secrets)
    assert.deepEqual('bad' in back && back.path, 'more.1')
  })

  it('brings in no variable, no key, and no secret of another place', () => {
    for (const [wanted, path, bad] of [
      [{ timeZone: '${HOME}' }, 'timeZone', /holds a variable/],
      [{ allowedHosts: ['a', 'b${X}'] }, 'allowedHosts.1', /holds a variable/],
      [{ providers: { groq: { apiKey: 'abc' } } }, 'providers.groq.apiKey', /is a secret/],
      [{ providers: { groq: { apiKey: '${OPENAI_API_KEY}' } } }, 'providers.groq.apiKey', /holds a variable/],
      [{ providers: { openai: { baseUrl: '${OPENAI_API_KEY}' } } }, 'providers.openai.baseUrl', /holds a variable/],
      [{ timeZone: '[secret]' }, 'timeZone', /is a secret/],
      [{ chains: { '[secret]': ['a/b'] } }, 'chains.[secret]', /is a secret/],
      [{ allowedHosts: [`sk-${'a'.repeat(40)}`] }, 'allowedHosts.0', /is a secret/],
      [{ webhooks: [{}, { secret: '[secret]' }] }, 'webhooks.1.secret', /is a secret/],
      [{ webhooks: [{ url: 'https://other.example.com/[secret]' }] }, 'webhooks.0.url', /is a secret/],
    ] as const) {
      const back = putBack(wanted, held)
      assert.ok('bad' in back, JSON.stringify(wanted))
      assert.equal(back.path, path)
      assert.match(back.bad, bad)
    }
  })

  it('without its secrets loses a webhook as a whole where part of it is one', () => {
    const { config, leftOut } = bareOf(held)
    assert.doesNotMatch(JSON.stringify(config), /LITERAL/)
    assert.deepEqual(config.webhooks, held.webhooks.slice(1))
    assert.deepEqual(
      leftOut.filter((path) => path.startsWith('webhooks')),
      ['webhooks.0.url', 'webhooks.0.secret'],
    )
  })
})
