/** The checks that are decided by few values: what was found, and what is said of it. */
import assert from 'node:assert/strict'
import { knownProviders } from '../../providers/index.ts'
import type { Provider } from '../../providers/provider.ts'
import { saidOfClock } from './clock.ts'
import { saidOfConfig } from './config.ts'
import { saidOfDaemon } from './daemon.ts'
import { saidOfDisk } from './disk.ts'
import { saidOfHome } from './home.ts'
import { type KeyFacts, saidOfKeys } from './keys.ts'
import { askedOf, saidOfProvider } from './providers.ts'
import { openProviders, saidOfUsers } from './users.ts'
import { saidOfVersions } from './versions.ts'
import { isWsl, saidOfWsl, systemsIn } from './wsl.ts'

const statesOf = (all: readonly { state: string }[]) => all.map(({ state }) => state)

describe('doctor: the config', () => {
  const of = { path: '/h/config.jsonc', hasFile: true, usable: true, problems: [], warnings: null }
  const invalid = { code: 'config-invalid' as const, subject: 'x', text: 'config.jsonc, line 1: …' }

  it('well, or not there', () => {
    assert.deepEqual(statesOf(saidOfConfig(of)), ['ok'])
    assert.match(saidOfConfig({ ...of, hasFile: false })[0]?.detail ?? '', /defaults/)
  })

  it('fails as a whole, and warns in parts', () => {
    assert.deepEqual(statesOf(saidOfConfig({ ...of, usable: false, problems: [invalid] })), ['fail'])
    const literal = { code: 'literal-key' as const, subject: 'openai', text: 'a key stands in it' }
    assert.deepEqual(statesOf(saidOfConfig({ ...of, problems: [invalid, literal] })), ['warn', 'warn'])
  })

  it("a running daemon's word goes first: it may know variables that this shell does not", () => {
    const disabled = { code: 'provider-disabled' as const, subject: 'openai', text: 'OPENAI_API_KEY is not set' }
    assert.deepEqual(statesOf(saidOfConfig({ ...of, problems: [disabled], warnings: [] })), ['ok'])
    assert.deepEqual(statesOf(saidOfConfig({ ...of, usable: false, problems: [invalid], warnings: [] })), ['ok'])
    const both = [
      { ...invalid, text: 'the last good one' },
      { code: 'journal-slow' as const, subject: 'd', text: '' },
    ]
    const said = saidOfConfig({ ...of, usable: false, problems: [invalid], warnings: both })
    assert.deepEqual([statesOf(said), said[0]?.detail], [['fail'], 'the last good one'])
  })
})

describe('doctor: the daemon', () => {
  const nothing = { kind: 'nothing' as const }
  const absent = (kind: 'none' | 'stale' | 'foreign' | 'unreadable') => ({ kind, absent: 'why' })

  it('absent, and why', () => {
    for (const kind of ['none', 'stale', 'foreign', 'unreadable'] as const) {
      assert.deepEqual(statesOf(saidOfDaemon({ daemon: absent(kind), told: nothing, holder: undefined })), ['warn'])
    }
    const [held] = saidOfDaemon({ daemon: absent('none'), told: nothing, holder: 77 })
    assert.match(`${held?.state} ${held?.detail}`, /^fail Process 77 holds this home/)
    const [unseen] = saidOfDaemon({ daemon: absent('unreadable'), told: nothing, holder: undefined })
    assert.equal(unseen?.detail, 'Whether a daemon runs is not known: why.')
  })
})

describe('doctor: home and disk', () => {
  it('each refusal of the file system says what to do', () => {
    for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EIO']) {
      const said = saidOfHome('/h', { kind: 'refused', code })
      assert.equal(said.state, 'fail')
      assert.match(said.fix ?? '', /--home or TOLLKEEPER_HOME/)
    }
    assert.equal(saidOfHome('/h', { kind: 'no-folder' }).state, 'fail')
    assert.equal(saidOfHome('/h', { kind: 'missing' }).state, 'ok')
  })

  it('room, little room, none, and no further file', () => {
    const of = { home: '/h', files: 1000, journalBytes: 2 ** 30 }
    const stateAt = (free: number, files: number | null = 1000) => saidOfDisk({ ...of, free, files }).state
    assert.deepEqual([stateAt(2 ** 33), stateAt(2 ** 28), stateAt(2 ** 20), stateAt(0)], ['ok', 'warn', 'fail', 'fail'])
    assert.deepEqual([stateAt(2 ** 33, 0), stateAt(2 ** 33, null)], ['fail', 'ok'])
  })
})

