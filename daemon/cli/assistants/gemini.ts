/** Gemini CLI: one variable, for calls with an API key; and only where its user has chosen that key in its settings. */
import { join } from 'node:path'
import { type Around, type Assistant, isOn, isOther } from './assistant.ts'
import { dotenvOf, textOf, valueIn } from './own-files.ts'

const elsewhere = ['GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_GCA'] as const

export const gemini: Assistant = {
  name: 'gemini',
  title: 'Gemini CLI',
  starts: { program: 'gemini' },
  async plan(url, given) {
    const around = { ...given, userHome: given.env.GEMINI_CLI_HOME || given.userHome }
    // the environment wins over its .env, so ours would stand over what its user wrote there
    if (isOther(valueIn(await dotenvOf('.gemini', around), 'GOOGLE_GEMINI_BASE_URL'), url))
      return { asItIs: "Gemini CLI's .env sets GOOGLE_GEMINI_BASE_URL already" }
    const other = elsewhere.find((name) => isOn(around.env[name]))
    if (other) return { asItIs: `${other} is set, so its calls do not go to the Gemini API` }
    const login = await chosenLogin(around)
    // 0.44 to 0.61 then take any base URL for a login of its own, "gateway", and refuse to start without a terminal (2026-11)
    if (login === undefined)
      return { asItIs: `With an address of ours it would not start before ${howToChoose(around)}` }
    if (!withKey.includes(login)) return { asItIs: `Its settings choose the login ${login}, which goes elsewhere` }
    return { variables: [{ name: 'GOOGLE_GEMINI_BASE_URL', value: url }] }
  },
}

const withKey = ['gemini-api-key', 'gateway']

function howToChoose({ userHome }: Around): string {
  const line = '{ "security": { "auth": { "selectedType": "gemini-api-key" } } }'
  return `its API key is chosen once, by /auth or by ${line} in ${join(userHome, '.gemini', 'settings.json')}`
}

/** As its settings say it, the machine's before the folder's before the user's; the older name is of 2025. */
async function chosenLogin({ env, userHome, cwd }: Around): Promise<string | undefined> {
  const own = [cwd, userHome].map((folder) => join(folder, '.gemini', 'settings.json'))
  const texts = await Promise.all([env.GEMINI_CLI_SYSTEM_SETTINGS_PATH || ofMachine(), ...own].map(textOf))
  const found = texts.map((text) => /"selected(?:Auth)?Type"\s*:\s*"([^"]+)"/.exec(text)?.[1])
  return found.find((login) => login !== undefined)
}

function ofMachine(): string {
  if (process.platform === 'win32') return 'C:\\ProgramData\\gemini-cli\\settings.json'
  return process.platform === 'darwin'
    ? '/Library/Application Support/GeminiCli/settings.json'
    : '/etc/gemini-cli/settings.json'
}
