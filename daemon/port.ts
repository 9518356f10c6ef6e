/** Which port: the one that was asked for, the one this home has kept, or on the first start the default or the next free one. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultPort } from '../shared/contract/discovery.ts'
import { type Listening, listen } from './listen.ts'

const portFile = (home: string): string => join(home, 'port')

/** `asked`: that port or none. Else assistants point at what the home has kept, so another one will not do either. */
export async function listenAsWanted(
  home: string,
  asked: number | undefined,
  listeners: Parameters<typeof listen>[1],
): Promise<Listening> {
  if (asked !== undefined) return listen(asked, listeners)
  const kept = keptPort(home)
  if (kept !== undefined) return listen(kept, listeners)
  let last: Listening = { kind: 'in-use', port: defaultPort }
  for (let port = defaultPort; port < defaultPort + 20 && last.kind === 'in-use'; port++)
    last = await listen(port, listeners)
  if (last.kind === 'listening') writeFileSync(portFile(home), `${last.port}\n`, { mode: 0o600 })
  return last
}

/** As one writes it to say where to listen: 0 takes any that is free. */
export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) < 65536
}

/** The port that this home has kept since its first start. */
export function keptPort(home: string): number | undefined {
  try {
    const port = Number(readFileSync(portFile(home), 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined
  } catch {
    // no port was kept yet
    return undefined
  }
}

/** A sentence for whoever started us. `asked`: they named the port themselves. */
export function whyNotListening(listening: Exclude<Listening, { kind: 'listening' }>, asked: boolean): string {
  if (listening.kind === 'failed') return `Tollkeeper could not listen: ${listening.why}.`
  const remedy = asked ? 'Choose another one' : 'End that program, or move Tollkeeper for good'
  return `Port ${listening.port} is used by another program. ${remedy} with --port N (0 takes any free one).`
}
