/** Bodies that stop coming are given up, and what they held is given back. */
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBodies } from './body.ts'

/** A request whose body the test writes. */
const requestOf = () => Object.assign(new PassThrough(), { headers: {} }) as PassThrough & IncomingMessage

describe('proxy/body', () => {
  const bodies = (stallMs = 500) => openBodies(() => ({ bodyBytes: 100, heldBytes: 150, stallMs }))

  it('gives up a body that stops coming, and lets go of what it held', async () => {
    const all = bodies()
    const request = requestOf()
    const body = all.take(request)
    request.write('0123456789')
    await sleep(5)
    assert.equal(all.held(), 10)
    assert.deepEqual(await body, { kind: 'stalled' })
    assert.equal(all.held(), 0)
  })

  it('waits for one that comes slowly', async () => {
    const all = bodies(1000)
    const request = requestOf()
    const body = all.take(request)
    for (let i = 0; i < 8; i++) {
      request.write('ab')
      await sleep(150)
    }
    request.end()
    const taken = await body
    assert.ok(taken.kind === 'body')
    assert.equal(taken.bytes.toString(), 'ab'.repeat(8))
    assert.equal(all.held(), 16)
    taken.release()
    taken.release()
    assert.equal(all.held(), 0)
  })

  it('refuses what is too large, alone or together with others', async () => {
    const all = bodies()
    const [large, one, two] = [requestOf(), requestOf(), requestOf()]
    const taking = [all.take(large), all.take(one), all.take(two)]
    one.write('x'.repeat(90))
    large.write('x'.repeat(101))
    assert.deepEqual(await taking[0], { kind: 'too-large' })
    two.write('x'.repeat(90))
    assert.deepEqual(await taking[2], { kind: 'too-much-held' })
    one.end()
    assert.equal((await taking[1])?.kind, 'body')
  })
})
