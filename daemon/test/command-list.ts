/** Every command of the command line, as its one list has them. */
import type { Command } from 'commander'
import { programOf } from '../cli/program.ts'

export type Leaf = { path: string[]; command: Command }

const quiet = {
  ...{ out: () => {}, err: () => {}, json: false, env: {}, columns: Infinity },
  ...{ now: () => Date.parse('2026-03-10T12:00:00Z'), platform: 'linux' as const },
}

export function allCommands(): Leaf[] {
  return leavesOf(
    programOf(quiet, () => {}),
    [],
  )
}

export function hasJson({ command }: Leaf): boolean {
  return command.options.some(({ long }) => long === '--json')
}

function leavesOf(command: Command, path: string[]): Leaf[] {
  if (command.commands.length === 0) return [{ path, command }]
  return command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]))
}
