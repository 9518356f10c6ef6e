/** What the calls of all SDKs share: what one is, what is asked, and how a stream is gathered. */

export type SdkCall = {
  sdk: string
  what: string
  /** The reply's fixture, `openai-chat/plain.sse`; null: the call counts no tokens. */
  fixture: string | null
  /** `origin` without a path. Gives what the caller of the SDK sees. */
  run(origin: string): Promise<unknown>
}

/** All that a stream gives, in order. */
export async function collected(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const one of stream) all.push(one)
  return all
}

/** One red pixel (PNG), as base64. */
export const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

export const question = 'Who keeps the bridge? ü "quoted"'

export const toolSchema = {
  type: 'object' as const,
  properties: { location: { type: 'string' as const } },
  required: ['location'],
}
