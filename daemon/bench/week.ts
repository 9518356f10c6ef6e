/** `npm run bench -- week [days]`: what a call a second, day and night, makes of the ledger's live memory, and how quick folding stays. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Event } from '../../shared/contract/event.ts'
import { emptyLedger, fold, type Ledger } from '../ledger/ledger.ts'
import { chance, openMix } from './mix.ts'

const start = Date.parse('2026-03-01T00:00:00Z')
const daySeconds = 86_400
const batch = 100

export function measureWeek(days: number, say: (text: string) => void): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('This Node has no gc() to call.')
  const liveMb = () => {
    // the second one waits for what the first one gives back beside the heap
    Reflect.apply(collect, undefined, [])
    Reflect.apply(collect, undefined, [])
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return (heapUsed + arrayBuffers) / 1e6
  }
  const ledger = emptyLedger('UTC')
  const before = liveMb()
  const foldDay = openDays(ledger)
  for (let day = 1; day <= days; day++) {
    const seconds = foldDay(day)
    const live = `${(liveMb() - before).toFixed(1)} MB live`
    say(`  day ${String(day).padEnd(4)}${live.padEnd(16)}${Math.round(daySeconds / seconds)} calls folded a second`)
  }
}

/** Answers how long the processor folded. Events come as from a wire: no two of them share the text of a name. */
function openDays(ledger: Ledger): (day: number) => number {
  const next = openMix('sessions', chance(7))
  let n = 0
  return (day) => {
    let micros = 0
    for (let second = 0; second < daySeconds; second += batch) {
      const entries = Array.from({ length: batch }, (_, i) => {
        const at = (day - 1) * daySeconds + second + i
        const t = start + at * 1000
        const { started, quota, ended } = next(`req_${at}`, t)
        return [started, quota, ended].flatMap((e) => (e ? [{ t, e: JSON.parse(JSON.stringify(e)) as Event }] : []))
      }).flat()
      const began = process.cpuUsage()
      for (const { t, e } of entries) fold(ledger, { origin: 'home', n: ++n, t, e })
      const { user, system } = process.cpuUsage(began)
      micros += user + system
    }
    return micros / 1e6
  }
}
