/** Reads an instant as RFC 3339 writes it. */

/** Epoch ms; undefined where it is none. The offset is required: a wall clock without one names no instant (section 5.6). */
export function instantOf(text: string): number | undefined {
  const found = /^(\d{4}-\d\d)-(\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.exec(text)
  if (!found) return undefined
  // taken over into the next month is how a date that does not exist would be read
  const day = new Date(Date.parse(`${found[1]}-01T00:00:00Z`) + (Number(found[2]) - 1) * 86_400_000)
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(found[1] ?? '')) return undefined
  const at = Date.parse(text.toUpperCase())
  return Number.isNaN(at) ? undefined : at
}
