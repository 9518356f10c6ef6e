/** Asks every command of the real program something about one home, and once more for JSON in this process: what it prints and writes is to be looked through for keys. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { runCommandLine } from '../cli/command-line.ts'
import { allCommands, hasJson } from './command-list.ts'
import type { Planted } from './planted.ts'
import { tollkeeper } from './process.ts'

/** What is not asked, and why. */
const notAsked: Readonly<Record<string, string>> = {
  serve: 'it runs on; its log is a place of its own',
  restart: 'it ends the daemon that the others ask',
  stop: 'it ends the daemon that the others ask',
  run: "what is printed is the assistant's",
}

/** Those that read from standard input. */
const reads = new Set(['provider set-key'])

/** The arguments of each command, once for each time that it is run; `{new}` is a file that is not there yet. `keyId`: a key of ours. */
function askedOf(folder: string, { key, odd }: Planted, keyId: string): Readonly<Record<string, string[][]>> {
  const [dimensions, apart] = ['provider,model,chain,client,task,folder,account', ['user', 'feature', 'session', 'key']]
  return {
    start: [[]],
    status: [[]],
    doctor: [[]],
    stats: [dimensions, ...apart].map((by) => ['--by', by]),
    limits: [[], ['--lift', 'up']],
    import: [['--dry-run'], [join(folder, 'logs')], [join(folder, 'logs', 'usage.jsonl'), '--dry-run']],
    get: ['/health', '/metrics', '/api/v1/config', '/api/v1/requests', '/api/v1/audit'].map((path) => [path]),
    dashboard: [['--no-open']],
    env: ['claude', 'codex', 'opencode', 'gemini', 'aider'].map((assistant) => [assistant]),
    'key create': [['--name', key('keyname'), '--provider', 'up', '--chain', key('keychain')]],
    'key list': [[]],
    'key revoke': [[keyId]],
    'provider add': [
      ['added', '--base-url', 'http://127.0.0.1:1/v1', '--model', key('addedmodel')],
      [key('addedid'), '--base-url', 'http://127.0.0.1:1/v1'],
      ['info', '--base-url', `http://ann:${odd('addedinfo')}@127.0.0.1:1/v1`],
      ['asked', '--base-url', `http://127.0.0.1:1/v1?key=${odd('addedquery')}`],
      ['path', '--base-url', `http://127.0.0.1:1/${key('addedpath')}/v1`],
    ],
    'provider list': [[]],
    'provider set-key': [['up'], ['added']],
    'provider remove': [['added']],
    'chain set': [
      ['pair', `up/${key('target')}`, '--route', key('route')],
      [key('chainname'), 'up/gpt-4o'],
      ['lost', key('strayprovider'), `${key('strayid')}/m`],
    ],
    'chain list': [[]],
    'chain remove': [['pair'], [key('chaingone')]],
    'budget set': [
      ['day', '--period', 'day', '--limit-usd', '1', '--model', key('budgetmodel'), '--client', key('budgetclient')],
      [key('budgetid'), '--period', 'week', '--limit-tokens', '9'],
      ['lead', '--period', 'day', '--limit-usd', '1', '--downgrade-at', '0.5', '--downgrade-to', key('downgrade')],
    ],
    'budget list': [[]],
    'budget remove': [['day'], [key('budgetgone')]],
    'prices show': [[key('pricedmodel')], ['gpt-4o', '--provider', key('pricedprovider')]],
    'prices update': [[]],
    'prices reprice': [['--from', '1d']],
    export: [
      ['--format', 'json', '-o', '{new}'],
      ['--format', 'csv', '-o', '{new}'],
      ['--format', 'csv'],
    ],
    verify: [[]],
    compact: [[]],
    backup: [['{new}'], ['--with-secrets', '{new}'], [join(folder, 'whole')]],
    restore: [[join(folder, 'whole'), '--home', '{new}'], [join(folder, 'whole')]],
  }
}

