/** `tollkeeper doctor`: looks at all that could keep the daemon from its work, and says what to do; with a daemon running or not. */
import { version } from '../version.ts'
import { lookAround } from './doctor/around.ts'
import type { Finding, State } from './doctor/finding.ts'
import { examine } from './doctor/index.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { answer } from './say.ts'
import { printable } from './table.ts'

export type DoctorOptions = { home: string; offline: boolean }

export async function doctor({ home, offline }: DoctorOptions, io: Io): Promise<ExitCode> {
  const findings = await examine(await lookAround({ home, offline }, io))
  const isWell = !findings.some(({ state }) => state === 'fail')
  // what fails is what was asked for, no lack of an answer
  answer(io, { ok: isWell, version, home, findings }, findingsText(home, findings))
  return isWell ? exit.fine : exit.fault
}

export function findingsText(home: string, findings: readonly Finding[]): string {
  const widest = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, state, detail, fix }) => {
    const head = `${state.padEnd(6)}${check.padEnd(widest + 2)}`
    return [`${head}${printable(detail)}`, ...(fix === null ? [] : [`${' '.repeat(head.length)}→ ${printable(fix)}`])]
  })
  return `${[`Tollkeeper ${version}, home ${printable(home)}`, '', ...lines, '', sumOf(findings)].join('\n')}\n`
}

function sumOf(findings: readonly Finding[]): string {
  const count = (wanted: State) => findings.filter(({ state }) => state === wanted).length
  const [fails, warns] = [count('fail'), count('warn')]
  if (fails + warns === 0) return 'All is well.'
  const look = warns === 1 ? 'one thing to look at' : `${warns} things to look at`
  if (fails === 0) return `Nothing fails; ${look}.`
  return `${fails === 1 ? 'One thing fails' : `${fails} things fail`}${warns === 0 ? '' : `; ${look}`}.`
}
