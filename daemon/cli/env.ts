/** `tollkeeper env ASSISTANT`: the settings that this assistant really reads, as lines of a shell; nothing is written or started. */
import { homedir } from 'node:os'
import { scrub } from '../../shared/scrub.ts'
import { findDaemon } from '../discovery.ts'
import { type Assistant, type Settings, settingsOf } from './assistants/assistant.ts'
import { assistantOf, unknownAssistant } from './assistants/index.ts'
import { likelyUrl } from './attach.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { handOver, note, refuse } from './say.ts'
import { commentLine, defaultShell, type Shell, setLine } from './shells.ts'

export type EnvOptions = { home: string; assistant: string; shell?: Shell }

export async function env({ home, assistant: name, shell }: EnvOptions, io: Io): Promise<ExitCode> {
  const assistant = assistantOf(name)
  if (assistant === undefined) {
    return refuse(io, exit.badUsage, unknownAssistant(name))
  }
  const found = await findDaemon(home)
  const url = 'url' in found ? found.url : likelyUrl(home, io.env)
  if ('absent' in found)
    note(io, 'Tollkeeper is not running: start it with `npx tollkeeper start` before you use these.')
  const around = { env: io.env, home, userHome: homedir(), cwd: process.cwd(), args: [] }
  const settings = withoutKeys(settingsOf(await assistant.plan(url, around), io.env, url))
  const lines = linesOf(assistant, settings, shell ?? defaultShell(io.platform))
  return handOver(io, { running: 'url' in found, url, ...shownOf(assistant, settings) }, lines.join('\n'))
}

/** What is said beside the settings may quote a file of the assistant's; the settings stay as a shell needs them. */
function withoutKeys(settings: Settings): Settings {
  const { notes, asItIs } = settings
  return { ...settings, notes: notes.map(scrub), ...(asItIs !== undefined && { asItIs: scrub(asItIs) }) }
}

/** `as_it_is`: why nothing is to be set. `program`: what to start, with `args` first; null: it is set in a file, or is your own. */
function shownOf({ name, starts }: Assistant, { env, args, notes, asItIs }: Settings) {
  return {
    assistant: name,
    env: starts === 'nothing' || asItIs !== undefined ? {} : env,
    program: typeof starts === 'object' ? starts.program : null,
    args: asItIs === undefined ? args : [],
    notes: asItIs === undefined ? notes : [],
    as_it_is: asItIs ?? null,
  }
}

function linesOf(assistant: Assistant, { env, args, notes, asItIs }: Settings, shell: Shell): string[] {
  const said = (text: string) => commentLine(shell, text)
  if (asItIs !== undefined) return [said(`${assistant.title}: ${asItIs}; nothing is to be set.`)]
  const start = typeof assistant.starts === 'object' && args.length > 0 ? [assistant.starts.program, ...args] : []
  return [
    said(`${assistant.title} through Tollkeeper`),
    ...(assistant.starts === 'nothing' ? [] : Object.entries(env).map(([name, value]) => setLine(shell, name, value))),
    ...(start.length > 0 ? [said(`Start it as: ${start.join(' ')}`)] : []),
    ...notes.map(said),
  ]
}
