/** `tollkeeper compact`: a snapshot now; the daemon makes it where one runs, else this command does under the home's lock. */
import type { ReplyOf } from '../../shared/contract/endpoint.ts'
import type { Endpoints } from '../../shared/contract/endpoints/index.ts'
import { bytes } from '../../shared/format.ts'
import { findDaemon } from '../discovery.ts'
import { openLog } from '../log.ts'
import { openHome } from '../opened-home.ts'
import { holdsHistory } from '../store/holds-history.ts'
import { whyHeld } from '../store/home-lock.ts'
import { takeKnownHome } from '../store/known-home.ts'
import { askDaemon } from './attach.ts'
import { localFetchWithin } from './http.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { answer, note, refuse } from './say.ts'

/** A history of years takes a minute. */
const longestMs = 10 * 60_000

type Compacted = ReplyOf<Endpoints['compact']>

export async function compact({ home }: { home: string }, io: Io): Promise<ExitCode> {
  if ('url' in (await findDaemon(home))) {
    const reply = await askDaemon(home, io, 'compact', { body: {} }, { fetch: localFetchWithin(longestMs) })
    return reply.ok ? answer(io, reply.value, compactedText(reply.value)) : reply.code
  }
  if (!(await holdsHistory(home))) {
    return refuse(io, exit.badUsage, `${home} holds no history.`)
  }
  const lock = await takeKnownHome(home)
  if (lock.kind !== 'taken') {
    const why = lock.kind === 'unusable' ? lock.why : whyHeld(home, lock.by.pid)
    return refuse(io, exit.fault, why)
  }
  const closers: (() => Promise<void> | void)[] = [() => lock.release()]
  try {
    const done = await compactHere(home, lock.epoch, io, closers)
    return 'why' in done ? refuse(io, exit.fault, done.why) : answer(io, done, compactedText(done))
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

/** As a start of the daemon does it: what a former one left open or lost is recorded first, or the snapshot would pass over it. */
async function compactHere(
  home: string,
  epoch: number,
  io: Io,
  closers: (() => Promise<void> | void)[],
): Promise<Compacted | { why: string }> {
  const log = openLog({ write: io.err, level: 'silent' })
  const { book, warnings } = await openHome({ home, epoch, env: io.env, log, now: io.now, closers })
  await book.compact()
  for (const { code, text } of warnings.list()) if (code !== 'compaction-failed') note(io, text)
  const failed = warnings.list().find(({ code }) => code === 'compaction-failed')
  return failed ? { why: failed.text } : book.figures()
}

function compactedText({ snapshot, segments, bytes: size }: Compacted): string {
  const files = segments === 1 ? 'One segment is' : `${segments} segments are`
  return `The snapshot holds everything up to event ${snapshot}. ${files} kept (${bytes(size)}).\n`
}
