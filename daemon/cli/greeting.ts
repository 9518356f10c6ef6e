/** What `serve` says once it is ready: where it listens, and one line each to point something at it. */

export type Greeting = {
  version: string
  url: string
  sandbox: boolean
  platform: NodeJS.Platform
  /** Opens the dashboard, once; only where a person reads this. */
  link?: string | undefined
}

export function greetingOf({ version, url, sandbox, platform, link }: Greeting): string {
  return [
    '',
    `Tollkeeper ${version} listens on ${url}`,
    '',
    `  openai SDK         new OpenAI({ baseURL: '${url}/v1' })`,
    `  @anthropic-ai/sdk  new Anthropic({ baseURL: '${url}' })`,
    '  Claude Code        npx tollkeeper run claude',
    ...dashboardLines(link),
    '',
    ...(sandbox ? sandboxLines(url, platform) : ['To try it without any key: npx tollkeeper serve --sandbox', '']),
    '',
  ].join('\n')
}

function dashboardLines(link: string | undefined): string[] {
  if (link === undefined) return ['  Dashboard          npx tollkeeper dashboard']
  const later = `${' '.repeat(21)}works once, within a minute; later: npx tollkeeper dashboard`
  return [`  Dashboard          ${link}`, later]
}

function sandboxLines(url: string, platform: NodeJS.Platform): string[] {
  const body = JSON.stringify({
    model: 'sandbox-small',
    stream: true,
    messages: [{ role: 'user', content: 'What is a toll?' }],
  })
  // cmd.exe knows no single quotes
  const quoted =
    platform === 'win32' ? (text: string) => `"${text.replaceAll('"', '\\"')}"` : (text: string) => `'${text}'`
  return [
    'Try it without any key, on the built-in sandbox:',
    '',
    `  curl -N ${url}/p/sandbox/v1/chat/completions -H ${quoted('content-type: application/json')} -d ${quoted(body)}`,
    '',
    'and then: npx tollkeeper stats',
    '',
  ]
}
