import assert from 'node:assert/strict'
import { endSession, openSession, type Surroundings } from './session.ts'

function browser(fragment: string, trade: Surroundings['trade'], stored?: string) {
  const kept = new Map<string, string>(stored === undefined ? [] : [['tollkeeper.page', stored]])
  const seen = { codes: [] as string[], dropped: 0, droppedBeforeTrade: false }
  const at: Surroundings = {
    fragment,
    dropFragment: () => void seen.dropped++,
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    trade(code) {
      seen.codes.push(code)
      seen.droppedBeforeTrade = seen.dropped === 1
      return trade(code)
    },
  }
  return { at, seen, kept }
}

const accepts: Surroundings['trade'] = (code) => Promise.resolve({ ok: true, value: { value: `value of ${code}` } })
const refuses: Surroundings['trade'] = () => Promise.resolve({ ok: false, error: { status_code: 401 } })

describe('dashboard session', () => {
  it('trades the code once, keeps the value and takes the code out of the address first', async () => {
    const { at, seen, kept } = browser('#code=abc', accepts)
    assert.deepEqual(await openSession(at), { kind: 'open', value: 'value of abc' })
    assert.deepEqual(seen, { codes: ['abc'], dropped: 1, droppedBeforeTrade: true })
    assert.deepEqual([...kept.values()], ['value of abc'])
  })

  it('goes on with what it kept when the page is loaded anew', async () => {
    const { at, seen } = browser('', refuses, 'kept')
    assert.deepEqual(await openSession(at), { kind: 'open', value: 'kept' })
    assert.deepEqual(seen.codes, [])
  })

  it('says that a link was spent, that there was none, that nobody answered', async () => {
    assert.deepEqual(await openSession(browser('#code=abc', refuses).at), { kind: 'closed', why: 'spent-link' })
    assert.deepEqual(await openSession(browser('#other', refuses).at), { kind: 'closed', why: 'no-link' })
    const nobody = browser('#code=abc', () => Promise.reject(new Error('refused')))
    assert.deepEqual(await openSession(nobody.at), { kind: 'closed', why: 'unreachable' })
  })

  it('keeps a working session when somebody goes back to a spent link', async () => {
    assert.deepEqual(await openSession(browser('#code=abc', refuses, 'kept').at), { kind: 'open', value: 'kept' })
  })

  it('keeps nothing of an ended session', () => {
    const { at, kept } = browser('', refuses, 'kept')
    endSession(at.storage)
    assert.equal(kept.size, 0)
  })
})
