/** Draws the icon font: `node media/icons/build.mjs` writes tollkeeper.woff; the same glyphs always give the same bytes. */
import { writeFileSync } from 'node:fs'
import { glyphs, unitsPerEm } from './outline.mjs'
import { woffOf } from './woff.mjs'

const font = woffOf('tollkeeper', unitsPerEm, glyphs)
writeFileSync(new URL('tollkeeper.woff', import.meta.url), font)
for (const { name, code } of glyphs) console.log(name, code.toString(16))
console.log(`${font.length} bytes`)