/** Of the environment and what its assistants have kept: addresses of the user's own with keys in them, and logs. */
function surroundings(folder: string, { key, odd }: Planted): NodeJS.ProcessEnv {
  const proxy = (place: string) => `http://ann:${odd(place)}@127.0.0.1:1`
  const file = (path: string[], text: string) => {
    mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true })
    writeFileSync(join(folder, ...path), text)
  }
  const call = {
    timestamp: '2026-01-05T10:00:00Z',
    prompt_tokens: 1,
    completion_tokens: 1,
    total_tokens: 2,
    status: 200,
    request_id: key('importedid'),
  }
  const lines = [
    { ...call, model: key('importedmodel') },
    { ...call, timestamp: key('importedtime') },
  ].map(asLine)
  file(['logs', 'usage.jsonl'], [...lines, `{"model":${key('importedline')}}`].join('\n'))
  file(['logs', key('filename')], key('foreignfile'))
  file(['claude', 'settings.json'], JSON.stringify({ env: { ANTHROPIC_BASE_URL: `https://${key('ownsettings')}` } }))
  file(['codex', 'config.toml'], `model_provider = "${key('owntoml')}"\n`)
  return {
    ...{ HTTP_PROXY: proxy('httpproxy'), HTTPS_PROXY: proxy('httpsproxy') },
    ...{ ANTHROPIC_API_KEY: odd('anthropic'), OPENAI_API_KEY: key('openai'), GEMINI_API_KEY: odd('gemini') },
    ...{
      ANTHROPIC_BASE_URL: `https://up.example/${key('anthropicbase')}`,
      OPENAI_BASE_URL: `${proxy('openaibase')}/v1`,
    },
    ...{ CLAUDE_CONFIG_DIR: join(folder, 'claude'), CODEX_HOME: join(folder, 'codex') },
  }
}

const asLine = (value: object) => JSON.stringify(value)

export type Said = [where: string, text: string]

/** What one command line says, run in this process: a second of its own for each would be most of what this takes. */
export async function saidBy(home: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<Said[]> {
  const said: Said[] = []
  const out = (text: string) => void said.push([args.join(' '), text])
  const { PATH, SystemRoot } = process.env
  const env = { PATH, SystemRoot, TOLLKEEPER_HOME: home, ...more }
  await runCommandLine(args, { out, err: out, env, now: Date.now, columns: Infinity, platform: process.platform })
  assert.ok(said.length > 0, args.join(' '))
  return said
}

/** `folder`: a new one, for what the commands read and write. A command of which nothing is known here fails the test. */
export async function allThatCommandsSay(
  home: string,
  folder: string,
  planted: Planted,
  keyId: string,
): Promise<Said[]> {
  const env = surroundings(folder, planted)
  const asked = askedOf(folder, planted, keyId)
  const said: Said[] = []
  let files = 0
  for (const leaf of allCommands()) {
    const name = leaf.path.join(' ')
    if (name in notAsked) continue
    for (const args of asked[name] ?? assert.fail(`what is \`${name}\` asked here, or why is it not?`)) {
      const ways = hasJson(leaf) ? [[], ['--json']] : [[]]
      await Promise.all(
        ways.map(async (more) => {
          const given = args.map((arg) => (arg === '{new}' ? join(folder, `new-${++files}`) : arg))
          const line = [...leaf.path, ...given, ...more]
          if (more.length > 0 && !reads.has(name)) return void said.push(...(await saidBy(home, line, env)))
          const { out } = await tollkeeper(home, line, env, `${planted.odd('typed')}\n`)
          said.push([line.join(' '), out])
        }),
      )
    }
  }
  assert.deepEqual(Object.keys({ ...asked, ...notAsked }).length, allCommands().length, 'each of them is a command')
  return said
}

/** All files, unpacked; `passOver` says which are not looked at. */
export function filesBelow(folder: string, passOver: (name: string) => boolean): Said[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !passOver(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => {
      const bytes = readFileSync(path)
      return [path, (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')]
    })
}
