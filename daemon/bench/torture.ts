/** `npm run torture [rounds]`: kills the daemon at random moments under load, so many times, and says what that lost. */
import { type KillFigures, killRounds } from '../test/kill-rounds.ts'

const rounds = Number(process.argv[2] ?? 50)
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`"${process.argv[2]}" is no number of rounds.`)
  process.exit(2)
}
const { finished, open, interrupted, lost, counted }: KillFigures = await killRounds(
  rounds,
  () => 20 + Math.random() * 480,
  (round, losses) => {
    if ((round + 1) % 10 === 0) console.log(`round ${round + 1} of ${rounds}: ${losses} lost`)
  },
)
for (const text of lost) console.error(text)
console.log(
  `${rounds} rounds of kill -9: ${finished} calls finished, ${lost.length} lost; ${open} cut in the middle, of which ${interrupted} stand among the last 500 as interrupted; ${counted.provider} counted.`,
)
const isWhole = lost.length === 0 && counted.provider >= finished && counted.provider <= finished + open
process.exit(isWhole ? 0 : 1)
