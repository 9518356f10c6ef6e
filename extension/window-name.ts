/** What people call a provider's window: short beside its share, long in a sentence. */

/** `5h` → "5 hour limit", `7d-opus` → "weekly limit for opus", `input-tokens` → "input tokens limit". */
export function longWindowName(name: string): string {
  const [, count, unit, model] = /^(\d+)([hd])(?:-(.+))?$/.exec(name) ?? []
  if (count === undefined) return `${name.replaceAll('-', ' ')} limit`
  const span = unit === 'd' && count === '7' ? 'weekly' : `${count} ${unit === 'd' ? 'day' : 'hour'}`
  return model === undefined ? `${span} limit` : `${span} limit for ${model.replaceAll('-', ' ')}`
}
