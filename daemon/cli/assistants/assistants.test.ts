import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { leadsToUs, type Settings, settingsOf } from './assistant.ts'
import { assistantOf, assistants } from './index.ts'

const url = 'http://127.0.0.1:8655'
const firstParty = '_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL'
const direct = '127.0.0.1,localhost,::1'

describe('assistants', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assistants-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  type Told = { env?: Record<string, string>; args?: string[] }
  async function settings(name: string, { env = {}, args = [] }: Told = {}): Promise<Settings> {
    const assistant = assistantOf(name)
    assert.ok(assistant)
    const [home, userHome, cwd] = ['home', 'user', 'work/deep'].map((part) => join(folder, part)) as [
      string,
      string,
      string,
    ]
    return settingsOf(await assistant.plan(url, { env, home, userHome, cwd, args }), env, url)
  }
  async function file(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  /** What Gemini CLI writes once its user has chosen how to log in. */
  const login = (type: string, path = 'user/.gemini/settings.json') =>
    file(path, JSON.stringify({ security: { auth: { selectedType: type } } }))
  const asItIs = async (name: string, told?: Told) => (await settings(name, told)).asItIs ?? ''

  it('tells each what it reads', async () => {
    await login('gemini-api-key')
    const rows: readonly (readonly [name: string, env: Record<string, string>, args?: readonly string[]])[] = [
      ['claude', { ANTHROPIC_BASE_URL: url, ENABLE_TOOL_SEARCH: 'true', [firstParty]: '1' }],
      ['codex', {}, ['-c', `openai_base_url=${url}/v1`]],
      ['gemini', { GOOGLE_GEMINI_BASE_URL: url }],
      ['qwen', { OPENAI_BASE_URL: `${url}/v1` }],
      ['aider', { OPENAI_API_BASE: `${url}/v1`, ANTHROPIC_API_BASE: url }],
      ['openai', { OPENAI_BASE_URL: `${url}/v1` }],
      ['anthropic', { ANTHROPIC_BASE_URL: url }],
      ['genai', { GOOGLE_GEMINI_BASE_URL: url }],
      ['ai', { OPENAI_BASE_URL: `${url}/v1`, ANTHROPIC_BASE_URL: `${url}/v1` }],
      ['cline', {}],
      ['continue', {}],
      ['vscode', {}],
    ]
    for (const [name, env, args = []] of rows) {
      const told = await settings(name)
      assert.deepEqual(told.env, { ...env, NO_PROXY: direct, no_proxy: direct }, name)
      assert.deepEqual([told.args, told.asItIs], [args, undefined], name)
    }
    assert.deepEqual([...rows.map(([name]) => name), 'opencode'].sort(), assistants.map((one) => one.name).sort())
    assert.equal(assistantOf('cn')?.name, 'continue')
  })

  it('says what is lost, and where an address is to be written', async () => {
    for (const [name, text] of [
      ['codex', 'built-in provider'],
      ['qwen', 'OPENAI_API_KEY'],
      ['aider', 'Only models of OpenAI and Anthropic'],
      ['cline', `--baseurl ${url}/v1`],
      ['continue', `apiBase: ${url}/v1`],
      ['continue', 'x-tollkeeper-client: continue'],
      ['ai', `baseURL: '${url}/v1beta'`],
      ['vscode', `"url": "${url}/v1/chat/completions"`],
    ] as const)
      assert.ok((await settings(name)).notes.join('\n').includes(text), name)
    await file('user/.qwen/.env', 'export OPENAI_API_KEY="k"\n')
    assert.deepEqual((await settings('qwen')).notes, [])
  })

  it('keeps the way to loopback free of proxies, and what stood there', async () => {
    await login('gemini-api-key')
    for (const { name } of assistants) {
      const env = { NO_PROXY: 'a.example, localhost', no_proxy: 'b.example', ANTHROPIC_API_KEY: 'k' }
      const told = (await settings(name, { env })).env
      assert.deepEqual(
        [told.NO_PROXY, told.no_proxy],
        Array(2).fill('a.example,localhost,b.example,127.0.0.1,::1'),
        name,
      )
    }
  })

  it('never stands over a value of the user’s own', async () => {
    const other = 'https://llm.example/v1'
    await login('gemini-api-key')
    for (const [name, variable] of [
      ['claude', 'ANTHROPIC_BASE_URL'],
      ['gemini', 'GOOGLE_GEMINI_BASE_URL'],
      ['qwen', 'OPENAI_BASE_URL'],
      ['openai', 'OPENAI_BASE_URL'],
      ['anthropic', 'ANTHROPIC_BASE_URL'],
      ['genai', 'GOOGLE_GEMINI_BASE_URL'],
    ] as const) {
      const told = await settings(name, { env: { [variable]: other } })
      assert.deepEqual([told.env, told.asItIs], [{}, `${variable} is set already`], name)
    }
    const some = await settings('aider', { env: { OPENAI_BASE_URL: other } })
    assert.deepEqual(some.env, { ANTHROPIC_API_BASE: url, NO_PROXY: direct, no_proxy: direct })
    assert.match(some.notes[0] ?? '', /^OPENAI_BASE_URL is set already and stays/)
    const both = { OPENAI_API_BASE: other, ANTHROPIC_API_BASE: other }
    assert.equal(await asItIs('aider', { env: both }), 'OPENAI_API_BASE and ANTHROPIC_API_BASE are set already')
    const search = await settings('claude', { env: { ENABLE_TOOL_SEARCH: 'false' } })
    assert.equal(search.env.ENABLE_TOOL_SEARCH, undefined)
  })

  it('takes an address that leads here for ours, and keeps its path', async () => {
    assert.equal(leadsToUs('http://localhost:8655/f/abc/v1', url), true)
    assert.equal(leadsToUs('http://[::1]:8655', url), true)
    for (const value of ['http://127.0.0.1:8656', 'https://127.0.0.1:8655', 'http://127.0.0.1.example:8655', 'x', ''])
      assert.equal(leadsToUs(value, url), false, value)
    const pinned = `${url}/p/groq/v1`
    const told = await settings('openai', { env: { OPENAI_BASE_URL: pinned } })
    assert.deepEqual([told.env.OPENAI_BASE_URL, told.asItIs], [pinned, undefined])
  })

  describe('claude', () => {
    it('calls itself first party only while its own credential goes to Anthropic', async () => {
      const told = async (env: Record<string, string>) => (await settings('claude', { env })).env[firstParty]
      assert.equal(await told({ ANTHROPIC_API_KEY: 'sk-ant-x' }), '1')
      assert.equal(await told({ ANTHROPIC_BASE_URL: `${url}/f/abc/p/anthropic` }), '1')
      assert.equal(await told({ ANTHROPIC_BASE_URL: `${url}/p/work` }), undefined)
      assert.equal(await told({ ANTHROPIC_API_KEY: 'tk_x' }), undefined)
      assert.equal(await told({ ANTHROPIC_AUTH_TOKEN: 'tk_x' }), undefined)
      const config = (baseUrl: string) =>
        file('home/config.jsonc', JSON.stringify({ providers: { anthropic: { baseUrl } } }))
      await config('https://api.anthropic.com')
      assert.equal(await told({}), '1')
      await config('https://api.anthropic.com.example')
      assert.equal(await told({}), undefined)
    })

    it('is left alone where its settings or a cloud say where its calls go', async () => {
      assert.equal(await asItIs('claude', { env: { CLAUDE_CODE_USE_BEDROCK: '0' } }), '')
      assert.match(await asItIs('claude', { env: { CLAUDE_CODE_USE_VERTEX: '1' } }), /^CLAUDE_CODE_USE_VERTEX is set/)
      await file('user/.claude/settings.json', JSON.stringify({ env: { ANTHROPIC_BASE_URL: `${url}/p/anthropic` } }))
      assert.equal(await asItIs('claude'), '')
      await file('mine/settings.json', '{"env":{"ANTHROPIC_BASE_URL":"http://x"}}')
      const env = { CLAUDE_CONFIG_DIR: join(folder, 'mine') }
      assert.match(await asItIs('claude', { env }), /settings\.json sets ANTHROPIC_BASE_URL/)
    })
  })

  it('leaves Codex alone where its config or its arguments say where its calls go', async () => {
    assert.match(await asItIs('codex', { args: ['exec', '-c', 'openai_base_url="http://x/v1"'] }), /^Its arguments/)
    assert.match(await asItIs('codex', { args: ['--config=model_provider=azure'] }), /^Its arguments/)
    assert.match(await asItIs('codex', { args: ['-copenai_base_url=http://x/v1'] }), /^Its arguments/)
    assert.match(await asItIs('codex', { args: ['--oss'] }), /^--oss/)
    await file('user/.codex/config.toml', '[profiles.x]\nmodel_provider = "azure"\nopenai_base_url = "http://x"\n')
    assert.equal(await asItIs('codex'), '')
    await file('user/.codex/config.toml', "model = 'm'\nmodel_provider = 'azure'\n")
    assert.match(await asItIs('codex'), /chooses the provider azure$/)
    await file('mine/config.toml', 'openai_base_url = "http://x/v1"\n[a]\n')
    const env = { CODEX_HOME: join(folder, 'mine') }
    assert.match(await asItIs('codex', { env }), /config\.toml sets openai_base_url/)
    await file('mine/config.toml', `openai_base_url = "${url}/v1"\nmodel_provider = "openai"\n`)
    const ours = await settings('codex', { env })
    assert.deepEqual([ours.args, ours.asItIs], [[], undefined])
  })

  it('looks into the profile that Codex is started with, which counts more than its config', async () => {
    await file('user/.codex/config.toml', 'model_provider = "azure"\n')
    await file('user/.codex/far.config.toml', 'model_provider = "openai"\nopenai_base_url = "http://x/v1"\n')
    await file('user/.codex/near.config.toml', 'model_provider = "openai"\n')
    for (const args of [['-p', 'far'], ['exec', '-pfar', 'hi'], ['--profile', 'far'], ['--profile=far']])
      assert.match(await asItIs('codex', { args }), /far\.config\.toml sets openai_base_url/, args.join(' '))
    const near = await settings('codex', { args: ['exec', '-p', 'near'] })
    assert.deepEqual([near.args, near.asItIs], [['-c', `openai_base_url=${url}/v1`], undefined])
    for (const args of [[], ['-p', 'none'], ['exec', '--', '-p', 'near']])
      assert.match(await asItIs('codex', { args }), /'s config\.toml chooses the provider azure$/, args.join(' '))
  })

  describe('opencode', () => {
    const content = async (env: Record<string, string>): Promise<unknown> => {
      const text = (await settings('opencode', { env })).env.OPENCODE_CONFIG_CONTENT
      return text === undefined ? undefined : JSON.parse(text)
    }
    const at = (path: string) => ({ options: { baseURL: url + path } })

    it('gets an address for each provider that it has a key for', async () => {
      assert.match(await asItIs('opencode'), /^No API key was found/)
      const env = { OPENAI_API_KEY: 'k', GEMINI_API_KEY: 'k' }
      assert.deepEqual(await content(env), { provider: { openai: at('/v1'), google: at('/v1beta') } })
      const stored = { groq: { type: 'api', key: 'k' }, openai: { type: 'oauth' }, unknown: { type: 'api' } }
      await file('user/.local/share/opencode/auth.json', JSON.stringify(stored))
      assert.deepEqual(await content(env), { provider: { google: at('/v1beta'), groq: at('/p/groq/v1') } })
      assert.match((await settings('opencode', { env })).notes.join(), /come through here: google, groq\./)
    })

    it('keeps the addresses that its user has given', async () => {
      const env = { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', MISTRAL_API_KEY: 'k' }
      await file(
        'work/opencode.jsonc',
        '{ "provider": { "openai": { "options": { "baseURL": "https://x" } } }, } // mine',
      )
      await file('user/.config/opencode/opencode.json', JSON.stringify({ provider: { mistral: at('/p/mistral/v1') } }))
      assert.deepEqual(await content(env), { provider: { anthropic: at('/v1'), mistral: at('/p/mistral/v1') } })
      assert.match(await asItIs('opencode', { env: { ...env, OPENCODE_CONFIG_CONTENT: '{}' } }), /is set already$/)
    })

    it('keeps them wherever its configs stand, and says so where none is left', async () => {
      const env = { ANTHROPIC_API_KEY: 'k', MINE: 'https://x/v1', OURS: `${url}/f/mine/v1` }
      const config = (baseURL: string) => JSON.stringify({ provider: { anthropic: { options: { baseURL } } } })
      for (const path of ['user/.config/opencode/config.json', 'user/.opencode/opencode.jsonc', 'work/opencode.json']) {
        await file(path, config('{env:MINE}'))
        assert.equal(await asItIs('opencode', { env }), 'Its config says already where anthropic is', path)
        await file(path, config('{env:OURS}'))
        assert.deepEqual(await content(env), { provider: { anthropic: at('/f/mine/v1') } }, path)
      }
    })

    it('finds keys in its configs, and in what stands for its stored ones', async () => {
      const options = (apiKey: string) => ({ options: { apiKey } })
      const provider = { openai: options('{env:MINE}'), groq: options('sk-1'), mistral: options('{env:NONE}') }
      await file('work/deep/opencode.json', JSON.stringify({ provider }))
      const env = { MINE: 'k', OPENCODE_AUTH_CONTENT: '{"deepseek":{"type":"api","key":"k"}}' }
      assert.deepEqual(await content(env), {
        provider: { openai: at('/v1'), groq: at('/p/groq/v1'), deepseek: at('/p/deepseek/v1') },
      })
    })
  })

  it('gives Gemini CLI an address only where its settings choose a key: else it would not start', async () => {
    const env = { GEMINI_API_KEY: 'k', GEMINI_CLI_SYSTEM_SETTINGS_PATH: join(folder, 'system.json') }
    const none = await settings('gemini', { env })
    assert.deepEqual(none.env, {})
    assert.match(none.asItIs ?? '', /"selectedType": "gemini-api-key".* in .*settings\.json$/)
    await login('oauth-personal')
    assert.match(await asItIs('gemini', { env }), /^Its settings choose the login oauth-personal/)
    for (const path of ['work/deep/.gemini/settings.json', 'mine/.gemini/settings.json', 'system.json']) {
      await login('gemini-api-key', path)
      const told = await settings('gemini', { env: { ...env, GEMINI_CLI_HOME: join(folder, 'mine') } })
      assert.deepEqual([told.env.GOOGLE_GEMINI_BASE_URL, told.notes], [url, []], path)
      await rm(join(folder, path))
    }
    await file('user/.gemini/settings.json', '{ "selectedAuthType": "gemini-api-key" }')
    assert.equal(await asItIs('gemini', { env }), '')
  })

  it('leaves Gemini CLI and Qwen Code alone where their own files say where calls go', async () => {
    assert.match(
      await asItIs('gemini', { env: { GOOGLE_GENAI_USE_VERTEXAI: 'true' } }),
      /^GOOGLE_GENAI_USE_VERTEXAI is/,
    )
    assert.match(await asItIs('qwen', { args: ['--openai-base-url', 'http://x'] }), /^Its arguments/)
    assert.match(await asItIs('aider', { args: ['--openai-api-base=http://x'] }), /^Its arguments/)
    await file('user/.env', 'GOOGLE_GEMINI_BASE_URL=http://x\nOPENAI_BASE_URL=http://x\n')
    assert.match(await asItIs('gemini'), /\.env sets GOOGLE_GEMINI_BASE_URL/)
    assert.match(await asItIs('qwen'), /\.env sets OPENAI_BASE_URL/)
    await login('gemini-api-key')
    // the nearest one is the only one that they load
    await file('work/.env', `# GOOGLE_GEMINI_BASE_URL=http://x\nOPENAI_BASE_URL="${url}/v1"\n`)
    assert.deepEqual([await asItIs('gemini'), await asItIs('qwen')], ['', ''])
    await file('work/.qwen/settings.json', '{"modelProviders":{"openai":[{"id":"m","baseUrl":"https://x/v1"}]}}')
    assert.match(await asItIs('qwen'), /settings\.json says/)
  })
})
