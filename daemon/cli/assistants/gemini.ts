/** Gemini CLI: one variable, for calls with an API key. */
import { type Assistant, isOn, isOther } from './assistant.ts'
import { dotenvOf, valueIn } from './own-files.ts'

const elsewhere = ['GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_GCA'] as const

export const gemini: Assistant = {
  name: 'gemini',
  title: 'Gemini CLI',
  starts: { program: 'gemini' },
  async plan(url, around) {
    const { env } = around
    const dotenv = await dotenvOf('.gemini', around)
    // the environment wins over its .env, so ours would stand over what its user wrote there
    if (isOther(valueIn(dotenv, 'GOOGLE_GEMINI_BASE_URL'), url))
      return { asItIs: "Gemini CLI's .env sets GOOGLE_GEMINI_BASE_URL already" }
    const other = elsewhere.find((name) => isOn(env[name]))
    if (other) return { asItIs: `${other} is set, so its calls do not go to the Gemini API` }
    const hasKey = env.GEMINI_API_KEY || valueIn(dotenv, 'GEMINI_API_KEY')
    return {
      variables: [{ name: 'GOOGLE_GEMINI_BASE_URL', value: url }],
      notes: hasKey ? [] : ['Only calls with an API key (GEMINI_API_KEY) come through here, not a login with Google.'],
    }
  },
}
