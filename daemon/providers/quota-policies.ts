/**
 * Reads the IETF's RateLimit and RateLimit-Policy fields, lists of structured items (RFC 9651), and the three plain ones of their
 * early drafts. https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (draft 11, 2026-05)
 */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import { amount } from './quota-values.ts'
import { type HeaderOf, mostWindows, type QuotaSaid, shareUsed, unknownWindow } from './quota-window.ts'

type Item = { name: string; parameters: ReadonlyMap<string, string> }

export function readPolicies(header: HeaderOf, at: number): Partial<QuotaSaid> {
  const policies = new Map(itemsOf(header('ratelimit-policy')).map((item) => [item.name, item.parameters]))
  const windows = new Map<string, QuotaWindow>()
  for (const { name, parameters } of itemsOf(header('ratelimit'))) {
    const remaining = amount(parameters.get('r'))
    if (remaining === null) continue
    const policy = policies.get(name)
    const window = windowOf(nameOf(name, policy), amount(policy?.get('q')), remaining, amount(parameters.get('t')), at)
    // one policy may count several partitions of the same caller: the first is the one that this call was counted in
    if (!windows.has(window.name)) windows.set(window.name, window)
  }
  if (windows.size > 0) return { windows: [...windows.values()] }
  const remaining = amount(header('ratelimit-remaining'))
  if (remaining === null) return {}
  // the limit may have its policy behind it: `100, 100;w=60`
  const limit = amount(header('ratelimit-limit')?.split(/[,;]/)[0])
  return { windows: [windowOf('requests', limit, remaining, amount(header('ratelimit-reset')), at)] }
}

function windowOf(name: string, limit: number | null, remaining: number, wait: number | null, at: number): QuotaWindow {
  const resetsAt = wait === null || wait > longestWait ? null : at + Math.ceil(wait * 1000)
  return { ...unknownWindow(name, at), usedPct: shareUsed(limit, remaining), limit, remaining, resetsAt }
}

/** 400 days in seconds. */
const longestWait = 400 * 86_400

/** What is called the default and counts requests, as it does where no unit is said, goes by what it counts. */
function nameOf(name: string, policy: ReadonlyMap<string, string> | undefined): string {
  return name === 'default' && (policy?.get('qu') ?? 'requests') === 'requests' ? 'requests' : name
}

/** An item: a short string or token as its name, then its parameters. What is written otherwise ends the reading. */
const item =
  /[ \t]*(?:"([A-Za-z0-9][\w .:-]{0,39})"|([A-Za-z][\w.:-]{0,39}))[ \t]*((?:;[^;,"]*(?:"[^"]*"[ \t]*)?)*)(?:,|$)/y
const longestField = 2000

function itemsOf(field: string | undefined): Item[] {
  if (field === undefined || field.length > longestField) return []
  const items: Item[] = []
  item.lastIndex = 0
  while (item.lastIndex < field.length && items.length < mostWindows) {
    const found = item.exec(field)
    if (!found) break
    items.push({ name: (found[1] ?? found[2] ?? '').toLowerCase(), parameters: parametersOf(found[3] ?? '') })
  }
  return items
}

function parametersOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split(';')
      .slice(1)
      .map((part) => {
        const [key = '', value = ''] = part.split('=', 2)
        return [key.trim(), value.trim().replaceAll('"', '')] as const
      }),
  )
}
