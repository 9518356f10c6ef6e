/** Adds up entries whose own lines there is no room for: the sums stay whole, the numbers stay without a gap. */
import { type AttemptEnded, type Entry, type Folded, isKeptWhole } from '../../shared/contract/event.ts'
import { countedOf, jointDimensions } from '../ledger/counted.ts'
import { addSums, emptySums, type Sums } from '../ledger/sums.ts'
import { quarterMs } from '../ledger/zone.ts'
import { firstOf } from './segment.ts'

/** Lines that stay as they are (attempts still open, newest quotas, newest refusals; first what no sum could tell), and rows of one added-up line. */
const bounds = { kept: 2000, whole: 1000, rows: 2000 }
type Row = Folded['rows'][number]

/** The names that stay apart, from fine to coarse; the others become `other` where there are too many rows. */
const grains: readonly (readonly string[])[] = [
  jointDimensions,
  ['provider', 'account', 'model', 'client', 'billing'],
  ['provider', 'billing'],
]

/**
 * `entries`: a stretch of one origin without a gap, oldest first. The answer covers the same numbers with fewer lines; what no
 * sum could tell keeps its own line.
 */
export function foldAway(entries: readonly Entry[]): Entry[] {
  const kept = keptOf(entries)
  const last = entries.at(-1)
  const out: Entry[] = []
  let stretch: Entry[] = []
  const endStretch = (rows: Row[], ended: string[]) => {
    const [from, to] = [stretch[0], stretch.at(-1)]
    if (!from || !to) return
    const e: Folded = { type: 'folded', from: firstOf(from), to: to.n, ended, rows }
    out.push({ origin: to.origin, n: to.n, t: to.t, e })
    stretch = []
  }
  // One line carries all sums: the last, so that no line refers to an attempt which a later one starts.
  const carrier = last && kept.has(last) ? entries.findLast((entry) => !kept.has(entry)) : last
  for (const entry of entries) {
    if (kept.has(entry)) {
      endStretch([], [])
      out.push(entry)
    } else {
      stretch.push(entry)
      if (entry === carrier) endStretch(rowsOf(entries), endedOf(entries))
    }
  }
  return out
}

/** What says of cooldowns, budgets, alerts and changes, starts of attempts that are still open, and the newest of each quota and of the refusals. */
function keptOf(entries: readonly Entry[]): Set<Entry> {
  const ended = new Set(entries.flatMap(({ e }) => (e.type === 'attempt.ended' ? [e.attempt] : [])))
  const quotas = new Set<string>()
  const kept = new Set(entries.filter(({ e }) => isKeptWhole(e)).slice(-bounds.whole))
  for (const entry of entries.toReversed()) {
    if (kept.size >= bounds.kept) break
    const { e } = entry
    if (e.type === 'attempt.started' && !ended.has(e.attempt)) kept.add(entry)
    if (e.type === 'call.refused') kept.add(entry)
    if (e.type !== 'quota.read') continue
    const key = JSON.stringify([e.provider, e.account, e.model, e.windows.map((window) => window.name)])
    if (!quotas.has(key)) kept.add(entry)
    quotas.add(key)
  }
  return kept
}

/** Attempts that ended here and whose start stands in an earlier line: without their names a replay would take them for open. */
function endedOf(entries: readonly Entry[]): string[] {
  const started = new Set(entries.flatMap(({ e }) => (e.type === 'attempt.started' ? [e.attempt] : [])))
  const endsIn = ({ e }: Entry): readonly string[] => {
    if (e.type === 'folded') return e.ended ?? []
    return e.type === 'attempt.ended' ? [e.attempt] : []
  }
  return entries.flatMap(endsIn).filter((attempt) => !started.has(attempt))
}

function rowsOf(entries: readonly Entry[]): Row[] {
  for (const grain of grains) {
    const rows = rowsAt(entries, grain)
    if (rows.length <= bounds.rows || grain === grains.at(-1)) return rows
  }
  return []
}

type Added = { at: number; names: string[]; sums: Sums; failedOver: number }

function rowsAt(entries: readonly Entry[], grain: readonly string[]): Row[] {
  const rows = new Map<string, Added>()
  for (const counted of entries.flatMap(countedOf)) {
    const at = Math.floor(counted.at / quarterMs) * quarterMs
    const names = counted.names.map((name, i) => {
      const dimension = jointDimensions[i] ?? ''
      if (grain.includes(dimension)) return name
      return dimension === 'chain' || dimension === 'folder' ? '' : 'other'
    })
    const key = JSON.stringify([at, names])
    const row = rows.get(key) ?? { at, names, sums: emptySums(), failedOver: 0 }
    rows.set(key, row)
    addSums(row.sums, counted.sums)
    row.failedOver += counted.failedOver
  }
  return [...rows.values()].map(rowOf)
}

function rowOf({ at, names, sums, failedOver: calls }: Added): Row {
  const [provider = '', account = '', model = '', client = '', task = '', chain = '', folder = '', billing = ''] = names
  const { requests, failed, attempts, cost, billed, unpriced, estimated, latencyUs, ...usage } = sums
  return {
    ...{ provider, account, model, client, task, chain: chain || null, folder: folder || null },
    billing: readBilling(billing),
    ...{ at, requests, attempts, failed, usage, cost, billed, unpriced, estimated, latencyMs: latencyUs / 1000 },
    ...(calls > 0 && { failedOver: calls }),
  }
}

const billings: readonly AttemptEnded['billing'][] = ['metered', 'plan', 'overage', 'local', 'simulated']

/** The name came out of an event, whose schema knows no other. */
function readBilling(name: string): AttemptEnded['billing'] {
  return billings.find((billing) => billing === name) ?? 'metered'
}
