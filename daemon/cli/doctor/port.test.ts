import assert from 'node:assert/strict'
import { type PortFacts, saidOfPort } from './port.ts'
import { listenersIn, lsofHolder, netstatHolder } from './port-holder.ts'

const free: PortFacts = {
  port: 8655,
  from: 'kept',
  kept: 8655,
  platform: 'linux',
  tried: ['free', 'free'],
  holder: null,
  isTollkeeper: false,
}

describe('doctor: the port', () => {
  const rows: [string, Partial<PortFacts>, string, RegExp][] = [
    ['free', {}, 'ok', /8655 is free/],
    ['free without IPv6', { tried: ['free', 'absent'] }, 'ok', /free/],
    ["the daemon's", { from: 'daemon' }, 'ok', /is the daemon's/],
    ["the daemon's, and not the kept one", { from: 'daemon', port: 9000 }, 'warn', /port 9000.*kept 8655/],
    ['kept, and held', { tried: ['in-use', 'free'] }, 'fail', /used by another program, and this home has kept it/],
    [
      'held on ::1 alone',
      { tried: ['free', 'in-use'], holder: { pid: 7, name: 'vite' } },
      'fail',
      /vite \(process 7\)/,
    ],
    [
      "held by another user's",
      { tried: ['in-use', 'free'], holder: { pid: null, name: null } },
      'fail',
      /another user's program/,
    ],
    ['asked for, and held', { from: 'asked', tried: ['in-use', 'in-use'] }, 'fail', /TOLLKEEPER_PORT names it/],
    [
      'held before a first start',
      { from: 'default', kept: undefined, tried: ['in-use', 'free'] },
      'warn',
      /takes the next free one/,
    ],
    [
      'held by another Tollkeeper',
      { tried: ['in-use', 'in-use'], isTollkeeper: true },
      'fail',
      /the Tollkeeper of another home/,
    ],
    ['not allowed', { tried: ['denied', 'free'] }, 'fail', /may not listen/],
    ['not to be had', { tried: [{ failed: 'EMFILE' }, 'free'] }, 'fail', /EMFILE/],
    ['without loopback', { tried: ['absent', 'free'] }, 'fail', /no address 127\.0\.0\.1/],
  ]
  for (const [what, facts, state, expected] of rows) {
    it(what, () => {
      const [said] = saidOfPort({ ...free, ...facts })
      assert.ok(said)
      assert.equal(said.state, state, said.detail)
      assert.match(said.detail, expected)
      assert.equal(said.fix === null, state === 'ok')
    })
  }

  it('says on Windows how ranges that are set aside are shown', () => {
    const [said] = saidOfPort({ ...free, tried: ['denied', 'denied'], platform: 'win32' })
    assert.match(said?.fix ?? '', /excludedportrange/)
  })

  it("finds its holder in Linux' table", () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:21CF 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
   1: 0100007F:21CF 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 20 4 0 10 -1
   2: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
`
    assert.deepEqual(listenersIn(table, 8655), ['4711'])
    assert.deepEqual(listenersIn(table, 80), [])
  })

  it('finds its holder in what lsof and netstat print, in any language', () => {
    assert.deepEqual(lsofHolder('p812\ncnode\nf21\n'), { pid: 812, name: 'node' })
    assert.equal(lsofHolder(''), null)
    const netstat = `\r\nAktive Verbindungen\r\n\r\n  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    127.0.0.1:50000        127.0.0.1:8655         HERGESTELLT      1\r
  TCP    127.0.0.1:8655         127.0.0.1:50000        HERGESTELLT      2\r
  TCP    [::1]:8655             [::]:0                 ABHÖREN          4321\r
  UDP    0.0.0.0:8655           *:*                                     3\r\n`
    assert.equal(netstatHolder(netstat, 8655), 4321)
    assert.equal(netstatHolder(netstat, 50000), null)
  })
})
