/** The far side of every measurement: a provider that answers at once, with a JSON body or a stream of 300 chunks. */
import { createServer, type ServerResponse } from 'node:http'

const chunks = 300

const answer = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(160) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 900, completion_tokens: 160, total_tokens: 1060 },
  }),
)

const piece = Buffer.from(
  `data: ${JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }],
  })}\n\n`,
)
const finish = `data: ${JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'gpt-4o-mini',
  choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
})}\n\n`
const usage = `data: ${JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'gpt-4o-mini',
  choices: [],
  usage: { prompt_tokens: 900, completion_tokens: chunks, total_tokens: 900 + chunks },
})}\n\n`
const done = 'data: [DONE]\n\n'
/** As OpenAI does: usage comes where it is asked for, and the daemon asks. */
const endings = { asked: Buffer.from(finish + usage + done), notAsked: Buffer.from(finish + done) }

/** Below it every call is refused, as OpenAI does. */
export const refusingPath = '/refuse'
const refusal = Buffer.from(
  JSON.stringify({
    error: { message: 'Rate limit reached.', type: 'requests', param: null, code: 'rate_limit_exceeded' },
  }),
)

/** Runs until it is killed; `listening` is told the port. */
export function serveUpstream(listening: (port: number) => void): void {
  const server = createServer((request, response) => {
    const body: Buffer[] = []
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('end', () => {
      if (request.url?.startsWith(refusingPath) === true) {
        const head = { 'content-type': 'application/json', 'content-length': refusal.length, 'retry-after': '30' }
        return void response.writeHead(429, head).end(refusal)
      }
      const asked = Buffer.concat(body)
      if (asked.includes('"stream":true')) {
        const ending = asked.includes('"include_usage":true') ? endings.asked : endings.notAsked
        stream(response, ending, asked.includes('"user":"paced stream"'))
      } else {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
      }
    })
  })
  server.keepAliveTimeout = 120_000
  server.listen(0, '127.0.0.1', () => listening(portOf(server.address())))
}

/** A chunk a turn of the loop: no faster than they can be written one by one, no slower than the machine. Or a chunk a millisecond. */
function stream(response: ServerResponse, ending: Buffer, paced: boolean): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let sent = 0
  const next = () => {
    if (response.destroyed) return
    if (sent++ === chunks) return void response.end(ending)
    response.write(piece)
    if (paced) setTimeout(next, 1)
    else setImmediate(next)
  }
  next()
}

export function portOf(address: { port: number } | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}
