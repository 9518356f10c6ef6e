/** `tollkeeper get PATH`: any GET of the API with the local token, its JSON to standard output. */
import { attach } from './attach.ts'
import { localFetch } from './http.ts'
import { type ExitCode, exit, type Io } from './io.ts'

export async function get({ home, path }: { home: string; path: string }, io: Io): Promise<ExitCode> {
  // the token goes to the daemon that has proved itself, never to a host that stands in the argument
  if (/^[a-z][a-z0-9+.-]*:|^\/\/|[\s\\]/i.test(path)) {
    io.err(`'${path}' is no path. Give one such as /v1/ratelimits, without the address.\n`)
    return exit.badUsage
  }
  const daemon = await attach(home, io)
  if (!daemon) return exit.fault
  const url = daemon.url + (path.startsWith('/') ? path : `/${path}`)
  const headers = { authorization: `Bearer ${daemon.discovery.token}`, accept: 'application/json' }
  try {
    const reply = await localFetch(url, { method: 'GET', headers })
    const text = shown(await reply.text())
    if (reply.status < 400) io.out(text)
    else io.err(text)
    return reply.status < 400 ? exit.fine : exit.fault
  } catch (error) {
    io.err(`No answer from ${url}: ${error instanceof Error ? error.message : String(error)}\n`)
    return exit.fault
  }
}

/** JSON is laid out for reading; what is none comes as it is. */
function shown(text: string): string {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`
  } catch {
    return text.endsWith('\n') ? text : `${text}\n`
  }
}
