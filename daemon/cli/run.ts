/** `tollkeeper run ASSISTANT [args]`: starts an assistant with its calls coming to us; only that process learns of it, nothing is written. */
import { homedir } from 'node:os'
import { type Assistant, leadsToUs, type Settings, settingsOf } from './assistants/assistant.ts'
import { assistantOf, unknownAssistant } from './assistants/index.ts'
import { likelyUrl } from './attach.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { launch } from './launch.ts'
import { runProgram } from './run-program.ts'

export type RunOptions = { home: string; assistant: string; args: readonly string[] }

/** Nobody waits longer than this for a meter. */
const waitMs = 3000

export async function run({ home, assistant: name, args }: RunOptions, io: Io): Promise<ExitCode> {
  const assistant = assistantOf(name)
  if (assistant === undefined) {
    io.err(`${unknownAssistant(name)}\n`)
    return exit.badUsage
  }
  const started = startedBy(assistant, args)
  if ('no' in started) {
    io.err(`${started.no}\n`)
    return exit.badUsage
  }
  const settings = await settled(assistant, { home, args: started.args }, io)
  for (const note of settings.notes) io.err(`Tollkeeper: ${note}\n`)
  const ended = await runProgram(started.program, [...settings.args, ...started.args], settings.env, io.platform)
  if (ended.kind === 'ended') return ended.code
  io.err(`${ended.why}\n`)
  return exit.fault
}

type Started = { program: string; args: readonly string[] } | { no: string }

function startedBy({ name, title, starts }: Assistant, args: readonly string[]): Started {
  if (typeof starts === 'object') return { program: starts.program, args }
  if (starts === 'nothing')
    return { no: `${title} is set in a file of its own: \`npx tollkeeper env ${name}\` says how.` }
  const [program, ...rest] = args
  if (program === undefined)
    return { no: `Name the program that uses the ${title}, e.g. \`npx tollkeeper run ${name} node app.js\`.` }
  return { program, args: rest }
}

type Launch = Pick<Settings, 'args' | 'notes'> & { env: Io['env'] }

/** What to start it with: all of its environment. Without a daemon, or where its user has decided otherwise, as it is. */
async function settled(
  assistant: Assistant,
  { home, args }: { home: string; args: readonly string[] },
  io: Io,
): Promise<Launch> {
  const launched = await launch({ home, waitMs }, io)
  if ('failed' in launched) {
    const note = `it did not start (${launched.failed}); ${assistant.title} starts without it and is not metered.`
    return { env: withoutUs(io.env, likelyUrl(home, io.env)), args: [], notes: [note] }
  }
  const around = { env: io.env, home, userHome: homedir(), cwd: process.cwd(), args }
  const settings = settingsOf(await assistant.plan(launched.url, around), io.env, launched.url)
  if (settings.asItIs === undefined) return { ...settings, env: { ...io.env, ...settings.env } }
  return {
    env: io.env,
    args: [],
    notes: [`${settings.asItIs}; ${assistant.title} starts as it is and is not metered.`],
  }
}

/** An address of ours that its shell has set would only make it wait for a daemon that is not there. */
function withoutUs(env: Io['env'], url: string): Io['env'] {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => !leadsToUs(value ?? '', url)))
}
