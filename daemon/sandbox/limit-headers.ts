/** Tells the sandbox's limits in the headers of each provider's family. */
import type { Plan, Stretch } from './limits.ts'

export function openaiHeaders({ allowed, left, resetsAt }: Stretch, at: number): Record<string, string> {
  const reset = `${Math.max(0, resetsAt - at) / 1000}s`
  return {
    'x-ratelimit-limit-requests': String(allowed.requests),
    'x-ratelimit-remaining-requests': String(left.requests),
    'x-ratelimit-reset-requests': reset,
    'x-ratelimit-limit-tokens': String(allowed.input + allowed.output),
    'x-ratelimit-remaining-tokens': String(left.input + left.output),
    'x-ratelimit-reset-tokens': reset,
  }
}

export function anthropicHeaders({ allowed, left, resetsAt }: Stretch): Record<string, string> {
  const reset = new Date(resetsAt).toISOString()
  const windows = {
    requests: [allowed.requests, left.requests],
    'input-tokens': [allowed.input, left.input],
    'output-tokens': [allowed.output, left.output],
    tokens: [allowed.input + allowed.output, left.input + left.output],
  }
  return Object.fromEntries(
    Object.entries(windows).flatMap(([name, [limit, remaining]]) => [
      [`anthropic-ratelimit-${name}-limit`, String(limit)],
      [`anthropic-ratelimit-${name}-remaining`, String(remaining)],
      [`anthropic-ratelimit-${name}-reset`, reset],
    ]),
  )
}

/** The call that uses up the last of a plan is still allowed; the next one is not. */
export function unifiedHeaders(plan: Plan, isRefused: boolean): Record<string, string> {
  const status = (used: number): string =>
    used >= 1 && isRefused ? 'rejected' : used >= 0.8 ? 'allowed_warning' : 'allowed'
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

export function codexHeaders(plan: Plan): Record<string, string> {
  return {
    'x-codex-plan-type': 'plus',
    'x-codex-primary-used-percent': percent(plan.fiveHours),
    'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-at': seconds(plan.fiveHoursReset),
    'x-codex-secondary-used-percent': percent(plan.sevenDays),
    'x-codex-secondary-window-minutes': '10080',
    'x-codex-secondary-reset-at': seconds(plan.sevenDaysReset),
    'x-codex-credits-has-credits': 'False',
    'x-codex-credits-unlimited': 'False',
  }
}

function percent(share: number): string {
  return String(Math.round(share * 10_000) / 100)
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1000))
}
