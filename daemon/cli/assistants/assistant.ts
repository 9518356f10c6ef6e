/** What an assistant is told so that its calls come to us, and the rule that what its user has set already stays. */
import type { Io } from '../io.ts'

type Env = Io['env']

/** What a plan may look at; `home` is the daemon's folder, `args` what the user gives the assistant. */
export type Around = { env: Env; home: string; userHome: string; cwd: string; args: readonly string[] }

/** A variable that says where calls go. `also`: other names that this assistant reads for the same. */
type Variable = { name: string; value: string; also?: readonly string[] }

export type Plan =
  /** Its user has said already where its calls go. `asItIs`: why, as the beginning of a sentence. */
  | { asItIs: string }
  | {
      variables?: readonly Variable[]
      /** Told beside the address, and never over the user's own. */
      beside?: Readonly<Record<string, string>>
      /** Put in front of the user's arguments. */
      args?: readonly string[]
      /** What is lost, or what its user must do; a sentence each. */
      notes?: readonly string[]
    }

export type Assistant = {
  /** As on our command line. */
  name: string
  /** As people call it. */
  title: string
  /** What is started: its own program, whichever one the user names (a library), or nothing (it is set in a file of its own). */
  starts: { program: string } | 'named' | 'nothing'
  /** `url` is the daemon's, e.g. `http://127.0.0.1:8655`, without a path. */
  plan(url: string, around: Around): Plan | Promise<Plan>
}

export type Settings = {
  /** What is to be set, and nothing else. */
  env: Record<string, string>
  args: readonly string[]
  notes: readonly string[]
  asItIs?: string
}

/** The plan without what would stand over the user's own values. */
export function settingsOf(plan: Plan, env: Env, url: string): Settings {
  if ('asItIs' in plan) return { env: {}, args: [], notes: [], asItIs: plan.asItIs }
  const { variables = [], args = [], notes = [] } = plan
  const set: Record<string, string> = {}
  const kept: string[] = []
  for (const { name, value, also = [] } of variables) {
    const own = [name, ...also].find((one) => isOther(env[one], url))
    if (own === undefined) set[name] = env[name] || value
    else kept.push(own)
  }
  if (kept.length > 0 && kept.length === variables.length)
    return { env: {}, args: [], notes: [], asItIs: `${kept.join(' and ')} ${are(kept)} set already` }
  const beside = Object.entries(plan.beside ?? {}).filter(([name]) => env[name] === undefined)
  // with a proxy set and no exception, no call would ever reach loopback
  const direct = directHosts(env)
  return {
    env: { ...set, ...Object.fromEntries(beside), NO_PROXY: direct, no_proxy: direct },
    args,
    notes: [...kept.map((name) => `${name} is set already and stays: what goes there is not metered.`), ...notes],
  }
}

function are(names: readonly string[]): string {
  return names.length === 1 ? 'is' : 'are'
}

/** What is set, and does not lead to us. */
export function isOther(value: unknown, url: string): boolean {
  return typeof value === 'string' && value !== '' && !leadsToUs(value, url)
}

/** The daemon by any name of this machine; the path may pin a provider or name a folder. */
export function leadsToUs(value: string, url: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, port } = new URL(value)
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) && port === new URL(url).port
}

function directHosts(env: Env): string {
  const named = [env.NO_PROXY, env.no_proxy].flatMap((list) => (list ?? '').split(',')).map((name) => name.trim())
  return [...new Set([...named.filter((name) => name !== ''), '127.0.0.1', 'localhost', '::1'])].join(',')
}

/** Whether a switch in the environment is on. */
export function isOn(value: unknown): boolean {
  return typeof value === 'string' && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase())
}
