/** Claude Code: one variable, and what it would leave out behind an address that is not Anthropic's. */
import { join } from 'node:path'
import { readConfig } from '../../store/config-file.ts'
import { type Around, type Assistant, isOn, isOther } from './assistant.ts'
import { objectIn, objectOr } from './own-files.ts'

const elsewhere = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'] as const

export const claude: Assistant = {
  name: 'claude',
  title: 'Claude Code',
  starts: { program: 'claude' },
  async plan(url, around) {
    const { env } = around
    // it puts the `env` of its own settings over its process' environment
    const folder = env.CLAUDE_CONFIG_DIR || join(around.userHome, '.claude')
    const settings = objectOr((await objectIn(join(folder, 'settings.json'))).env)
    const stated = settings.ANTHROPIC_BASE_URL
    if (isOther(stated, url)) return { asItIs: "Claude Code's settings.json sets ANTHROPIC_BASE_URL already" }
    const other = elsewhere.find((name) => isOn(settings[name] ?? env[name]))
    if (other) return { asItIs: `${other} is set, so its calls go to a cloud and not to Anthropic` }
    const address = typeof stated === 'string' && stated !== '' ? stated : env.ANTHROPIC_BASE_URL || url
    return {
      variables: [{ name: 'ANTHROPIC_BASE_URL', value: url }],
      beside: {
        // behind a base URL that is not Anthropic's it leaves tool search out (seen with 2.1, 2026-11)
        ENABLE_TOOL_SEARCH: 'true',
        ...(endsAtAnthropic(address, around) ? { _CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL: '1' } : {}),
      },
    }
  },
}

/**
 * Behind a foreign base URL it also leaves out betas that Anthropic itself understands (seen with 2.1, 2026-11). They may come
 * back only while its calls end at Anthropic with its own credential.
 */
function endsAtAnthropic(address: string, { env, home }: Around): boolean {
  const isOurKey = [env.ANTHROPIC_API_KEY, env.ANTHROPIC_AUTH_TOKEN].some((key) => key?.startsWith('tk_'))
  if (isOurKey || !/^https?:\/\/[^/]+(\/f\/[^/]+)?(\/p\/anthropic)?\/?$/.test(address)) return false
  const baseUrl = readConfig(home, env).config.providers?.anthropic?.baseUrl
  return baseUrl === undefined || /^https:\/\/api\.anthropic\.com(:443)?(\/|$)/i.test(baseUrl)
}
