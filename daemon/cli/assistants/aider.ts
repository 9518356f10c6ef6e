/** Aider: a variable for OpenAI's models and one for Anthropic's; every other provider goes its own way. */
import type { Assistant } from './assistant.ts'

export const aider: Assistant = {
  name: 'aider',
  title: 'Aider',
  starts: { program: 'aider' },
  plan(url, { args }) {
    if (args.some((arg) => arg.startsWith('--openai-api-base')))
      return { asItIs: 'Its arguments say already where its calls go' }
    return {
      variables: [
        { name: 'OPENAI_API_BASE', value: `${url}/v1`, also: ['OPENAI_BASE_URL', 'AIDER_OPENAI_API_BASE'] },
        // its library puts /v1/messages behind it
        { name: 'ANTHROPIC_API_BASE', value: url, also: ['ANTHROPIC_BASE_URL'] },
      ],
      notes: [
        'Only models of OpenAI and Anthropic come through here; what your .env or .aider.conf.yml says of them wins.',
      ],
    }
  },
}
