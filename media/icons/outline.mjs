/** The shapes of our glyphs as closed contours of quadratic curves, in font units: y goes up, filled contours run clockwise. */

export const unitsPerEm = 1000
const middle = 500

/** The ring's outer edge, the inner edge of its thin track, the inner edge of the part that is used. */
const rim = 460
const track = 385
const used = 215

/** A point at `turn` (0 is twelve o'clock, 0.25 three o'clock) on a circle about the middle. */
function at(turn, radius, on = true) {
  const angle = turn * 2 * Math.PI
  return { x: Math.round(middle + radius * Math.sin(angle)), y: Math.round(middle + radius * Math.cos(angle)), on }
}

/** Points of an arc, its first one included and its last one not; either way round. */
function arc(from, to, radius) {
  const steps = Math.max(1, Math.ceil(Math.abs(to - from) * 16))
  const step = (to - from) / steps
  // where the tangents of both ends meet
  const reach = radius / Math.cos(Math.abs(step) * Math.PI)
  return Array.from({ length: steps }, (_, i) => [
    at(from + i * step, radius),
    at(from + (i + 0.5) * step, reach, false),
  ]).flat()
}

function ring(outer, inner) {
  return [arc(0, 1, outer), arc(1, 0, inner)]
}

/** The part of a ring from twelve o'clock on. */
function sector(share, outer, inner) {
  return [[...arc(0, share, outer), at(share, outer), ...arc(share, 0, inner), at(0, inner)]]
}

/** A bar through the middle, from the lower left to the upper right. */
function slash(half, thickness) {
  const along = half * Math.SQRT1_2
  const across = (thickness / 2) * Math.SQRT1_2
  const corner = (x, y) => ({ x: Math.round(middle + x), y: Math.round(middle + y), on: true })
  return [
    corner(-along - across, -along + across),
    corner(along - across, along + across),
    corner(along + across, along - across),
    corner(-along + across, -along - across),
  ]
}

/** A ring of which `eighths` eighths are used. */
function meter(eighths) {
  const thin = ring(rim, track)
  if (eighths === 0) return thin
  return eighths === 8 ? ring(rim, used) : [...thin, ...sector(eighths / 8, rim, used)]
}

export const glyphs = [
  ...Array.from({ length: 9 }, (_, eighths) => ({ name: `meter-${eighths}`, contours: meter(eighths) })),
  { name: 'meter-off', contours: [...ring(rim, track), slash(530, 85)] },
].map((glyph, i) => ({ ...glyph, code: 0xe100 + i }))
