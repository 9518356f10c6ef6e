/** For a test: a process that takes a home, says how it went in one line, and then does nothing until it is killed. */
import { takeHome } from './home-lock.ts'

const taken = await takeHome(process.argv[2] ?? '')
process.stdout.write(`${JSON.stringify(taken)}\n`)
if (taken.kind === 'taken') setInterval(() => {}, 60_000)
