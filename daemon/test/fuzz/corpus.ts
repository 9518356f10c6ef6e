/** The bytes that the fuzzer begins with: the dialects' fixtures, and what lies in `corpus/`, former finds among it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const corpusFolder = join('daemon', 'test', 'fuzz', 'corpus')

export type Seed = { file: string; bytes: Buffer }

export function readCorpus(): Seed[] {
  const dialects = join('daemon', 'dialects')
  const fixtures = readdirSync(dialects, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => filesIn(join(dialects, name, 'fixtures')))
    .filter((file) => !file.endsWith('.expected.json'))
  return [...fixtures, ...filesIn(corpusFolder)].map((file) => ({ file, bytes: readFileSync(file) }))
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
}
