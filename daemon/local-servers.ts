/** Looks now and then at the model servers on this machine or network that the user has: whether they answer, and what they have loaded. */
import { type LoadedForm, loadedForms, type ServerLook, urlOf } from './providers/loaded-models.ts'
import type { Provider } from './providers/provider.ts'
import { safeName } from './proxy/names.ts'
import type { Network } from './upstream/agent.ts'
import { download } from './upstream/download.ts'

export type LocalServers = {
  /** At once: what the last look found; undefined: there was none, or it is none of those. */
  lookOf(provider: string): ServerLook | undefined
  /** Soon: the providers are others now. */
  lookAgain(): void
  close(): Promise<void>
}

const everyMs = 30_000
const bounds = { connectMs: 2000, wholeMs: 4000, mostBytes: 2 ** 20 }

/**
 * No model is loaded or run by a look, and no credential is sent with it. `providers`: all in use; those that are local, and that the user
 * named or somebody has `called`, are looked at.
 */
export function openLocalServers(options: {
  providers(): Iterable<Provider>
  called(): { has(provider: string): boolean }
  network(): Network
  /** Epoch ms. */
  now(): number
  /** Ms, monotonic. */
  clock(): number
}): LocalServers {
  const looks = new Map<string, { baseUrl: string; form: LoadedForm; look: ServerLook }>()
  const closing = new AbortController()
  let looking: Promise<void> | undefined
  let again = false
  const timer = setInterval(begin, everyMs)
  timer.unref()
  begin()

  function begin(): void {
    looking ??= lookAtAll().finally(() => {
      looking = undefined
      if (!again || closing.signal.aborted) return
      again = false
      begin()
    })
  }

  /** A look that runs may be one at what was in use before. */
  function lookAgain(): void {
    again = looking !== undefined
    begin()
  }

  async function lookAtAll(): Promise<void> {
    const called = options.called()
    const wanted = [...options.providers()].filter((one) => one.local && (one.configured || called.has(one.id)))
    for (const id of looks.keys()) if (!wanted.some((one) => one.id === id)) looks.delete(id)
    await Promise.all(wanted.map((one) => lookAt(one)))
  }

  async function lookAt({ id, baseUrl }: Provider): Promise<void> {
    const before = looks.get(id)
    // what was understood last time is asked for first
    const known = before?.baseUrl === baseUrl ? before.form : undefined
    const forms = known ? [known, ...loadedForms.filter((form) => form !== known)] : loadedForms
    for (const form of forms) {
      const look = await ask(form, baseUrl)
      looks.set(id, { baseUrl, form, look })
      if ('why' in look || look.models !== null) break
    }
  }

  /** A server that answers is well, whatever it answers; what it has loaded is then known only where it says so in this form. */
  async function ask(form: LoadedForm, baseUrl: string): Promise<ServerLook> {
    const begun = options.clock()
    const found = await download(urlOf(form, baseUrl), options.network(), { ...bounds, signal: closing.signal })
    const at = options.now()
    if (found.kind === 'failed' && !found.answered) return { at, why: found.why }
    const models = found.kind === 'failed' ? null : form.read(jsonOf(found.bytes))
    return { at, latencyMs: options.clock() - begun, models: models && models.map(safeName) }
  }

  return {
    lookOf: (provider) => looks.get(provider)?.look,
    lookAgain,
    async close() {
      clearInterval(timer)
      closing.abort()
      await looking
    },
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // some other page: another form may be understood
    return undefined
  }
}
