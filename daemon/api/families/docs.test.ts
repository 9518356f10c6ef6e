import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { Endpoint } from '../../../shared/contract/endpoint.ts'
import { endpoints } from '../../../shared/contract/endpoints/index.ts'
import type { OpenApi } from '../../../shared/contract/openapi.ts'
import { exchange } from '../../test/exchange.ts'
import { start } from '../../test/start.ts'
import { startApi } from '../../test/start-api.ts'
import { docsHtml } from '../docs-page.ts'

const rows = Object.entries<Endpoint>(endpoints)

describe('the description of the API', () => {
  let document: OpenApi
  let page: Awaited<ReturnType<Awaited<ReturnType<typeof startApi>>['ask']>>
  before(async () => {
    const api = await startApi()
    document = (await api.ask('/api/openapi.json')).json as OpenApi
    page = await api.ask('/api/docs')
    await api.close()
  })

  it('is a valid OpenAPI 3.1 document whose references all lead somewhere', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(document))
    assert.ok(valid, JSON.stringify(errors))
    assert.equal(validator.version, '3.1')
    const broken = structuredClone({ ...document, paths: { '/x': { get: { responses: 'none' } } } })
    assert.equal((await validator.validate(broken)).valid, false)
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
    assert.ok(references.length > 0)
    for (const path of new Set(references)) {
      const found = path.split('/').reduce<unknown>((at, key) => Reflect.get(at as object, key), document)
      assert.ok(found, path)
    }
  })

  it('has every row of the table, and says what it needs', () => {
    for (const [name, row] of rows) {
      const operation = document.paths[row.path]?.[row.method.toLowerCase()]
      assert.equal(operation?.operationId, name)
      assert.equal(operation.requestBody !== undefined, row.body !== undefined, name)
      const inPath = operation.parameters?.filter((one) => one.in === 'path').map((one) => one.name) ?? []
      assert.deepEqual(
        inPath,
        [...row.path.matchAll(/\{(\w+)\}/g)].map(([, param]) => param),
      )
      for (const alternative of operation.security) {
        for (const scheme of Object.keys(alternative)) assert.ok(document.components.securitySchemes[scheme], scheme)
      }
      assert.equal(operation.security.length === 0, row.auth === 'none', name)
    }
    const metrics = document.paths['/v0/management/qs/metrics']?.get
    assert.deepEqual(
      metrics?.parameters?.map(({ name, required }) => [name, required]),
      [
        ['from', false],
        ['to', false],
        ['model', false],
        ['simulated', false],
      ],
    )
    assert.ok(metrics.security.some((one) => 'x-management-key' in one))
    assert.equal(
      document.paths['/v1/stats/summary']?.get?.security.some((one) => 'x-management-key' in one),
      false,
    )
    assert.ok('503' in (document.paths['/health']?.get?.responses ?? {}))
    assert.ok('text/html; charset=utf-8' in (contentOf('/api/docs') ?? {}))
    assert.deepEqual(Object.keys(contentOf('/api/v1/cost/export') ?? {}), ['text/csv', 'application/json'])
  })

  function contentOf(path: string) {
    const reply = document.paths[path]?.get?.responses['200']
    return reply && 'content' in reply ? reply.content : undefined
  }

  it('is a page as well, which runs nothing, loads nothing and names every row', () => {
    assert.equal(page.status, 200)
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.doesNotMatch(page.text, /<script|<link|<img|<iframe|\son\w+=|javascript:|url\(|@import|https?:/i)
    for (const [name, row] of rows) {
      assert.ok(page.text.includes(`<h3 id="${name}"><code>${row.method} ${row.path}</code></h3>`), name)
    }
    const style = /<style>([^<]*)<\/style>/.exec(page.text)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    assert.equal(
      page.headers['content-security-policy'],
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
  })

  it('shows text as text', () => {
    const info = { ...document.info, description: `<b title="x">&'` }
    assert.ok(docsHtml({ ...document, info }).includes('<p>&#60;b title=&#34;x&#34;&#62;&#38;&#39;</p>'))
  })

  it('opens in a browser that somebody navigates there, and in no other site’s page', async () => {
    const story = await start()
    const navigating = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' }
    const script = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script', 'sec-fetch-site': 'cross-site' }
    for (const path of ['/api/docs', '/api/openapi.json']) {
      assert.equal((await exchange(story.url + path, { headers: navigating })).status, 200)
      assert.equal((await exchange(story.url + path, { headers: script })).status, 403)
    }
    await story.end()
  })
})
