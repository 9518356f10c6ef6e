/** When the day ends where Google counts its quotas. */
const dayMs = 86_400_000

const pacific = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
})

/** Epoch ms, after `at`. */
export function nextPacificMidnight(at: number): number {
  const after = at + dayMs - sinceMidnight(at)
  // a day on which clocks are changed has an hour more or less
  const past = sinceMidnight(after)
  return past > dayMs / 2 ? after + dayMs - past : after - past
}

function sinceMidnight(at: number): number {
  const parts = new Map(pacific.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  return ((of('hour') * 60 + of('minute')) * 60 + of('second')) * 1000 + (((at % 1000) + 1000) % 1000)
}
