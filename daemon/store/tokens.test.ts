import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeys } from './keys-file.ts'
import { openSecrets } from './secrets-file.ts'
import { openTokens, type TokenFacts } from './tokens.ts'

const start = Date.parse('2026-03-10T12:00:00Z')
const day = 24 * 3600_000

describe('store/tokens', () => {
  let home: string
  let clock: { now: number }
  const open = async () => {
    const secrets = await openSecrets(home)
    const keys = openKeys({ secrets, now: () => clock.now })
    return { secrets, keys, tokens: openTokens({ secrets, keys, now: () => clock.now }) }
  }
  type Opened = Awaited<ReturnType<typeof open>>
  let opened: Opened
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'tokens-'))
    clock = { now: start }
    opened = await open()
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  const issued = async (key: string, scope: 'proxy' | 'read' | 'admin' = 'admin') => {
    const made = await opened.tokens.issue(key, scope)
    assert.ok(made)
    return made.token
  }
  const factsOf = async (token: string): Promise<TokenFacts> => {
    const found = await opened.tokens.holderOf(token)
    assert.ok(found)
    return found.token
  }
  const isWorth = async (token: string, at = opened) => (await at.tokens.holderOf(token)) !== undefined
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  /** Signed with this home's secret, whatever it says. */
  const forged = (claims: object, header: object = { alg: 'HS256', typ: 'JWT' }, hash = 'sha256') => {
    const text = `${part(header)}.${part(claims)}`
    const secret = Buffer.from(opened.secrets.data.token_secret, 'base64')
    return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`
  }
  const claimsOf = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

  it('makes tokens that say whose they are and when they end', async () => {
    const { row } = await opened.keys.create({ name: 'ci', scope: 'read', providers: ['openai'] })
    const made = await opened.tokens.issue(row.id, 'read')
    assert.equal(made?.expiresIn, 86_400)
    const { jti, ...claims } = claimsOf(made?.token ?? '')
    assert.match(String(jti), /^tok_[0-9a-f]{24}$/)
    assert.deepEqual(claims, {
      iss: 'tollkeeper',
      sub: row.id,
      scope: 'read',
      iat: start / 1000,
      exp: start / 1000 + 86_400,
    })
    assert.deepEqual(await opened.tokens.holderOf(made?.token ?? ''), {
      ...{ id: row.id, name: 'ci', scope: 'read', providers: ['openai'], chains: null },
      token: { id: jti, key: row.id, issuedAt: start / 1000, expiresAt: start / 1000 + 86_400 },
    })
  })

  it('ends with its time, and with its key', async () => {
    const { row } = await opened.keys.create({ name: 'a', scope: 'admin' })
    const token = await issued(row.id)
    clock.now = start + day - 1000
    assert.equal(await isWorth(token), true)
    clock.now = start + day
    assert.equal(await isWorth(token), false)
    const later = await issued(row.id)
    const facts = await factsOf(later)
    await opened.keys.revoke(row.id)
    assert.deepEqual([await isWorth(later), opened.tokens.isLive(facts)], [false, false])
    assert.equal(await opened.tokens.issue(row.id, 'proxy'), undefined)
  })

  it('does not outlive a key that ends before', async () => {
    const { row } = await opened.keys.create({ name: 'a', scope: 'read', expiresAt: start + 3600_000 })
    assert.equal((await opened.tokens.issue(row.id, 'read'))?.expiresIn, 3600)
    const token = await issued(row.id)
    clock.now = start + 3600_000
    assert.equal(await isWorth(token), false)
  })

  it('never exceeds what its key may do now', async () => {
    const { row } = await opened.keys.create({ name: 'a', scope: 'admin' })
    const [all, few] = [await issued(row.id, 'admin'), await issued(row.id, 'proxy')]
    assert.equal((await opened.tokens.holderOf(few))?.scope, 'proxy')
    const path = join(home, 'secrets.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace('"admin"', '"read"'))
    const narrowed = await open()
    assert.equal((await narrowed.tokens.holderOf(all))?.scope, 'read')
    assert.equal((await narrowed.tokens.holderOf(few))?.scope, 'proxy')
  })

  it('is revoked by itself, at once and after a restart, even where the newest file breaks', async () => {
    const { row } = await opened.keys.create({ name: 'a', scope: 'read' })
    const [one, other] = [await issued(row.id, 'read'), await issued(row.id, 'read')]
    let told = 0
    opened.tokens.watchRevoked(() => {
      told += 1
    })
    const facts = await factsOf(one)
    const written = opened.tokens.revoke(facts)
    assert.deepEqual([told, opened.tokens.isLive(facts), await isWorth(one)], [1, false, false])
    await written
    assert.equal(await isWorth(other), true)
    const again = await open()
    assert.deepEqual([await isWorth(one, again), await isWorth(other, again)], [false, true])
    await writeFile(join(home, 'secrets.json'), 'torn')
    const restored = await open()
    assert.deepEqual([await isWorth(one, restored), await isWorth(other, restored)], [false, true])
  })

  it('forgets revoked tokens after their time, and keeps them void if the clock goes back', async () => {
    const { row } = await opened.keys.create({ name: 'a', scope: 'read' })
    const first = await issued(row.id, 'read')
    await opened.tokens.revoke(await factsOf(first))
    clock.now = start + day
    const second = await issued(row.id, 'read')
    await opened.tokens.revoke(await factsOf(second))
    const kept = opened.secrets.data.revoked_tokens?.[row.id]
    assert.deepEqual([kept?.until, Object.values(kept?.ids ?? {})], [start / 1000, [start / 1000 + 86_400]])
    clock.now = start + 1000
    assert.equal(await isWorth(first), false)
  })

  it('keeps a bounded number of them for each key, and none of a key that is gone', async () => {
    const { row } = await opened.keys.create({ name: 'a', scope: 'read' })
    const other = await opened.keys.create({ name: 'b', scope: 'read' })
    const [theirs, oldest] = [await issued(other.row.id, 'read'), await issued(row.id, 'read')]
    for (let i = 0; i < 65; i += 1) {
      clock.now += 1000
      await opened.tokens.revoke(await factsOf(await issued(row.id, 'read')))
    }
    const kept = opened.secrets.data.revoked_tokens?.[row.id]
    assert.deepEqual([kept?.until, Object.keys(kept?.ids ?? {}).length], [start / 1000 + 1, 64])
    // what was made up to the oldest of them is void too; another key's is not
    assert.deepEqual([await isWorth(oldest), await isWorth(theirs)], [false, true])
    await opened.keys.revoke(row.id)
    await opened.tokens.revoke(await factsOf(theirs))
    assert.deepEqual(Object.keys(opened.secrets.data.revoked_tokens ?? {}), [other.row.id])
  })

  it('takes nothing that it has not made', async () => {
    const { row } = await opened.keys.create({ name: 'a', scope: 'admin' })
    const claims = claimsOf(await issued(row.id))
    assert.equal(await isWorth(forged(claims)), true)
    const [header = '', payload = '', signature = ''] = (await issued(row.id)).split('.')
    const changed = part({ ...claims, sub: 'key_0000000000000000' })
    const other = createHmac('sha256', 'another secret').update(`${header}.${payload}`).digest('base64url')
    for (const [why, token] of Object.entries({
      'alg none': `${part({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      'alg none with a signature': `${part({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`,
      'another algorithm': forged(claims, { alg: 'HS512', typ: 'JWT' }, 'sha512'),
      'an algorithm of key pairs': forged(claims, { alg: 'RS256', typ: 'JWT' }),
      'no algorithm': forged(claims, { typ: 'JWT' }),
      'another kind': forged(claims, { alg: 'HS256', typ: 'at+jwt' }),
      'a critical header': forged(claims, { alg: 'HS256', typ: 'JWT', crit: ['x'], x: 1 }),
      'another issuer': forged({ ...claims, iss: 'somebody' }),
      'several issuers': forged({ ...claims, iss: ['tollkeeper', 'somebody'] }),
      'no issuer': forged({ ...claims, iss: undefined }),
      'no end': forged({ ...claims, exp: undefined }),
      'no number': forged({ ...claims, jti: undefined }),
      'no scope': forged({ ...claims, scope: undefined }),
      'a scope that is none': forged({ ...claims, scope: 'all' }),
      'a longer life': forged({ ...claims, exp: Number(claims.exp) + 1 }),
      'from further ahead': forged({ ...claims, iat: start / 1000 + 301, exp: start / 1000 + 301 + 86_400 }),
      'an unknown key': forged({ ...claims, sub: 'key_0000000000000000' }),
      'changed claims': `${header}.${changed}.${signature}`,
      'another secret': `${header}.${payload}.${other}`,
      'cut in its signature': `${header}.${payload}.${signature.slice(0, -4)}`,
      'without its signature': `${header}.${payload}.`,
      'cut in its claims': `${header}.${payload.slice(0, -4)}.${signature}`,
      'of two parts': `${header}.${payload}`,
      'of five parts': `${header}.${payload}.${signature}.a.b`,
      'no base64': `${header}.${payload}.!${signature}`,
      nothing: 'ey',
    }))
      assert.equal(await isWorth(token), false, why)
    assert.equal(await isWorth(forged({ ...claims, iat: start / 1000 + 300, exp: start / 1000 + 300 + 86_400 })), true)
  })

  it('takes no token that was made while the clock was a year ahead', async () => {
    const { row } = await opened.keys.create({ name: 'a', scope: 'read' })
    clock.now = start + 365 * day
    const token = await issued(row.id, 'read')
    assert.equal(await isWorth(token), true)
    clock.now = start
    assert.equal(await isWorth(token), false)
  })

  it('gives a home of before there were tokens a secret of its own, once', async () => {
    const path = join(home, 'secrets.json')
    const { token_secret: _, ...older } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    await writeFile(path, JSON.stringify(older))
    const { secrets } = await open()
    assert.equal(Buffer.from(secrets.data.token_secret, 'base64').length, 32)
    assert.equal((await open()).secrets.data.token_secret, secrets.data.token_secret)
  })
})
