/** What Claude Code must be told so that its calls come to us, and when it must be left alone. */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../store/config-file.ts'
import type { Io } from './io.ts'

type Env = Io['env']

/** The `env` of the user's own settings, which Claude Code puts over its process' environment. */
export async function claudeSettings(env: Env): Promise<Record<string, unknown>> {
  const folder = env.CLAUDE_CONFIG_DIR || join(homedir(), '.claude')
  try {
    const settings: unknown = JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8'))
    const own = typeof settings === 'object' && settings !== null && 'env' in settings ? settings.env : undefined
    return typeof own === 'object' && own !== null ? { ...own } : {}
  } catch {
    // most have no such file; one that cannot be read is for Claude Code to complain about
    return {}
  }
}

const elsewhere = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'] as const

/** Where the user has already said where its calls go: why, as the beginning of a sentence. */
export function whyAsItIs(env: Env, settings: Record<string, unknown>): string | undefined {
  if (env.ANTHROPIC_BASE_URL) return 'ANTHROPIC_BASE_URL is set already'
  if (settings.ANTHROPIC_BASE_URL) return "Claude Code's settings.json sets ANTHROPIC_BASE_URL already"
  const other = elsewhere.find((name) => isOn(env[name]) || isOn(settings[name]))
  return other && `${other} is set, so its calls go to a cloud and not to Anthropic`
}

function isOn(value: unknown): boolean {
  return typeof value === 'string' && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase())
}

/** The environment for one process of Claude Code. */
export function environmentOf(env: Env, url: string, home: string): Env {
  const names = [
    ...new Set([env.NO_PROXY, env.no_proxy].flatMap((list) => (list ?? '').split(',')).map((name) => name.trim())),
  ]
  const direct = [...new Set([...names.filter((name) => name !== ''), '127.0.0.1', 'localhost', '::1'])].join(',')
  return {
    ...env,
    ANTHROPIC_BASE_URL: url,
    // with a proxy set and no exception, its calls would never reach loopback
    NO_PROXY: direct,
    no_proxy: direct,
    // behind a base URL that is not Anthropic's it leaves tool search out (seen with 2.1, 2026-11)
    ENABLE_TOOL_SEARCH: env.ENABLE_TOOL_SEARCH ?? 'true',
    ...(endsAtAnthropic(env, home) ? { _CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL: '1' } : {}),
  }
}

/**
 * Behind a foreign base URL it also leaves out betas that Anthropic itself understands (seen with 2.1, 2026-11). They may come
 * back only while its calls end at Anthropic with its own credential.
 */
function endsAtAnthropic(env: Env, home: string): boolean {
  const isOurKey = [env.ANTHROPIC_API_KEY, env.ANTHROPIC_AUTH_TOKEN].some((key) => key?.startsWith('tk_'))
  if (isOurKey) return false
  const baseUrl = readConfig(home, env).config.providers?.anthropic?.baseUrl
  return baseUrl === undefined || /^https:\/\/api\.anthropic\.com(:443)?(\/|$)/i.test(baseUrl)
}
