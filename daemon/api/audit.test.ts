import assert from 'node:assert/strict'
import { localToken, startApi } from '../test/start-api.ts'

describe('api/audit', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())
  const changes = async () => {
    const told = await api.as(localToken, '/api/v1/audit')
    return (told.json as { changes: { at: string; action: string; subject: string | null; who: object }[] }).changes
  }
  const short = async () => (await changes()).map(({ action, subject }) => [action, subject])

  it('keeps each change with who made it, newest first', async () => {
    assert.deepEqual(await changes(), [])
    const admin = await api.keys.create({ name: 'ops\u202e', scope: 'admin' })
    const ci = (await api.as(localToken, '/api/v1/keys', { body: { name: 'ci', scope: 'read' } })).json as {
      id: string
    }
    api.clock.now += 1000
    await api.as(admin.key, '/api/v1/chains/coding', { method: 'PUT', body: { targets: ['openai/gpt-4o'] } })
    assert.deepEqual(await changes(), [
      {
        at: '2026-03-10T12:00:01.000Z',
        action: 'PUT /api/v1/chains/{name}',
        subject: 'coding',
        who: { kind: 'key', id: admin.row.id, name: 'ops\ufffd' },
      },
      {
        at: '2026-03-10T12:00:00.000Z',
        action: 'POST /api/v1/keys',
        subject: ci.id,
        who: { kind: 'local', id: 'local', name: 'local token' },
      },
    ])
  })

  it('keeps nothing of what was refused, changed nothing, or was only read', async () => {
    const { key } = await api.keys.create({ name: 'r', scope: 'read' })
    await api.as(key, '/api/v1/keys', { body: { name: 'ci', scope: 'read' } })
    await api.ask('/api/v1/keys', { body: { name: 'ci', scope: 'read' } })
    await api.as(localToken, '/api/v1/keys', { body: { name: 'ci', scope: 'all' } })
    await api.as(localToken, '/api/v1/keys/key_0', { method: 'DELETE' })
    await api.as(localToken, '/api/v1/config')
    assert.deepEqual(await changes(), [])
  })

  it('keeps nothing of a secret that stood in a path, as it is no name', async () => {
    const secret = 'sk-ant-api03-secret-in-the-path-0123456789'
    const path = `/api/v1/providers/${secret}`
    const put = await api.as(localToken, path, { method: 'PUT', body: { extends: 'openai' } })
    assert.equal(put.status, 400)
    assert.deepEqual(await changes(), [])
  })

  it('keeps one line of what comes in many requests, and none where nothing was added', async () => {
    await api.close()
    const taken = { added: 1, known: 0, bad: 0, faults: [], sums: [] }
    api = await startApi({ importCalls: ({ dry_run }) => Promise.resolve(dry_run ? { ...taken, added: 7 } : taken) })
    const send = (more: object) =>
      api.as(localToken, '/api/v1/import', { body: { source: 'claude-code', calls: [], ...more } })
    assert.equal((await send({ dry_run: true })).status, 200)
    assert.deepEqual(await short(), [])
    for (let i = 0; i < 3; i += 1) await send({})
    assert.deepEqual(await short(), [['POST /api/v1/import', null]])
    api.clock.now += 15 * 60_000
    await send({})
    assert.equal((await changes()).length, 2)
  })

  it('is told to admins alone', async () => {
    const { key } = await api.keys.create({ name: 'r', scope: 'read' })
    assert.equal((await api.as(key, '/api/v1/audit')).status, 403)
  })
})
