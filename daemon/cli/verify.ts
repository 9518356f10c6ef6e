/** `tollkeeper verify`: looks the history of a home through, with a daemon on it or without, and changes nothing. */
import { existsSync } from 'node:fs'
import { bytes } from '../../shared/format.ts'
import { type Verified, verifyHome } from '../store/verify.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { openProgress, silent } from './progress.ts'
import { answer, refuse } from './say.ts'

export async function verify({ home }: { home: string }, io: Io): Promise<ExitCode> {
  if (!existsSync(home)) {
    return refuse(io, exit.badUsage, `There is no folder ${home}: name the home with --home or TOLLKEEPER_HOME.`)
  }
  const progress = openProgress('Verifying', io.json ? silent : undefined)
  const verified = await verifyHome(home, progress.show).finally(progress.end)
  // faults are what was asked for, no lack of an answer
  answer(io, shownOf(verified), verifiedText(home, verified))
  return verified.faults.length === 0 ? exit.fine : exit.fault
}

function shownOf({ faults, notes, ...of }: Verified) {
  return { ok: faults.length === 0, ...of, faults, notes }
}

export function verifiedText(home: string, { faults, notes, ...of }: Verified): string {
  const lines = [...faults.map(({ text }) => text), ...notes.map(({ text }) => `Note: ${text}`)]
  if (lines.length > 0) lines.push('')
  if (of.segments === 0 && of.snapshot === null) return `${[...lines, `${home} holds no history yet.`].join('\n')}\n`
  const files = of.segments === 1 ? 'one segment' : `${of.segments} segments`
  // where there is one that cannot be read, its fault says so
  const snapshot = of.snapshot !== null || faults.length === 0 ? ` ${snapshotText(of)}` : ''
  lines.push(`Events ${of.first} to ${of.last} in ${files} (${of.lines} lines, ${bytes(of.bytes)}).${snapshot}`)
  lines.push(faults.length === 0 ? 'No fault was found.' : faultsText(faults.length))
  return `${lines.join('\n')}\n`
}

function snapshotText({ snapshot }: Pick<Verified, 'snapshot'>): string {
  if (snapshot === null) return 'There is no snapshot yet.'
  const compared = {
    all: 'compared with all events folded anew',
    previous: 'compared with the one before it and what came after',
    none: 'not compared',
  }
  return `The snapshot holds everything up to ${snapshot.n}; it was ${compared[snapshot.compared]}.`
}

function faultsText(count: number): string {
  return count === 1 ? 'One fault was found.' : `${count} faults were found.`
}
