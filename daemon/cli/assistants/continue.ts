/** Continue's command line: keeps its base URLs in a config of its own, a model each. */
import type { Assistant } from './assistant.ts'

export const continueCli: Assistant = {
  name: 'continue',
  title: 'Continue',
  starts: { program: 'cn' },
  plan: (url) => ({
    notes: [
      'Continue reads its base URLs from its config.yaml only. For each model of the providers openai and anthropic:',
      `  apiBase: ${url}/v1`,
      // its calls to Anthropic come under the name of a library that many use (1.5, 2026-11)
      "Models of Anthropic's are counted as node-fetch, unless theirs says besides:",
      '  requestOptions: { headers: { x-tollkeeper-client: continue } }',
      'Its provider gemini takes no notice of apiBase and cannot come through here.',
    ],
  }),
}