describe('doctor: keys', () => {
  const of = (id: string, more: Partial<Provider> = {}): [string, Provider] => {
    const known = knownProviders.find((one) => one.id === id)
    assert.ok(known)
    return [id, { ...known, ...more }]
  }
  const key = {
    id: 'k',
    name: 'n',
    scope: 'read' as const,
    prefix: 'tk_abcd',
    hash: 'f'.repeat(64),
    providers: null,
    chains: null,
    created_at: '2026-01-01T00:00:00Z',
  }
  const data = { format: 1 as const, pepper: 'SECRET', keys: [] }
  const facts: KeyFacts = {
    secrets: { kind: 'none' },
    now: Date.parse('2026-12-01T00:00:00Z'),
    providers: new Map([of('openai', { apiKey: 'sk-SECRET' }), of('groq'), of('ollama')]),
    chains: [],
    rows: null,
  }

  it('counts ours, and names those that lend one', () => {
    const keys = [
      { ...key, expires_at: '2026-06-01T00:00:00Z' },
      { ...key, expires_at: null },
    ]
    const said = saidOfKeys({ ...facts, secrets: { kind: 'read', data: { ...data, keys } } })
    assert.deepEqual(
      said.map(({ detail }) => detail),
      ['2 keys of ours, 1 of them expired.', 'Keys to lend: openai.'],
    )
    assert.ok(!JSON.stringify(said).includes('SECRET'))
  })

  it('fails where none can be read, as a start does', () => {
    const secrets = { kind: 'unreadable' as const, why: 'it is empty', fix: 'Move it away' }
    assert.deepEqual(
      saidOfKeys({ ...facts, secrets }).map(({ state, fix }) => [state, fix]),
      [['fail', 'Move it away']],
    )
  })

  it('names chains whose targets have none to lend', () => {
    const target = (provider: string) => ({ provider, model: 'm' })
    const chains = [
      { name: 'half', targets: [target('openai'), target('groq')] },
      { name: 'none', targets: [target('groq')] },
      { name: 'home', targets: [target('ollama')] },
    ]
    const said = saidOfKeys({ ...facts, chains }).slice(2)
    assert.deepEqual(statesOf(said), ['warn', 'fail'])
    assert.match(said[1]?.detail ?? '', /"none" asks groq.*leads nowhere/)
    assert.deepEqual(
      saidOfKeys({
        ...facts,
        chains,
        rows: [
          { id: 'groq', key: 'config' },
          { id: 'openai', key: 'stored' },
        ],
      }).slice(2),
      [],
    )
  })

  it('names a key that the next start drops, as its provider has moved', () => {
    const provider_keys = {
      openai: { origin: 'https://old.example.com', key: 'sk-SECRET', set_at: '2026-01-01T00:00:00Z' },
    }
    const secrets = { kind: 'read' as const, data: { ...data, provider_keys } }
    const said = saidOfKeys({ ...facts, secrets }).slice(2)
    assert.match(`${said[0]?.state} ${said[0]?.detail}`, /^warn .*set for https:\/\/old\.example\.com/)
    assert.ok(!JSON.stringify(said).includes('SECRET'))
  })
})

describe('doctor: providers', () => {
  const row = (id: string, baseUrl: string, configured = false) => ({
    id,
    baseUrl,
    configured,
    local: false,
    simulated: false,
  })

  it('asks the configured ones, each place once; without any, where own credentials go', () => {
    const known = [row('openai', 'https://api.openai.com'), row('groq', 'https://api.groq.com/openai/v1')]
    assert.deepEqual(
      askedOf(known).map(({ ids }) => ids),
      [['openai']],
    )
    const mine = [row('a', 'https://LLM.example.com/a', true), row('b', 'https://llm.example.com:443/b', true)]
    assert.deepEqual(
      askedOf([...known, ...mine]).map(({ ids, origin }) => [ids, origin]),
      [[['a', 'b'], 'https://llm.example.com']],
    )
    assert.deepEqual(askedOf([{ ...row('sandbox', 'http://127.0.0.1:1', true), simulated: true }]), [])
  })

  const failures: [string, boolean, RegExp][] = [
    ['ERR_PROXY', false, /network\.proxy/],
    ['SELF_SIGNED_CERT_IN_CHAIN', false, /network\.caFile/],
    ['CERT_NOT_YET_VALID', false, /clock/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, /another name/],
    ['ENOTFOUND', false, /online/],
    ['ECONNREFUSED', true, /Start that server/],
    ['ECONNREFUSED', false, /Nothing listens/],
    ['ETIMEDOUT', false, /firewall/],
    ['EHOSTUNREACH', false, /online/],
  ]
  for (const [code, local, expected] of failures) {
    it(`says what to do for ${code}${local ? ' of a local server' : ''}`, () => {
      const of = {
        ids: ['x'],
        origin: 'https://x.example.com',
        configured: true,
        local,
        reached: { kind: 'failed' as const, code, proxy: null },
      }
      assert.match(saidOfProvider(of).fix ?? '', expected)
      assert.deepEqual([saidOfProvider(of).state, saidOfProvider({ ...of, configured: false }).state], ['fail', 'warn'])
    })
  }
})

