/** The sandbox's limits: counted down in memory for each credential, and refusing once they are used up. */
import { nextPacificMidnight } from '../providers/quota-midnight.ts'
import { anthropicHeaders, codexHeaders, openaiHeaders, unifiedHeaders } from './limit-headers.ts'
import type { Reached } from './voice.ts'

/**
 * What is limited, and in whose words: a minute of an API key at OpenAI, Anthropic or Gemini, a plan of Anthropic's or ChatGPT's, a
 * day at Gemini.
 */
export type Kind = 'openai' | 'anthropic' | 'gemini' | 'claude-plan' | 'chatgpt-plan' | 'gemini-day'
export type Asked = { kind: Kind; credential: string; model: string; tokens: { input: number; output: number } }
export type Taken = {
  headers: Record<string, string>
  /** null: this one is let through. */
  reached: Reached | null
}

type Amounts = { requests: number; input: number; output: number }
export type Stretch = { allowed: Amounts; left: Amounts; resetsAt: number }
/** Shares of a plan, 0 to 1. */
export type Plan = { fiveHours: number; fiveHoursReset: number; sevenDays: number; sevenDaysReset: number }

/** Limits of keys hold for one model each, and a plan's for all: each name may be tried without spoiling another. */
export const tinyModel = 'sandbox-tiny'
export const tinyPlanModel = 'sandbox-plan-tiny'

const usual: Amounts = { requests: 500, input: 400_000, output: 80_000 }
const tiny: Amounts = { ...usual, requests: 5 }
const minute = 60_000
const fiveHours = 5 * 60 * minute
const sevenDays = 7 * 24 * 60 * minute
const kept = 1000

type PlanSize = { begins: number; step: number; tokens: number; firstReset: number; again: number }

/** Begins in the middle, so that there is something to see, and lasts an evening. */
const usualPlan: PlanSize = { begins: 0.37, step: 0.0005, tokens: 1e8, firstReset: fiveHours / 2, again: 0 }
/** Used up by five calls; nearly over when it begins, so that one need not wait for hours to see it begin anew. */
const tinyPlan: PlanSize = { begins: 0.5, step: 0.1, tokens: Infinity, firstReset: 5 * minute, again: 0.5 }

/** A subscription's token is told from an API key by its form. */
export function kindOf(dialect: 'openai' | 'anthropic' | 'gemini', credential: string, model: string): Kind {
  if (model === tinyPlanModel) {
    return ({ openai: 'chatgpt-plan', anthropic: 'claude-plan', gemini: 'gemini-day' } as const)[dialect]
  }
  return credential.startsWith('sk-ant-oat') ? 'claude-plan' : dialect
}

export function openLimits(now: () => number): { take(asked: Asked): Taken } {
  const stretches = new Map<string, Stretch>()
  const plans = new Map<string, Plan>()

  function stretchOf({ kind, credential, model }: Asked): Stretch {
    const key = `${kind} ${model} ${credential}`
    const known = stretches.get(key)
    if (known !== undefined && known.resetsAt > now()) return known
    const allowed = model === tinyModel || model === tinyPlanModel ? tiny : usual
    const resetsAt = kind === 'gemini-day' ? nextPacificMidnight(now()) : now() + minute
    return keep(stretches, key, { allowed, left: { ...allowed }, resetsAt })
  }

  function planOf({ kind, credential }: Asked, size: PlanSize): Plan {
    const key = `${kind} ${size === tinyPlan} ${credential}`
    const first = {
      fiveHours: size.begins,
      fiveHoursReset: now() + size.firstReset,
      sevenDays: 0.21,
      sevenDaysReset: now() + sevenDays / 2,
    }
    const known = plans.get(key) ?? keep(plans, key, first)
    if (known.fiveHoursReset <= now()) {
      known.fiveHours = size.again
      known.fiveHoursReset = now() + (size === tinyPlan ? size.firstReset : fiveHours)
    }
    if (known.sevenDaysReset <= now()) Object.assign(known, { sevenDays: 0, sevenDaysReset: now() + sevenDays })
    return known
  }

  function takeOfPlan(asked: Asked): Taken {
    const size = asked.model === tinyPlanModel ? tinyPlan : usualPlan
    const plan = planOf(asked, size)
    const resets = [plan.fiveHours >= 1 && plan.fiveHoursReset, plan.sevenDays >= 1 && plan.sevenDaysReset]
    const until = Math.max(...resets.map(Number))
    if (until === 0) {
      const used = size.step + (asked.tokens.input + asked.tokens.output) / size.tokens
      plan.fiveHours = added(plan.fiveHours, used)
      plan.sevenDays = added(plan.sevenDays, used / 50)
    }
    const headers = asked.kind === 'chatgpt-plan' ? codexHeaders(plan) : unifiedHeaders(plan, until > 0)
    return { headers, reached: until > 0 ? reachedUntil(until, now(), { of: 'plan', limit: null }) : null }
  }

  function takeOfStretch(asked: Asked): Taken {
    const stretch = stretchOf(asked)
    const { left, allowed, resetsAt } = stretch
    const isFull = left.requests === 0
    if (!isFull) {
      left.requests--
      left.input = Math.max(0, left.input - asked.tokens.input)
      left.output = Math.max(0, left.output - asked.tokens.output)
    }
    const of = asked.kind === 'gemini-day' ? ('day' as const) : ('minute' as const)
    const reached = isFull ? reachedUntil(resetsAt, now(), { of, limit: allowed.requests }) : null
    if (asked.kind === 'anthropic') return { headers: anthropicHeaders(stretch), reached }
    // Gemini says nothing of limits in headers
    return { headers: asked.kind === 'openai' ? openaiHeaders(stretch, now()) : {}, reached }
  }

  const isOfPlan = ({ kind }: Asked) => kind === 'claude-plan' || kind === 'chatgpt-plan'
  return { take: (asked) => (isOfPlan(asked) ? takeOfPlan(asked) : takeOfStretch(asked)) }
}

/** Also for a model that is told to refuse always. */
export function reachedUntil(until: number, at: number, what: Pick<Reached, 'of' | 'limit'>): Reached {
  return { ...what, until, wait: Math.max(1, Math.ceil((until - at) / 1000)) }
}

/** Without a float's last digits: five steps of a tenth make a half. */
function added(share: number, more: number): number {
  return Math.min(1, Math.round((share + more) * 1e6) / 1e6)
}

function keep<T>(map: Map<string, T>, key: string, value: T): T {
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > kept && oldest.done !== true) map.delete(oldest.value)
  return value
}
