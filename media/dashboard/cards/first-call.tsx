/** What stands here before the first call: how to make it. */
import { curlLine } from '../curl-line.ts'
import { Card } from '../parts.tsx'

export function FirstCall({ url }: { url: string }) {
  return (
    <Card id="first-call" title="No calls yet" class="first">
      <p>Send a client’s calls through this daemon and they show up here as they happen. Claude Code:</p>
      <pre>
        <code>npx tollkeeper run claude</code>
      </pre>
      <p class="note">
        Any other client takes one of these as its base URL, the second where it speaks Anthropic’s API:
      </p>
      <pre>
        <code>{`${url}/v1\n${url}`}</code>
      </pre>
      <p class="note">To try it without any key, where the daemon was started with its sandbox:</p>
      <pre>
        <code>{curlLine(url, /Windows/.test(navigator.userAgent))}</code>
      </pre>
    </Card>
  )
}
