/** A first call to the sandbox that can be pasted into a terminal. */

/** Windows shells know no single quotes, so there the JSON is quoted as programs there read it. */
export function curlLine(url: string, windows: boolean): string {
  const body = JSON.stringify({ model: 'sandbox-small', stream: true, messages: [{ role: 'user', content: 'Hello' }] })
  const quoted = windows ? `"${body.replaceAll('"', '\\"')}"` : `'${body}'`
  return `curl -N ${url}/p/sandbox/v1/chat/completions -H "content-type: application/json" -d ${quoted}`
}