describe('doctor: users', () => {
  it('warns of what needs no key where others have a home', () => {
    const alone = { homes: ['ann', 'Public', 'Default User', 'lost+found'], own: 'C:\\Users\\ann', open: ['ollama'] }
    assert.equal(saidOfUsers(alone).state, 'ok')
    const shared = { ...alone, homes: ['ann', 'bob'], own: '/home/ann' }
    const said = saidOfUsers(shared)
    assert.equal(said.state, 'warn')
    assert.ok(!said.detail.includes('bob'))
    assert.equal(saidOfUsers({ ...shared, open: [] }).state, 'ok')
  })

  it('knows what needs no key', () => {
    const ollama = knownProviders.find(({ id }) => id === 'ollama')
    assert.ok(ollama)
    assert.deepEqual(openProviders(knownProviders), [])
    assert.deepEqual(openProviders([{ ...ollama, passthrough: true }]), ['ollama'])
  })
})

describe('doctor: versions', () => {
  const of = { own: '1.2.0', node: '20.19.0', daemon: null, editors: [] }
  const contract = { min: 1, max: 1 }

  it('compares daemon, contract and extension', () => {
    assert.deepEqual(statesOf(saidOfVersions(of)), ['ok'])
    assert.deepEqual(statesOf(saidOfVersions({ ...of, daemon: { version: '1.2.0', contract } })), ['ok', 'ok'])
    assert.deepEqual(statesOf(saidOfVersions({ ...of, daemon: { version: '1.1.0', contract } })), ['ok', 'warn'])
    const editors = [['1.1.0', '1.2.0'], ['1.1.0']]
    assert.deepEqual(statesOf(saidOfVersions({ ...of, editors })), ['ok', 'ok', 'warn'])
    assert.deepEqual(statesOf(saidOfVersions({ ...of, node: '20.18.3' })), ['fail'])
    assert.deepEqual(statesOf(saidOfVersions({ ...of, node: '22.0.0' })), ['ok'])
  })

  it('says which side to renew where the contracts differ', () => {
    const fixOf = (contract: { min: number; max: number }) =>
      saidOfVersions({ ...of, daemon: { version: '1.0.0', contract } })[1]?.fix
    assert.match(fixOf({ min: 0, max: 0 }) ?? '', /restart/)
    assert.match(fixOf({ min: 1000, max: 1000 }) ?? '', /Update this program/)
  })
})

describe('doctor: WSL', () => {
  it('is known by its kernel', () => {
    assert.ok(isWsl({ platform: 'linux', release: '5.15.153.1-microsoft-standard-WSL2' }))
    assert.ok(!isWsl({ platform: 'linux', release: '6.1.0-18-amd64' }))
    assert.ok(!isWsl({ platform: 'win32', release: '10.0.22631' }))
  })

  it('warns of a daemon on each side', () => {
    assert.equal(saidOfWsl({ side: 'linux', mode: 'nat', windowsHome: '/mnt/c/Users/ann/.tollkeeper' }).state, 'warn')
    assert.match(saidOfWsl({ side: 'linux', mode: 'mirrored', windowsHome: null }).detail, /network: mirrored/)
    assert.match(saidOfWsl({ side: 'windows', systems: ['Ubuntu', 'Debian'] }).detail, /Ubuntu, Debian have/)
    assert.match(saidOfWsl({ side: 'windows', systems: [] }).detail, /No Linux/)
  })

  it('reads the systems, and takes an explanation for none', () => {
    assert.deepEqual(systemsIn('\uFEFFUbuntu-22.04\r\ndocker-desktop\r\n\r\n'), ['Ubuntu-22.04'])
    assert.deepEqual(systemsIn('Windows Subsystem for Linux has no installed distributions.\r\n'), [])
  })
})

describe('doctor: the clock', () => {
  const of = { now: Date.parse('2026-12-01T12:00:00Z'), lastWritten: null, synchronized: null, timeZone: 'UTC' }
  it('right, long past, gone back, not set by the network', () => {
    assert.equal(saidOfClock(of).state, 'ok')
    assert.equal(saidOfClock({ ...of, now: 0 }).state, 'fail')
    assert.equal(saidOfClock({ ...of, lastWritten: of.now + 60_000 }).state, 'ok')
    assert.match(saidOfClock({ ...of, lastWritten: of.now + 3_600_000 }).detail, /gone back/)
    assert.match(saidOfClock({ ...of, synchronized: false }).fix ?? '', /set-ntp/)
  })
})
