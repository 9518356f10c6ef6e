/** Ids for requests, in the form of a ULID (github.com/ulid/spec): the time in front, and each one greater than the one before. */

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const timeLetters = 10
const chanceLetters = 16

/**
 * `fill` fills bytes with chance: it is asked for many ids' worth at once, because asking costs more than an id. The answered
 * function takes the time in epoch ms. Within one ms, and where the clock went back, the id before is counted up.
 */
export function openIds(fill: (bytes: Uint8Array) => void): (now: number) => string {
  const pool = new Uint8Array(256 * chanceLetters)
  const chance = new Uint8Array(chanceLetters)
  let used = pool.length
  let time = -1
  let timeText = ''

  function draw(): void {
    if (used === pool.length) {
      fill(pool)
      used = 0
    }
    for (let at = 0; at < chanceLetters; at++) chance[at] = (pool[used++] ?? 0) & 31
    // Half of the range stays free above it, so that counting up never runs over.
    chance[0] = (chance[0] ?? 0) & 15
  }

  function countUp(): void {
    for (let at = chanceLetters - 1; at >= 0; at--) {
      const next = (chance[at] ?? 0) + 1
      chance[at] = next & 31
      if (next < 32) return
    }
  }

  return (now) => {
    const ms = Math.floor(now)
    if (ms <= time) countUp()
    else {
      time = ms
      timeText = textOf(ms)
      draw()
    }
    let id = timeText
    for (const part of chance) id += letters[part]
    return id
  }
}

function textOf(ms: number): string {
  let text = ''
  for (let rest = ms; text.length < timeLetters; rest = Math.floor(rest / 32)) text = `${letters[rest % 32]}${text}`
  return text
}
