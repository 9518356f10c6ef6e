/** Does the daemon of this home run, and what does it warn of? */
import type { Warning } from '../../../shared/contract/warning.ts'
import type { FoundDaemon } from '../../discovery.ts'
import { holderPidOf } from '../../store/home-lock.ts'
import type { Around, Told } from './around.ts'
import { configCodes } from './config.ts'
import { fail, ok, type Said, warn } from './finding.ts'

export async function daemon({ daemon, told, home }: Around): Promise<Said[]> {
  // a home that cannot be read has a check of its own
  const holder = 'absent' in daemon ? await holderPidOf(home).catch(() => undefined) : undefined
  return saidOfDaemon({ daemon, told, holder })
}

/** `holder`: the process that has the home's lock although no daemon of it answers. */
export function saidOfDaemon(of: { daemon: FoundDaemon; told: Told; holder: number | undefined }): Said[] {
  const { daemon, told, holder } = of
  if (!('absent' in daemon)) {
    const { pid, version } = daemon.discovery
    return [ok(`Tollkeeper ${version} runs on ${daemon.url}, process ${pid}.`), ...saidByDaemon(told)]
  }
  if (holder !== undefined) {
    const fix = `Wait until it has started, or end process ${holder}; then: tollkeeper start`
    return [fail(`Process ${holder} holds this home and does not answer as its daemon.`, fix)]
  }
  switch (daemon.kind) {
    case 'none':
      return [warn('No daemon runs.', start)]
    case 'stale':
      return [
        warn(
          'The daemon that announced itself is gone, and did not end by itself.',
          `${start}; daemon.log may say why`,
        ),
      ]
    case 'foreign':
      return [warn('The daemon that announced itself is gone, and another program has its port.', start)]
    case 'unreadable':
      return [warn(`Whether a daemon runs is not known: ${daemon.absent}.`, 'Look at what is said of the home.')]
  }
}

const start = 'tollkeeper start'

function saidByDaemon(told: Told): Said[] {
  switch (told.kind) {
    case 'nothing':
      return []
    case 'refused':
      return [fail(`It runs, but did not answer what it was asked: ${told.why}`, 'tollkeeper restart')]
    case 'told':
      // the rest has checks of its own
      return told.warnings.filter(({ code }) => !configCodes.has(code) && code !== 'home-open').map(saidOfWarning)
  }
}

/** Its sentence says what to do, where something can be done. */
function saidOfWarning({ text, since }: Warning): Said {
  return warn(`It warns since ${since}: ${text}`, 'Do as the warning says; it goes by itself once that has helped.')
}
