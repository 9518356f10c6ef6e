/** Holds the contract to its version, and its table to the rules that all its rows keep. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { discovery } from './discovery.ts'
import type { Endpoint } from './endpoint.ts'
import { endpoints } from './endpoints/index.ts'
import { apiError } from './error.ts'
import { CONTRACT_VERSION, feedHello, feedMessage } from './feed.ts'

/** What the schemas hashed to when somebody last looked at what a change of them means for an old client. */
const held = { version: 1, hash: 'd5081181f344abf6' }

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const rows: [name: string, row: Endpoint][] = Object.entries(endpoints)
const schemaOf = (schema: z.core.$ZodType, io: 'input' | 'output' = 'output') => z.toJSONSchema(schema, { io }) as Json

/** Reading a schema in another order reads the same: keys are sorted, and so are names in lists. */
function sorted(json: Json): Json {
  if (Array.isArray(json)) {
    const items = json.map(sorted)
    return items.every((item) => typeof item === 'string') ? items.sort() : items
  }
  if (json === null || typeof json !== 'object') return json
  return Object.fromEntries(
    Object.keys(json)
      .sort()
      .map((key) => [key, sorted(json[key] ?? null)]),
  )
}

/** A row as a client meets it: what it may send, with which right, and what comes back. */
function wireOf({ auth, query, body, reply, produces, loopbackOnly, openOnLoopback, keyHeader }: Endpoint): Json {
  return {
    auth,
    loopbackOnly: loopbackOnly ?? false,
    openOnLoopback: openOnLoopback ?? false,
    keyHeader: keyHeader ?? null,
    produces: produces ?? 'application/json',
    query: query ? schemaOf(query, 'input') : null,
    body: body ? schemaOf(body, 'input') : null,
    reply: schemaOf(reply),
  }
}

function hashOf(): string {
  const contract = {
    endpoints: Object.fromEntries(rows.map(([, row]) => [`${row.method} ${row.path}`, wireOf(row)])),
    feed: { message: schemaOf(feedMessage), hello: schemaOf(feedHello, 'input') },
    error: schemaOf(apiError),
    discovery: schemaOf(discovery),
  }
  return createHash('sha256')
    .update(JSON.stringify(sorted(contract)))
    .digest('hex')
    .slice(0, 16)
}

/** Every name of a field below a schema. */
function fieldsOf(json: Json): string[] {
  if (Array.isArray(json)) return json.flatMap(fieldsOf)
  if (json === null || typeof json !== 'object') return []
  const { properties } = json
  const own = properties && typeof properties === 'object' && !Array.isArray(properties) ? Object.keys(properties) : []
  return [...own, ...Object.values(json).flatMap(fieldsOf)]
}

const snakeCase = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/
const families: readonly [name: string, paths: RegExp, field: RegExp][] = [
  ['snake_case', /^\/(health$|metrics$|api\/(v1\/|usage(\/|$)|openapi\.json$)|v0\/management\/)/, snakeCase],
  ['camelCase', /^\/v1\//, /^[a-z][a-zA-Z0-9]*$/],
  ['a page', /^\/(dashboard(\/|$)|api\/docs$)/, /^$/],
]

describe('the contract', () => {
  it('has the version that its schemas were looked at under', () => {
    assert.deepEqual(
      { version: CONTRACT_VERSION, hash: hashOf() },
      held,
      `The contract's schemas have changed: they hash to ${hashOf()} at version ${CONTRACT_VERSION}, and ${held.hash} at version ${held.version} is what was looked at. ` +
        'Would a client of the released version misread the new ones? Then raise CONTRACT_VERSION. Write the new version and hash into `held` of this test.',
    )
  })

  it('says in every row what it is for, in one line, and under which heading', () => {
    for (const [name, { summary, tag }] of rows) {
      assert.match(
        summary,
        /^[A-Z][^\n]*[^.\s]$/,
        `${name}: a summary is one line that starts with a capital and ends without a full stop`,
      )
      assert.match(tag, /^[a-z]+$/, `${name}: a tag is one lower-case word`)
    }
  })

  it('has one row for a method and path, whatever its parameters are called', () => {
    const seen = new Map<string, string>()
    for (const [name, { method, path }] of rows) {
      const key = `${method} ${path.replace(/\{\w+\}/g, '{}')}`
      assert.ok(!seen.has(key), `${name} and ${seen.get(key)} both answer ${key}`)
      seen.set(key, name)
    }
  })

  it('writes paths as plain segments, each parameter a whole one with a name of its own', () => {
    for (const [name, { path }] of rows) {
      assert.match(path, /^(\/([a-z0-9.-]+|\{[a-zA-Z]+\}))+$/, `${name}: ${path}`)
      const params = [...path.matchAll(/\{(\w+)\}/g)].map(([, param]) => param)
      assert.equal(new Set(params).size, params.length, `${name}: ${path} names a parameter twice`)
    }
  })

  it('takes a body only where a method has one, and asks for a right wherever something is changed', () => {
    for (const [name, { method, body, auth, loopbackOnly, tag }] of rows) {
      assert.equal(body !== undefined, method === 'POST' || method === 'PUT', `${name}: ${method}`)
      const changes = method !== 'GET'
      // a token of the one who asks is theirs to make and to end
      assert.ok(
        !changes || auth === 'admin' || loopbackOnly || tag === 'auth',
        `${name}: whoever may not admin may not ${method}`,
      )
    }
  })

  for (const [family, paths, field] of families) {
    it(`names all fields of ${paths.source} as ${family}`, () => {
      const own = rows.filter(([, { path }]) => paths.test(path))
      assert.ok(own.length > 0, 'a family without a row')
      for (const [name, { query, body, reply }] of own) {
        for (const schema of [query, body, reply]) {
          const wrong = schema ? fieldsOf(schemaOf(schema)).filter((one) => !field.test(one)) : []
          assert.deepEqual(wrong, [], name)
        }
      }
    })
  }

  it('has no row outside the families', () => {
    const outside = rows.filter(([, { path }]) => !families.some(([, paths]) => paths.test(path)))
    assert.deepEqual(outside, [])
  })

  it('names all fields of the feed as snake_case', () => {
    assert.deepEqual(
      fieldsOf(schemaOf(feedMessage)).filter((one) => !snakeCase.test(one)),
      [],
    )
  })
})
