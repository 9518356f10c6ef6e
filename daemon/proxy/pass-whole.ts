/** Passes an answer that came whole with its head: there is nothing left to hold, to pause or to wait for but its line. */
import { endingOf, isCut } from './ending.ts'
import { cutShort, endWith, type Passing, writeHead } from './passing.ts'

export async function passWhole(passing: Passing, chunks: readonly Buffer[]): Promise<void> {
  const { response, tap, attempt } = passing
  attempt?.bytes()
  const bytes: Uint8Array[] = []
  for (const chunk of chunks) tap.take(chunk, (part) => bytes.push(...part))
  const cut = isCut(passing)
  const rest = await new Promise<readonly Uint8Array[]>((resolve) => tap.end(resolve))
  const left = response.destroyed
  const ending = cut
    ? endingOf(passing, 'truncated', cutShort.detail)
    : endingOf(passing, left ? 'aborted' : 'ok', null)
  const cost = attempt ? attempt.end(ending) : null
  // the line of its end stands in the journal before the client sees any of it
  if (attempt) await passing.written()
  if (response.destroyed) return
  if (cut) passing.failed(cutShort)
  else if (writeHead(passing, cost)) endWith(response, rest.length === 0 ? bytes : [...bytes, ...rest])
}
