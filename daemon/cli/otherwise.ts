/** What is said where a daemon runs already, and not with what this start asks for: nothing of it was changed. */
import type { RunsAs } from '../started.ts'
import { homeOf, type Io } from './io.ts'

type Asked = { home: string; port?: number; sandbox: boolean }
type Otherwise = { differs: ('port' | 'sandbox')[]; text: string }

/** Port 0 asks for any. Of a sandbox that nobody asked for there is nothing to say. `text` ends its line, or is empty. */
export function otherwiseThan({ home, port, sandbox }: Asked, as: RunsAs, { env }: Pick<Io, 'env'>): Otherwise {
  const elsewhere = port !== undefined && port !== 0 && port !== as.port
  const lacks = sandbox && !as.sandbox
  if (!elsewhere && !lacks) return { differs: [], text: '' }
  const how = [...(lacks ? ['without the sandbox'] : []), ...(elsewhere ? [`not on port ${port}`] : [])].join(', ')
  const options = [
    ...(home === homeOf(env) ? [] : [`--home "${home}"`]),
    ...(lacks ? ['--sandbox'] : []),
    ...(elsewhere ? [`--port ${port}`] : []),
  ].join(' ')
  return {
    differs: [...(elsewhere ? (['port'] as const) : []), ...(lacks ? (['sandbox'] as const) : [])],
    text: `It was started otherwise: ${how}. To start it anew as you asked: npx tollkeeper restart ${options}\n`,
  }
}
