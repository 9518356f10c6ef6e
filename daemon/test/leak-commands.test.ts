/** Gives commands keys where none belong: in each argument, and in all that `doctor` and others read of a home that is not in order. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allCommands, type Leaf } from './command-list.ts'
import { type Said, saidBy } from './leak-commands.ts'
import { openPlanted, type Planted } from './planted.ts'
import { tollkeeper } from './process.ts'
import { type Story, start } from './start.ts'

/** Options that name a place of the user's own, which is said again. */
const places = new Set(['--home', '--output'])
/** Arguments that do; and one that waits for a key at the terminal: by itself below. */
const placed = new Set(['backup', 'restore', 'provider set-key'])

describe('a key in the arguments', function () {
  this.timeout(60_000)
  const planted = openPlanted()
  const { key } = planted
  let story: Story
  const said: Said[] = []

  /** Each argument in turn, then one too many, and options that there are not. */
  function linesOf({ path, command }: Leaf): string[][] {
    const name = path.join(' ')
    const place = (what: string) => key(`${path.join('')}${what.replace(/\W/g, '')}`)
    const needed = command.registeredArguments.filter(({ required }) => required).map(() => 'x')
    const required = command.options.flatMap(({ mandatory, long }) => (mandatory ? [long ?? '', 'day'] : []))
    const given = command.options.filter(
      ({ required, optional, long }) => (required || optional) && !places.has(long ?? ''),
    )
    return [
      ...(placed.has(name)
        ? []
        : command.registeredArguments.map((_, at) => [
            ...needed.slice(0, at),
            place(`argument${at}`),
            ...needed.slice(at + 1),
          ])),
      ...given.map(({ long }) => [...needed, ...required, long ?? '', place(long ?? '')]),
      [...needed, ...required, place('more'), place('andmore')],
      [...needed, `--${place('option')}`],
      [...needed, `--key=${planted.odd(`${path.join('')}value`)}`],
    ].map((args) => [...path, ...args])
  }

  before(async () => {
    story = await start({ sandbox: true })
    for (const leaf of allCommands())
      for (const line of linesOf(leaf)) {
        said.push(...(await saidBy(story.home, line)), ...(await saidBy(story.home, [...line, '--json'])))
      }
    for (const line of [
      [key('command')],
      ['key', key('ours')],
      ['get', `http://ann:${planted.odd('address')}@x.example/`],
    ])
      said.push(...(await saidBy(story.home, line)))
  })
  after(() => story.end())

  it('is not said again', () => {
    assert.ok(said.length > 200, `${said.length}`)
    assert.deepEqual(planted.foundIn(said), [])
  })

  it('is not kept either', () => {
    const kept = readdirSync(story.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    assert.deepEqual(planted.foundIn(kept.map((path): Said => [path, readFileSync(path, 'latin1')])), [])
    assert.deepEqual(planted.foundIn(story.log.map((line): Said => ['the log', line])), [])
  })
})

describe('a key in a home that is not in order', function () {
  this.timeout(120_000)
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leak-home-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  type Home = { files: Record<string, string>; env?: NodeJS.ProcessEnv }
  const configs = (written: object[], env?: NodeJS.ProcessEnv): Home[] =>
    written.map((config) => ({ files: { 'config.jsonc': JSON.stringify(config) }, ...(env && { env }) }))
  const here = { local: { baseUrl: 'http://127.0.0.1:1/v1', local: true } }

  const homes: Record<string, (planted: Planted) => Home[]> = {
    'in an address': ({ key, odd }) =>
      configs([
        { providers: { up: { baseUrl: `http://ann:${odd('userinfo')}@127.0.0.1:1/v1` } } },
        { providers: { up: { baseUrl: `http://127.0.0.1:1/v1?key=${odd('query')}` } } },
        { providers: { up: { baseUrl: `http://127.0.0.1:1/${key('path')}/v1` } } },
        { providers: { up: { baseUrl: key('noaddress') } } },
        { providers: here, network: { proxy: `http://ann:${odd('proxy')}@127.0.0.1:1` } },
        { providers: here, network: { proxy: key('noproxy'), noProxy: key('direct') } },
        { pricesUrl: `ftp://ann:${odd('prices')}@127.0.0.1/${key('pricespath')}` },
        { webhooks: [{ url: `https://127.0.0.1/${odd('hook')}`, secret: odd('hooksecret') }] },
        { webhooks: [{ url: key('nohook'), secret: '${NOT_SET}' }] },
      ]),
    'in a wrong field, or as a name': ({ key, odd }) =>
      configs([
        { providers: { [key('id')]: { extends: 'openai', apiKey: odd('literal') } } },
        { providers: { [key('emptyid')]: { extends: 'openai', apiKey: '${NOT_SET}' } } },
        { providers: { [key('addressid')]: { baseUrl: 'https://${NOT_SET}/v1' } } },
        { providers: { up: { extends: key('extends'), models: [key('model')] } } },
        { chains: { [key('chain')]: ['lost/m'], other: [`lost/${key('target')}`, `${key('stray')}/m`] } },
        { chains: { one: ['openai/m'] }, routes: { [key('route')]: 'one' }, defaultChain: key('default') },
        { chains: { one: ['openai/m'] }, routes: { [key('lostroute')]: key('lostchain') } },
        { budgets: [{ id: key('budget'), scope: { provider: 'lost' }, period: 'day', limitUsd: 1 }] },
        { budgets: [{ id: 'b', scope: { provider: key('scope') }, period: key('period'), limitUsd: 1 }] },
        { [key('unknown')]: true, timeZone: key('zone'), logLevel: key('level') },
        { network: { caFile: key('cafile') }, allowedHosts: [key('host')], allowedOrigins: [key('origin')] },
        { prices: { [key('priced')]: { inputUsdPerMillion: 'one', outputUsdPerMillion: 1 } } },
      ]),
    'beside what is no JSON': ({ key, odd }) => [
      { files: { 'config.jsonc': `{ // ${key('comment')}\n "providers": { /* ${odd('note')} */ "up": } }` } },
      { files: { 'config.jsonc': `{ "providers": { "up": { "apiKey": ${key('unquoted')} } } }` } },
      { files: { 'config.jsonc': `{ "apiKey: "${odd('quotes')}" }` } },
      { files: { 'config.jsonc': `${odd('rest')}{` } },
    ],
    'in what the daemon keeps': ({ key, odd }) => [
      { files: { 'secrets.json': `{ "format": 1, "keys": ${key('torn')}` } },
      { files: { 'secrets.json': JSON.stringify({ format: 1, pepper: odd('pepper'), keys: [key('wrong')] }) } },
      { files: { 'secrets.json': key('only'), 'secrets.json.prev': odd('before') } },
      { files: { 'daemon.json': `{ "token": "${odd('token')}", "port": ${key('port')} }`, port: key('portfile') } },
      {
        files: {
          'ledger.json': `{"${key('ledger')}`,
          'prices.json': `{${key('pricesfile')}`,
          origin: key('originfile'),
        },
      },
      { files: { 'journal/000000000001-1.jsonl': `{"format":${key('segment')}}\n${key('line')}\n` } },
    ],
    'in a variable': ({ key, odd }) =>
      configs(
        [
          { providers: here, chains: { c: ['local/m'] } },
          { providers: { up: { extends: 'openai', apiKey: `\${${'NOT_SET'}}` } } },
        ],
        {
          ...{ HTTP_PROXY: `http://ann:${odd('http')}@127.0.0.1:1`, HTTPS_PROXY: `ann:${odd('https')}@127.0.0.1:1` },
          ...{
            ALL_PROXY: key('all'),
            NO_PROXY: key('no'),
            ANTHROPIC_BASE_URL: `https://x.example/?key=${odd('base')}`,
          },
          ...{ ANTHROPIC_API_KEY: odd('anthropic'), OPENAI_API_KEY: key('openai'), TOLLKEEPER_PORT: key('port') },
        },
      ),
  }

  /** What is asked of each home; none of it leaves this machine. */
  const asked = [['doctor', '--offline'], ['doctor', '--offline', '--json'], ['status'], ['verify'], ['env', 'claude']]
  /** What a home that can be opened is also asked. */
  const kept = [['compact'], ['backup', '{new}']]

  for (const [where, homesOf] of Object.entries(homes)) {
    it(`is said by none of the commands: ${where}`, async () => {
      const planted = openPlanted()
      const said: Said[] = []
      for (const [at, { files, env = {} }] of homesOf(planted).entries()) {
        const home = join(folder, `${at}`)
        for (const [name, text] of Object.entries(files)) {
          mkdirSync(join(home, name, '..'), { recursive: true })
          writeFileSync(join(home, name), text)
        }
        const lines = [...asked, ...(files['secrets.json'] === undefined ? kept : [])].map((line) =>
          line.map((arg) => (arg === '{new}' ? join(folder, `backup-${at}`) : arg)),
        )
        for (const line of lines) said.push(...(await saidBy(home, line, { TOLLKEEPER_PORT: '0', ...env })))
        // it ends at once where the keys cannot be read; and is a process of its own wherever it goes on
        if (files['secrets.json'] !== undefined)
          said.push(['serve', (await tollkeeper(home, ['serve', '--port', '0'], env)).out])
      }
      assert.ok(said.length > 10)
      assert.deepEqual(planted.foundIn(said), [])
    })
  }
})
