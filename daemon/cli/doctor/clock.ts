/** Can the clock be right? Resets, budgets and prices go by it. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Around } from './around.ts'
import { fail, ok, type Said, warn } from './finding.ts'
import { runQuick } from './run-quick.ts'

export type ClockFacts = {
  /** Epoch ms. */
  now: number
  /** When the newest file of the journal was written, epoch ms; null: there is none. */
  lastWritten: number | null
  /** The system sets it by the network; null: it does not tell. */
  synchronized: boolean | null
  timeZone: string
}

/** No machine that runs this lives before. */
const madeAt = Date.parse('2026-11-01T00:00:00Z')
const aheadMs = 5 * 60_000

export async function clock({ home, env, now, platform, written }: Around): Promise<Said[]> {
  const synchronized = platform === 'linux' ? await bySystemd(env) : null
  return [
    saidOfClock({
      now,
      lastWritten: await newestIn(join(home, 'journal')),
      synchronized,
      timeZone: written.settings.timeZone,
    }),
  ]
}

async function newestIn(folder: string): Promise<number | null> {
  const names = await readdir(folder).catch(() => [])
  const times = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  )
  return times.length === 0 ? null : Math.max(...times)
}

/** timedatectl(1). Elsewhere only an administrator is told. */
async function bySystemd(env: Around['env']): Promise<boolean | null> {
  const said = (await runQuick('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { env }))?.trim()
  return said === 'yes' ? true : said === 'no' ? false : null
}

const setIt = 'Let the system set its clock by the network'

export function saidOfClock({ now, lastWritten, synchronized, timeZone }: ClockFacts): Said {
  const at = `The clock says ${new Date(now).toISOString()}`
  if (now < madeAt) return fail(`${at}, which is before this version was made.`, setIt)
  if (lastWritten !== null && lastWritten > now + aheadMs) {
    return warn(
      `${at}, and the journal was last written at ${new Date(lastWritten).toISOString()}: it has gone back, or was ahead.`,
      setIt,
    )
  }
  if (synchronized === false)
    return warn(`${at}, and the system does not set it by the network.`, `${setIt}: sudo timedatectl set-ntp true`)
  return ok(`${at}; days begin as in ${timeZone}.`)
}
