/** Sends an answer word by word, or as one body once it would have been spoken. */
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import type { Ask } from './ask.ts'
import type { Voice } from './voice.ts'

type Pace = { speed: number; now: () => number; gone: AbortSignal }

/** About thirty tokens a second. */
const pieceMs = 33
/** `sandbox-cut` breaks off after so many pieces. */
const piecesBeforeCut = 5

export type Speech = {
  reply: ServerResponse
  voice: Voice
  ask: Ask
  answer: Answer
  headers: Record<string, string>
  pace: Pace
}

/** Rejects when the client leaves. */
export async function speak(speech: Speech): Promise<void> {
  const isCut = speech.ask.model === 'sandbox-cut'
  if (speech.ask.stream) await speakPieces(speech, isCut)
  else await speakWhole(speech, isCut)
  if (isCut) speech.reply.socket?.destroy()
  else speech.reply.end()
}

async function speakPieces({ reply, voice, ask, answer, headers, pace }: Speech, isCut: boolean): Promise<void> {
  const type = voice.streamType ?? 'text/event-stream; charset=utf-8'
  reply.writeHead(200, { ...headers, 'content-type': type, 'cache-control': 'no-cache' })
  await written(reply, voice.opening(answer, ask, pace.now()))
  for (const piece of isCut ? answer.pieces.slice(0, piecesBeforeCut) : answer.pieces) {
    await wait(pieceMs, pace)
    await written(reply, voice.piece(answer, ask, pace.now(), piece))
  }
  if (!isCut) await written(reply, voice.closing(answer, ask, pace.now()))
}

async function speakWhole({ reply, voice, answer, headers, pace }: Speech, isCut: boolean): Promise<void> {
  await wait(pieceMs * answer.pieces.length, pace)
  const body = Buffer.from(voice.contentBody(answer, pace.now()))
  reply.writeHead(200, { ...headers, 'content-type': 'application/json', 'content-length': body.length })
  await written(reply, isCut ? body.subarray(0, body.length / 2) : body)
}

async function wait(ms: number, { speed, gone }: Pace): Promise<void> {
  gone.throwIfAborted()
  if (speed !== Infinity) await pause(ms / speed, undefined, { signal: gone })
}

/** Waits until the bytes are on their way, so that a client that reads slowly slows the sandbox. */
function written(reply: ServerResponse, bytes: string | Buffer): Promise<void> {
  if (bytes.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => reply.write(bytes, (fault) => (fault ? reject(fault) : resolve())))
}
