/** VS Code's chat with a custom endpoint: an entry in a file that VS Code opens for its user. */
import type { Assistant } from './assistant.ts'

export const vscode: Assistant = {
  name: 'vscode',
  title: 'VS Code chat (custom endpoint)',
  starts: 'nothing',
  plan: (url) => ({
    notes: [
      'VS Code reads no variable: in the model picker choose Add Models, Custom Endpoint, and fill in the file it opens.',
      ...JSON.stringify(
        {
          vendor: 'customendpoint',
          apiType: 'chat-completions',
          models: [{ id: 'MODEL', name: 'MODEL', url: `${url}/v1/chat/completions`, toolCalling: true }],
        },
        null,
        2,
      ).split('\n'),
      `For apiType messages the url is ${url}/v1/messages, for responses ${url}/v1/responses.`,
      "Copilot's included quota does not come through here.",
    ],
  }),
}
