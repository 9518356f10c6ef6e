/** Shares and spans as a screen reader says them; pure. */
const units = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
])

/** `>99%` → "more than 99 percent". */
export function spokenShare(share: string): string {
  return share.replace('<', 'less than ').replace('>', 'more than ').replace('%', ' percent')
}

/** `2h 10m` → "2 hours 10 minutes". */
export function spokenSpan(span: string): string {
  return span.replace(/(\d+)([smhd])\b/g, (_, count: string, unit: string) => {
    return `${count} ${units.get(unit)}${count === '1' ? '' : 's'}`
  })
}
