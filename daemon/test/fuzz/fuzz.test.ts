import assert from 'node:assert/strict'
import { readCorpus } from './corpus.ts'
import { playChanged, playSeed } from './play.ts'
import { targets } from './targets.ts'

describe('bytes of any kind', function () {
  this.timeout(60_000)
  const corpus = readCorpus()

  for (const target of targets) {
    it(`${target.name}: the corpus`, () => {
      const taken = corpus.filter(({ file }) => target.takes.test(file))
      assert.ok(taken.length > 0, 'nothing to feed it with')
      for (const seed of taken) assert.equal(playSeed(target, seed)?.error, undefined, seed.file)
    })
  }

  it('some thousands made from it', () => {
    for (const find of playChanged(300, 20261127)) {
      if (find)
        throw new Error(`${find.target}, from ${find.seed.file}: ${find.bytes.toString('base64')}`, {
          cause: find.error,
        })
    }
  })
})
