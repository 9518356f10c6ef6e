/** What the sandbox says, and what it claims to have used for it. */
import type { Ask, ForcedTool } from './ask.ts'

type SandboxUsage = {
  /** Neither read from nor written to a cache. */
  input: number
  cacheRead: number
  cacheWrite5m: number
  cacheWrite1h: number
  output: number
}

export type Answer = {
  id: string
  model: string
  /** Pieces of text, one token each; those of a tool call are pieces of its JSON. */
  pieces: string[]
  tool: ForcedTool | null
  /** It stopped because the caller allowed no more. */
  cutShort: boolean
  thinks?: 'shown' | 'hidden'
  usage: SandboxUsage
}

const openingsKept = 200

/** Remembers which conversations it has seen, so that the second request of one reads from the cache what the first wrote. */
export function openAnswers(newId: () => string): { answerTo(ask: Ask): Answer; inputTokensOf(ask: Ask): number } {
  const seen = new Set<string>()

  function usageOf(ask: Ask, output: number): SandboxUsage {
    const whole = inputTokensOf(ask)
    const cacheable = Math.floor(whole * 0.75)
    const isKnown = seen.has(ask.opening)
    seen.add(ask.opening)
    for (const oldest of seen) {
      if (seen.size <= openingsKept) break
      seen.delete(oldest)
    }
    const cacheRead = isKnown ? cacheable : 0
    const written = isKnown || ask.cacheFor === null ? 0 : cacheable
    return {
      input: whole - cacheRead - written,
      cacheRead,
      cacheWrite5m: ask.cacheFor === '1h' ? 0 : written,
      cacheWrite1h: ask.cacheFor === '1h' ? written : 0,
      output,
    }
  }

  function answerTo(ask: Ask): Answer {
    const all = ask.tool === null ? wordsFor(ask) : (JSON.stringify(ask.tool.input).match(/.{1,8}/gsu) ?? [])
    const pieces = all.slice(0, ask.maxTokens)
    return {
      id: newId(),
      model: ask.model,
      pieces,
      tool: ask.tool,
      cutShort: pieces.length < all.length,
      ...(ask.thinks && { thinks: ask.thinks }),
      usage: usageOf(ask, pieces.length),
    }
  }

  return { answerTo, inputTokensOf }
}

/** Four letters a token, as providers' rules of thumb have it. */
function inputTokensOf(ask: Ask): number {
  return Math.max(1, Math.ceil(ask.promptLength / 4))
}

function wordsFor(ask: Ask): string[] {
  const quoted = ask.question.length > 80 ? `${[...ask.question].slice(0, 80).join('')}…` : ask.question
  const sentences = [
    'This is a simulated answer from the Tollkeeper sandbox: no provider was asked and nothing is owed.',
    quoted === '' ? 'You sent no text.' : `You wrote: “${quoted}”.`,
    'Tokens, cost and limits of this call are counted as if it were real, and shown as simulated until your first real call.',
  ]
  if (ask.model === 'sandbox-large') {
    sentences.push(
      'As the large model I go on a little, so that you can watch a longer stream:',
      'the first byte passes at once, each word after it at the pace of a person reading aloud,',
      'and the last one only after the call was written down.',
    )
  }
  return sentences.join(' ').match(/\S+\s*/g) ?? []
}
