/** What stands here before the first call: how to make it. */
import { Card } from '../parts.tsx'

export function FirstCall({ url }: { url: string }) {
  return (
    <Card id="first-call" title="No calls yet" class="first">
      <p>Point a client at this address and its calls show up here as they happen.</p>
      <pre>
        <code>{`ANTHROPIC_BASE_URL=${url} claude\nOPENAI_BASE_URL=${url}/v1 python app.py`}</code>
      </pre>
      <p class="note">Without any key, where the daemon was started with its sandbox:</p>
      <pre>
        <code>{curlLine(url)}</code>
      </pre>
    </Card>
  )
}

export function curlLine(url: string): string {
  const body = JSON.stringify({ model: 'sandbox-small', stream: true, messages: [{ role: 'user', content: 'Hello' }] })
  return `curl -N ${url}/p/sandbox/v1/chat/completions -H "content-type: application/json" -d '${body}'`
}
