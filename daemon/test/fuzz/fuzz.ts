/** `npm run fuzz [seconds]`: feeds changed inputs until the time is over or one does harm, which is kept in the corpus. */
import { writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { corpusFolder } from './corpus.ts'
import { playChanged } from './play.ts'

const seconds = Number(process.argv[2] ?? 60)
if (!(seconds > 0)) {
  console.error(`"${process.argv[2]}" is no number of seconds.`)
  process.exit(2)
}
const until = Date.now() + seconds * 1000
let played = 0
for (let seed = Date.now() >>> 0; Date.now() < until; seed++) {
  for (const find of playChanged(50, seed)) {
    played++
    if (!find) continue
    const file = join(corpusFolder, `find-${seed}${extname(find.seed.file)}`)
    writeFileSync(file, find.bytes)
    console.error(`${find.target} does not hold for ${file}:`, find.error)
    process.exit(1)
  }
}
console.log(`${played} inputs did no harm.`)
