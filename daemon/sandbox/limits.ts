/** The sandbox's rate limits: counted down in memory for each credential, and told in the headers of the provider's family. */

/** Gemini says nothing of limits in headers. */
export type Kind = 'openai' | 'anthropic' | 'gemini' | 'plan'
export type Taken = {
  headers: Record<string, string>
  /** Seconds until the next request is let through; null: this one is. */
  wait: number | null
}

type Minute = { requests: number; input: number; output: number; resetsAt: number }
type Plan = { fiveHours: number; fiveHoursReset: number; sevenDays: number; sevenDaysReset: number }

const perMinute = { requests: 500, input: 400_000, output: 80_000 }
const minute = 60_000
const fiveHours = 5 * 60 * minute
const sevenDays = 7 * 24 * 60 * minute
const credentialsKept = 1000

/** A subscription's token is told from an API key by its form. */
export function kindOf(dialect: 'openai' | 'anthropic' | 'gemini', credential: string): Kind {
  return credential.startsWith('sk-ant-oat') ? 'plan' : dialect
}

export function openLimits(now: () => number): {
  take(kind: Kind, credential: string, tokens: { input: number; output: number }): Taken
} {
  const minutes = new Map<string, Minute>()
  const plans = new Map<string, Plan>()

  function minuteOf(credential: string): Minute {
    const known = minutes.get(credential)
    if (known !== undefined && known.resetsAt > now()) return known
    const fresh = { ...perMinute, resetsAt: now() + minute }
    keep(minutes, credential, fresh)
    return fresh
  }

  /** Begins in the middle, so that there is something to see, and starts anew rather than keeping a user of the sandbox out. */
  function planOf(credential: string): Plan {
    const known = plans.get(credential) ?? {
      fiveHours: 0.37,
      fiveHoursReset: now() + fiveHours / 2,
      sevenDays: 0.21,
      sevenDaysReset: now() + sevenDays / 2,
    }
    keep(plans, credential, known)
    if (known.fiveHours >= 1 || known.fiveHoursReset <= now()) {
      Object.assign(known, { fiveHours: 0, fiveHoursReset: now() + fiveHours })
    }
    if (known.sevenDays >= 1 || known.sevenDaysReset <= now()) {
      Object.assign(known, { sevenDays: 0, sevenDaysReset: now() + sevenDays })
    }
    return known
  }

  function take(kind: Kind, credential: string, tokens: { input: number; output: number }): Taken {
    if (kind === 'plan') {
      const plan = planOf(credential)
      plan.fiveHours = Math.min(1, plan.fiveHours + 0.004 + (tokens.input + tokens.output) / 5e6)
      plan.sevenDays = Math.min(1, plan.sevenDays + 0.0004 + (tokens.input + tokens.output) / 5e7)
      return { headers: planHeaders(plan), wait: null }
    }
    const left = minuteOf(credential)
    const wait = left.requests === 0 ? Math.max(1, Math.ceil((left.resetsAt - now()) / 1000)) : null
    if (wait === null) {
      left.requests--
      left.input = Math.max(0, left.input - tokens.input)
      left.output = Math.max(0, left.output - tokens.output)
    }
    const headers = { openai: openaiHeaders, anthropic: anthropicHeaders, gemini: () => ({}) }[kind]
    return { headers: headers(left, now()), wait }
  }

  return { take }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > credentialsKept && oldest.done !== true) map.delete(oldest.value)
}

function openaiHeaders(left: Minute, at: number): Record<string, string> {
  const reset = `${Math.max(0, left.resetsAt - at) / 1000}s`
  return {
    'x-ratelimit-limit-requests': String(perMinute.requests),
    'x-ratelimit-remaining-requests': String(left.requests),
    'x-ratelimit-reset-requests': reset,
    'x-ratelimit-limit-tokens': String(perMinute.input + perMinute.output),
    'x-ratelimit-remaining-tokens': String(left.input + left.output),
    'x-ratelimit-reset-tokens': reset,
  }
}

function anthropicHeaders(left: Minute): Record<string, string> {
  const reset = new Date(left.resetsAt).toISOString()
  const windows = {
    requests: [perMinute.requests, left.requests],
    'input-tokens': [perMinute.input, left.input],
    'output-tokens': [perMinute.output, left.output],
    tokens: [perMinute.input + perMinute.output, left.input + left.output],
  }
  return Object.fromEntries(
    Object.entries(windows).flatMap(([name, [limit, remaining]]) => [
      [`anthropic-ratelimit-${name}-limit`, String(limit)],
      [`anthropic-ratelimit-${name}-remaining`, String(remaining)],
      [`anthropic-ratelimit-${name}-reset`, reset],
    ]),
  )
}

function planHeaders(plan: Plan): Record<string, string> {
  const status = (used: number): string => (used >= 1 ? 'rejected' : used >= 0.8 ? 'allowed_warning' : 'allowed')
  const seconds = (ms: number): string => String(Math.ceil(ms / 1000))
  const binding = plan.fiveHours >= plan.sevenDays ? 'five_hour' : 'seven_day'
  const reset = seconds(binding === 'five_hour' ? plan.fiveHoursReset : plan.sevenDaysReset)
  return {
    'anthropic-ratelimit-unified-status': status(Math.max(plan.fiveHours, plan.sevenDays)),
    'anthropic-ratelimit-unified-reset': reset,
    'anthropic-ratelimit-unified-representative-claim': binding,
    'anthropic-ratelimit-unified-5h-status': status(plan.fiveHours),
    'anthropic-ratelimit-unified-5h-utilization': plan.fiveHours.toFixed(4),
    'anthropic-ratelimit-unified-5h-reset': seconds(plan.fiveHoursReset),
    'anthropic-ratelimit-unified-7d-status': status(plan.sevenDays),
    'anthropic-ratelimit-unified-7d-utilization': plan.sevenDays.toFixed(4),
    'anthropic-ratelimit-unified-7d-reset': seconds(plan.sevenDaysReset),
    'anthropic-ratelimit-unified-fallback-percentage': '0.5',
    'anthropic-ratelimit-unified-overage-status': 'rejected',
    'anthropic-ratelimit-unified-overage-disabled-reason': 'org_level_disabled',
  }
}
