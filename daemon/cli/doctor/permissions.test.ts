import assert from 'node:assert/strict'
import { type RightsFacts, saidOfRights } from './permissions.ts'

describe('doctor: who may look into the home', () => {
  const home = '/home/ann/.tollkeeper'
  const folder = (mode: number, uid = 1000) => ({ file: null, mode, uid })
  const file = (mode: number, uid = 1000) => ({ file: 'secrets.json', mode, uid })
  const posix = (...seen: { file: string | null; mode: number; uid: number }[]): RightsFacts => ({
    kind: 'posix',
    seen,
    uid: 1000,
  })
  const statesOf = (facts: RightsFacts) => saidOfRights(home, facts).map(({ state }) => state)

  it('its owner alone', () => {
    assert.deepEqual(statesOf(posix(folder(0o40700), file(0o100600))), ['ok'])
    assert.deepEqual(statesOf(posix(folder(0o40700), file(0o100644))), ['ok'], 'a closed folder closes its files')
    assert.deepEqual(statesOf({ kind: 'missing' }), ['ok'])
  })

  it('others, but not into files with secrets', () => {
    const [said] = saidOfRights(home, posix(folder(0o40755), file(0o100600)))
    assert.deepEqual([said?.state, said?.fix], ['warn', 'chmod 700 /home/ann/.tollkeeper'])
  })

  it('others, into files with secrets', () => {
    const [said] = saidOfRights("/home/ann's/tk", posix(folder(0o40750), file(0o100640)))
    assert.equal(said?.state, 'fail')
    assert.match(said?.fix ?? '', /^chmod 700 '\/home\/ann'\\''s\/tk' && cd .* chmod 600 secrets\.json/)
  })

  it('another owner, as after sudo', () => {
    const said = saidOfRights(home, posix(folder(0o40700), file(0o100600, 0)))
    assert.deepEqual(
      said.map(({ state }) => state),
      ['ok', 'fail'],
    )
    assert.match(said[1]?.fix ?? '', /chown -R/)
    const root: RightsFacts = { kind: 'posix', seen: [folder(0o40700)], uid: 0 }
    assert.deepEqual(statesOf(root), ['ok', 'warn'])
  })

  it('on Windows whom its list names', () => {
    const sddl = (list: string): RightsFacts => ({
      kind: 'windows',
      sddl: `O:S-1-5-21-1-2-3-1001G:S-1-5-21-1-2-3-513D:${list}`,
    })
    assert.deepEqual(statesOf(sddl('AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;S-1-5-21-1-2-3-1001)')), [
      'ok',
    ])
    assert.deepEqual(statesOf(sddl('(A;OICI;FA;;;SY)(A;OICIID;0x1200a9;;;BU)')), ['fail'])
    assert.deepEqual(statesOf(sddl('(D;;FA;;;WD)(A;OICI;FA;;;SY)')), ['ok'], 'whom it keeps out')
    assert.deepEqual(statesOf({ kind: 'windows', sddl: null }), ['warn'])
  })
})
