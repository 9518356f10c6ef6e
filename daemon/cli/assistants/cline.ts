/** Cline's command line: keeps its base URL in settings of its own, which its user writes once. */
import type { Assistant } from './assistant.ts'

export const cline: Assistant = {
  name: 'cline',
  title: 'Cline',
  starts: { program: 'cline' },
  plan: (url) => ({
    notes: [
      'Cline reads its base URL from its own settings only. Once:',
      `  cline auth --provider openai --apikey KEY --modelid MODEL --baseurl ${url}/v1`,
      'Only its providers openai and openai-native take one; in figures it looks like any program on the AI SDK.',
    ],
  }),
}
