/** Plays one input against all targets that take its kind. */
import { readCorpus, type Seed } from './corpus.ts'
import { chanceOf, mutated } from './mutate.ts'
import { type Target, targets } from './targets.ts'

export type Find = { target: string; seed: Seed; bytes: Buffer; error: unknown }

export function playSeed(target: Target, seed: Seed): Find | undefined {
  return found(target, seed, seed.bytes, 1)
}

/** Changed inputs, `rounds` for each target; `seed` chooses them. */
export function* playChanged(rounds: number, seed: number): Generator<Find | undefined> {
  const chance = chanceOf(seed)
  const corpus = readCorpus()
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      const taken = corpus.filter(({ file }) => target.takes.test(file))
      const one = taken[chance() % taken.length]
      const other = taken[chance() % taken.length]
      if (one && other) yield found(target, one, mutated(one.bytes, other.bytes, chance), chance())
    }
  }
}

function found(target: Target, seed: Seed, bytes: Buffer, cut: number): Find | undefined {
  try {
    target.run(bytes, cut)
    return undefined
  } catch (error) {
    return { target: target.name, seed, bytes, error }
  }
}
