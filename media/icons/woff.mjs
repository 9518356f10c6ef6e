/** Writes glyph outlines as a TrueType font in a WOFF 1.0 wrapper (OpenType 1.9; W3C WOFF File Format 1.0). */
import { deflateSync } from 'node:zlib'

/** Fields as [bytes, value], big-endian; two's complement where a value is negative. */
function pack(...fields) {
  return Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes)
      for (let i = 0, rest = BigInt.asUintN(bytes * 8, BigInt(value)); i < bytes; i++, rest >>= 8n)
        field[bytes - 1 - i] = Number(rest & 255n)
      return field
    }),
  )
}
const u16 = (...values) => pack(...values.map((value) => [2, value]))
const u32 = (...values) => pack(...values.map((value) => [4, value]))

const padded = (data) => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)])

function checksum(data) {
  const words = padded(data)
  let sum = 0
  for (let i = 0; i < words.length; i += 4) sum = (sum + words.readUInt32BE(i)) >>> 0
  return sum
}

function box(contours) {
  const points = contours.flat()
  const xs = points.map((p) => p.x)
  const ys = points.map((p) => p.y)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

/** A simple glyph; every coordinate as a two-byte difference, which needs no flag. */
function glyf(contours) {
  if (contours.length === 0) return Buffer.alloc(0)
  const points = contours.flat()
  const ends = contours.map((_, i) => contours.slice(0, i + 1).flat().length - 1)
  const steps = (axis) => u16(...points.map((p, i) => p[axis] - (points[i - 1]?.[axis] ?? 0)))
  const flags = Buffer.from(points.map((p) => (p.on ? 1 : 0)))
  return padded(Buffer.concat([u16(contours.length, ...box(contours)), u16(...ends, 0), flags, steps('x'), steps('y')]))
}

/** One run of codes that follow each other, from glyph 1 on, and the run that ends every such table. */
function cmap(first, last) {
  const segments = u16(4, 32, 0, 4, 4, 1, 0, last, 0xffff, 0, first, 0xffff, 1 - first, 1, 0, 0)
  return Buffer.concat([u16(0, 1, 3, 1), u32(12), segments])
}

function naming(family) {
  const texts = [
    [1, family],
    [2, 'Regular'],
    [4, family],
    [6, family],
  ].map(([id, text]) => ({ id, bytes: Buffer.from(text, 'utf16le').swap16() }))
  let offset = 0
  const records = texts.map(({ id, bytes }) => {
    offset += bytes.length
    return u16(3, 1, 0x409, id, bytes.length, offset - bytes.length)
  })
  const start = 6 + 12 * texts.length
  return Buffer.concat([u16(0, texts.length, start), ...records, ...texts.map((text) => text.bytes)])
}

function tablesOf(family, unitsPerEm, glyphs) {
  const outlines = [[], ...glyphs.map((glyph) => glyph.contours)]
  const drawn = outlines.map(glyf)
  const bounds = box(outlines.flat())
  const [first, last] = [glyphs[0].code, glyphs.at(-1).code]
  let end = 0
  const loca = u32(0, ...drawn.map((data) => (end += data.length)))
  const most = (count) => Math.max(...outlines.map(count))
  return {
    'OS/2': Buffer.concat([
      u16(3, unitsPerEm, 400, 5, 0),
      // sizes and places of sub- and superscripts and the strike-out line; the family class; PANOSE: not stated
      u16(650, 700, 0, 140, 650, 700, 0, 480, 50, 250, 0),
      Buffer.alloc(10),
      u32(0, 0, 0, 0),
      Buffer.from('TOLL'),
      u16(0x40, first, last, unitsPerEm, 0, 0, unitsPerEm, 0),
      u32(0, 0),
      u16(0, 0, 0, 0x20, 0),
    ]),
    cmap: cmap(first, last),
    glyf: Buffer.concat(drawn),
    head: Buffer.concat([
      u32(0x10000, 0x10000, 0, 0x5f0f3cf5),
      u16(0b1011, unitsPerEm),
      // both dates at the format's epoch: the same glyphs give the same bytes
      Buffer.alloc(16),
      u16(...bounds, 0, 8, 2, 1, 0),
    ]),
    hhea: Buffer.concat([
      u32(0x10000),
      u16(unitsPerEm, 0, 0, unitsPerEm, bounds[0], 0, bounds[2], 1, 0, 0, 0, 0, 0, 0, 0, outlines.length),
    ]),
    hmtx: u16(...outlines.flatMap((contours) => [unitsPerEm, contours.length === 0 ? 0 : box(contours)[0]])),
    loca,
    maxp: Buffer.concat([
      u32(0x10000),
      u16(
        outlines.length,
        most((c) => c.flat().length),
        most((c) => c.length),
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ),
    ]),
    name: naming(family),
    post: Buffer.concat([u32(0x30000, 0), u16(0, 0), u32(1, 0, 0, 0, 0)]),
  }
}

/** `glyphs`: [{ code, contours }] with codes that follow each other. */
export function woffOf(family, unitsPerEm, glyphs) {
  const tables = Object.entries(tablesOf(family, unitsPerEm, glyphs)).sort(([a], [b]) => (a < b ? -1 : 1))
  const power = Math.floor(Math.log2(tables.length))
  const sfntHead = Buffer.concat([
    u32(0x10000),
    u16(tables.length, 16 << power, power, (tables.length << 4) - (16 << power)),
  ])
  let place = 12 + 16 * tables.length
  const sfntDirectory = tables.map(([tag, data]) => {
    const entry = Buffer.concat([Buffer.from(tag.padEnd(4)), u32(checksum(data), place, data.length)])
    place += padded(data).length
    return entry
  })
  const sfnt = Buffer.concat([sfntHead, ...sfntDirectory, ...tables.map(([, data]) => padded(data))])
  // the whole font's checksum stands in `head`, whose own checksum is taken without it
  const head = tables.find(([tag]) => tag === 'head')[1]
  const sums = new Map(tables.map(([tag, data]) => [tag, checksum(data)]))
  head.writeUInt32BE((0xb1b0afba - checksum(sfnt)) >>> 0, 8)

  let offset = 44 + 20 * tables.length
  const stored = tables.map(([tag, data]) => {
    const small = deflateSync(data, { level: 9 })
    const bytes = small.length < data.length ? small : data
    const entry = Buffer.concat([Buffer.from(tag.padEnd(4)), u32(offset, bytes.length, data.length, sums.get(tag))])
    offset += padded(bytes).length
    return { entry, bytes: padded(bytes) }
  })
  const body = Buffer.concat([...stored.map((one) => one.entry), ...stored.map((one) => one.bytes)])
  const top = [Buffer.from('wOFF'), u32(0x10000, 44 + body.length), u16(tables.length, 0), u32(sfnt.length)]
  return Buffer.concat([...top, u16(1, 0), u32(0, 0, 0, 0, 0), body])
}
