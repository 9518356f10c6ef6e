/** Qwen Code: one variable, for calls with an API key of OpenAI's. */
import { join } from 'node:path'
import { type Assistant, isOther } from './assistant.ts'
import { dotenvOf, textOf, upwards, valueIn } from './own-files.ts'

export const qwen: Assistant = {
  name: 'qwen',
  title: 'Qwen Code',
  starts: { program: 'qwen' },
  async plan(url, around) {
    const { env, cwd, userHome, args } = around
    if (args.some((arg) => arg.startsWith('--openai-base-url')))
      return { asItIs: 'Its arguments say already where its calls go' }
    // the environment wins over its files, so a key that its user keeps for another service would be sent to OpenAI
    const dotenv = await dotenvOf('.qwen', around)
    if (isOther(valueIn(dotenv, 'OPENAI_BASE_URL'), url))
      return { asItIs: "Qwen Code's .env sets OPENAI_BASE_URL already" }
    const files = [...upwards(cwd), userHome].map((folder) => join(folder, '.qwen', 'settings.json'))
    const stated = (await Promise.all(files.map(textOf))).flatMap((text) => [
      ...text.matchAll(/"(?:OPENAI_BASE_URL|baseUrl)"\s*:\s*"([^"]*)"/g),
    ])
    if (stated.some(([, value]) => isOther(value, url)))
      return { asItIs: "Qwen Code's settings.json says already where its calls go" }
    const hasKey = env.OPENAI_API_KEY || valueIn(dotenv, 'OPENAI_API_KEY')
    return {
      variables: [{ name: 'OPENAI_BASE_URL', value: `${url}/v1` }],
      notes: hasKey ? [] : ['Only calls with an API key (OPENAI_API_KEY) come through here, not a login with Qwen.'],
    }
  },
}
