/** A simulated provider on loopback: speaks all dialects at a human pace, and fails or has small limits when the model's name tells it to. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { openAnswers } from './answer.ts'
import { anthropicVoice } from './anthropic-voice.ts'
import { geminiAt } from './gemini-ask.ts'
import { geminiVoice } from './gemini-voice.ts'
import { kindOf, openLimits, reachedUntil, tinyModel, tinyPlanModel } from './limits.ts'
import { openaiVoice } from './openai-voice.ts'
import { paths } from './paths.ts'
import { readBody } from './read-body.ts'
import { speak } from './speak.ts'
import type { Heard, Reached, Voice } from './voice.ts'

export const sandboxModels = [
  'sandbox-small',
  'sandbox-large',
  'sandbox-slow',
  tinyModel,
  tinyPlanModel,
  'sandbox-429',
  'sandbox-500',
  'sandbox-cut',
] as const

/** How long `sandbox-slow` thinks before it answers. */
const slowHeadMs = 5000

export type Sandbox = { url: string; models: readonly string[]; close(): Promise<void> }

/** `speed` 1 is a human pace, 10 ten times it, Infinity without a pause. Any model name is answered; unknown ones as small. */
export async function openSandbox({ now, speed = 1 }: { now: () => number; speed?: number }): Promise<Sandbox> {
  const limits = openLimits(now)
  const answers = openAnswers(() => randomBytes(12).toString('hex'))

  async function complete(
    dialect: Dialect,
    { ask, voice }: Heard,
    request: IncomingMessage,
    reply: ServerResponse,
  ): Promise<void> {
    const credential = credentialOf(request)
    const answer = answers.answerTo(ask)
    const tokens = { input: answers.inputTokensOf(ask), output: answer.usage.output }
    const kind = kindOf(dialect, credential, ask.model)
    const { headers, reached } = limits.take({ kind, credential, model: ask.model, tokens })
    if (reached) return refuse(reply, voice, reached, headers)
    if (ask.model === 'sandbox-429') {
      return refuse(reply, voice, reachedUntil(now() + 20_000, now(), { of: 'minute', limit: 500 }), headers)
    }
    if (ask.model === 'sandbox-500') {
      return answerWith(reply, 500, voice.errorBody(500, 'Simulated: the server had an error.'), headers)
    }
    const gone = new AbortController()
    reply.on('close', () => gone.abort())
    if (ask.model === 'sandbox-slow') await paused(slowHeadMs / speed, gone.signal)
    const pace = { speed: ask.model === 'sandbox-slow' ? speed / 5 : speed, now, gone: gone.signal }
    await speak({ reply, voice, ask, answer, headers, pace })
  }

  async function serve(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sandbox')
    const path = url.pathname.replace(/^\/v1(?:beta)?(?=\/)/, '')
    const hearGemini = geminiAt(request.method, url)
    const dialect = hearGemini ? 'gemini' : dialectOf(request, url.pathname)
    const voice = voices[dialect]
    reply.setHeader(dialect === 'anthropic' ? 'request-id' : 'x-request-id', `req_${randomBytes(12).toString('hex')}`)
    const route = `${request.method} ${path}`
    if (route === 'GET /models') return answerWith(reply, 200, voice.models(sandboxModels))
    if (request.method === 'HEAD') return answerWith(reply, 200, '')
    const hear = hearGemini ?? paths.get(route)
    if (hear === undefined) {
      const known = ['GET /models', ...paths.keys()].join(', ')
      return answerWith(reply, 404, voice.errorBody(404, `The sandbox has no ${route}. It has: ${known}.`))
    }
    const body = await readBody(request)
    if (body === undefined) return answerWith(reply, 413, voice.errorBody(413, 'The body is larger than 64 MiB.'))
    const heard = hear(body)
    if ('bad' in heard) return answerWith(reply, 400, voice.errorBody(400, heard.bad))
    if (heard.counted) {
      return answerWith(reply, 200, JSON.stringify(heard.counted(answers.inputTokensOf(heard.ask))))
    }
    return complete(dialect, heard, request, reply)
  }

  const server = createServer((request, reply) => {
    serve(request, reply).catch((fault: unknown) => {
      // A client that left ends a reply too, and there is nobody left to tell.
      if (reply.destroyed || reply.headersSent) reply.destroy()
      else answerWith(reply, 500, openaiVoice.errorBody(500, `The sandbox itself failed: ${String(fault)}`))
    })
  })
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    models: sandboxModels,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Dialect = 'openai' | 'anthropic' | 'gemini'
const voices: Record<Dialect, Voice> = { openai: openaiVoice, anthropic: anthropicVoice, gemini: geminiVoice }

function dialectOf({ headers }: IncomingMessage, path: string): Dialect {
  if (/^(\/v1)?\/messages/.test(path) || 'anthropic-version' in headers) return 'anthropic'
  return path.startsWith('/v1beta/') || 'x-goog-api-key' in headers ? 'gemini' : 'openai'
}

async function paused(ms: number, gone: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: gone })
}

function refuse(reply: ServerResponse, voice: Voice, reached: Reached, headers: Record<string, string>): void {
  const { of, until, wait } = reached
  const sentence =
    of === 'minute'
      ? `Simulated: the rate limit is reached. Try again in ${wait} seconds.`
      : `Simulated: the ${of}'s limit is reached. It resets at ${new Date(until).toISOString()}.`
  answerWith(reply, 429, voice.errorBody(429, sentence, reached), { ...headers, 'retry-after': String(wait) })
}

function answerWith(reply: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  const bytes = Buffer.from(body)
  reply.writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': bytes.length })
  reply.end(bytes)
}

/** Plan tokens are told by how they begin, so that stays; the rest is kept as a hash only. */
function credentialOf({ headers }: IncomingMessage): string {
  const key = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization?.replace(/^Bearer /i, '') ?? ''
  const text = String(key)
  return `${text.slice(0, 10)}${createHash('sha256').update(text).digest('hex')}`
}
