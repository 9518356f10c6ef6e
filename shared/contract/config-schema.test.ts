/** The schema that editors check `config.jsonc` with: it takes what the daemon takes, and is where package.json says. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'jsonc-parser'
import * as z from 'zod'
import { config } from './config.ts'
import { configSchema } from './config-schema.ts'

const example = {
  $schema: 'https://example.com/config.schema.json',
  providers: {
    openai: { apiKey: '${OPENAI_API_KEY}' },
    work: { extends: 'anthropic', baseUrl: 'https://llm.example.com', allowPaths: ['/v1/files'], models: ['a'] },
    ollama: { extends: 'openai', baseUrl: 'http://127.0.0.1:11434/v1', local: true },
    slow: { extends: 'openai', timeouts: { connectSeconds: 5, headSeconds: 60, silenceSeconds: 30.5 } },
  },
  chains: { coding: ['work/claude-sonnet-4-5', 'ollama/qwen3-coder'] },
  routes: { 'claude-sonnet-*': 'coding' },
  defaultChain: 'coding',
  timeZone: 'Europe/Berlin',
  prices: { 'my-model': { inputUsdPerMillion: 1, outputUsdPerMillion: 2, cacheReadUsdPerMillion: 0.1 } },
  retention: { journalDays: 90, journalMiB: 512 },
  store: { flushEvents: 50, flushSeconds: 1, compactEvents: 10000 },
  'usage-statistics-enabled': true,
  'allow-remote-management': false,
  network: { proxy: 'http://proxy.example.com:8080', noProxy: 'localhost,.lan', caFile: 'ca.pem' },
}

describe('the JSON Schema of config.jsonc', () => {
  const schema = z.fromJSONSchema(configSchema())
  const bothTake = (value: unknown) => [schema.safeParse(value).success, config.safeParse(value).success]

  it('takes what the daemon takes', () => {
    for (const good of [{}, example, { network: { proxy: 'auto' } }, { network: { proxy: '${MY_PROXY:-none}' } }])
      assert.deepEqual(bothTake(good), [true, true], JSON.stringify(good))
  })

  it('refuses what the daemon refuses', () => {
    for (const wrong of [
      [],
      { provders: {} },
      { providers: { 'My Own': {} } },
      { providers: { openai: { apikey: 'x' } } },
      { providers: { openai: { timeouts: { connectSeconds: 0 } } } },
      { providers: { openai: { allowPaths: ['a path'] } } },
      { prices: { m: { inputUsdPerMillion: -1, outputUsdPerMillion: 1 } } },
      { store: { flushEvents: 1.5 } },
      { network: { proxy: 'socks5://corp:1080' } },
      { timeZone: 7 },
      { chains: { coding: [] } },
      { chains: { coding: ['no-provider'] } },
      { chains: { 'my chain': ['a/b'] } },
    ])
      assert.deepEqual(bothTake(wrong), [false, false], JSON.stringify(wrong))
  })

  it('takes the configs that the README shows', () => {
    const shown = readFileSync('README.md', 'utf8').match(/(?<=```jsonc\n)[\s\S]*?(?=```)/g) ?? []
    assert.equal(shown.length, 4)
    for (const text of shown) assert.deepEqual(bothTake(parse(text)), [true, true], text)
  })

  it('says of every key of a provider what it is for', () => {
    const text = JSON.stringify(configSchema())
    for (const words of [
      'A key to lend',
      'as its base URL',
      'Until a connection is there',
      'How calls leave this machine',
    ])
      assert.ok(text.includes(words), words)
  })

  it('is built to where package.json points editors, and is shipped', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      files: string[]
      contributes: { jsonValidation: { fileMatch: string; url: string }[] }
    }
    const [row] = manifest.contributes.jsonValidation
    assert.equal(row?.fileMatch, '**/.tollkeeper/config.jsonc')
    assert.deepEqual(JSON.parse(readFileSync(row.url, 'utf8')), configSchema())
    assert.ok(manifest.files.includes(row.url.replace('./', '')))
  })
})
