/** Whether an event of ours surely has the form that reading asks for: what a schema would say, for a tenth of its time. */
import {
  type AttemptEnded,
  type AttemptStarted,
  attemptEnded,
  attemptStarted,
  type Event,
} from '../../shared/contract/event.ts'
import { type AudioUsage, type Usage, usage } from '../../shared/contract/usage.ts'

const fields = {
  // but those that few have: key
  started: Object.keys(attemptStarted.shape).length - 1,
  // but money: cost, billed
  estimate: Object.keys(attemptStarted.shape.estimate.shape).length - 2,
  // but those that few have: audio, images, imported, keptAs, key, refusal, searches, skipped, tier, underWay, within
  ended: Object.keys(attemptEnded.shape).length - 11,
  usage: Object.keys(usage.shape).length,
}

/**
 * Names and texts are what their types say. What the compiler cannot hold is looked at: numbers, which JSON or the schema may
 * have no room for, and fields too many. false: ask the schema.
 */
export function isSurelyReadable(e: Event): boolean {
  switch (e.type) {
    case 'attempt.started':
      return isStarted(e)
    case 'attempt.ended':
      return isEnded(e)
    default:
      // Few, or made of parts that vary.
      return false
  }
}

function isStarted(e: AttemptStarted): boolean {
  const { cost, billed, input, output } = e.estimate
  return (
    has(e, fields.started + one(e.key)) &&
    has(e.estimate, fields.estimate + one(cost) + one(billed)) &&
    isCount(input) &&
    isCount(output) &&
    (cost === undefined || isCount(cost)) &&
    (billed === undefined || isCount(billed))
  )
}

function isEnded(e: AttemptEnded): boolean {
  return (
    // few calls pass targets over, and what they did is a list
    e.skipped === undefined &&
    has(e, fields.ended + few(e)) &&
    (e.audio === undefined || isAudio(e.audio)) &&
    (e.searches === undefined || isCount(e.searches)) &&
    isCount(e.attempts) &&
    Number.isSafeInteger(e.startedAt) &&
    (e.status === null || Number.isSafeInteger(e.status)) &&
    (e.usage === null || isUsage(e.usage)) &&
    (e.cost === null || isCount(e.cost)) &&
    (e.billed === null || isCount(e.billed)) &&
    (e.price === null || has(e.price, 2 + one(e.price.pricedAs) + one(e.price.tier) + one(e.price.within))) &&
    Number.isFinite(e.latencyMs) &&
    (e.ttftMs === null || Number.isFinite(e.ttftMs)) &&
    Number.isFinite(e.overheadMs)
  )
}

function few({
  key,
  imported,
  refusal,
  tier,
  within,
  searches,
  audio,
  images,
  keptAs,
  underWay,
}: AttemptEnded): number {
  const served = one(tier) + one(within) + one(searches) + one(audio) + one(images)
  return served + one(key) + one(imported) + one(refusal) + one(keptAs) + one(underWay)
}

function isAudio({ input, cacheRead, output, ...more }: AudioUsage): boolean {
  return isCount(input) && (cacheRead === undefined || isCount(cacheRead)) && isCount(output) && has(more, 0)
}

function isUsage(u: Usage): boolean {
  return (
    has(u, fields.usage) &&
    isCount(u.input) &&
    isCount(u.cacheRead) &&
    isCount(u.cacheWrite5m) &&
    isCount(u.cacheWrite1h) &&
    isCount(u.output) &&
    isCount(u.reasoning)
  )
}

function one(field: unknown): 0 | 1 {
  return field === undefined ? 0 : 1
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}

/** Counted without making a list of the names. */
function has(value: object, count: number): boolean {
  let found = 0
  for (const _ in value) found++
  return found === count
}
