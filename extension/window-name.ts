/** What people call a provider's window: short beside its share, long in a sentence. */

/** `5h` → "5 hour limit", `7d-opus` → "weekly limit for opus", `input-tokens` → "input tokens limit", `requests-day` → "requests per day limit". */
export function longWindowName(name: string): string {
  // what is left of them, and no limit
  if (name === 'credits') return name
  const [, count, unit = '', model] = /^(\d+)([mhd])(?:-(.+))?$/.exec(name) ?? []
  if (count === undefined) return `${name.replace(/-(minute|hour|day|month)$/, ' per $1').replaceAll('-', ' ')} limit`
  const span = unit === 'd' && count === '7' ? 'weekly' : `${count} ${units.get(unit)}`
  return model === undefined ? `${span} limit` : `${span} limit for ${model.replaceAll('-', ' ')}`
}

const units = new Map([
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
])
