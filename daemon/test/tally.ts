/** The arguments of a test run, and its closing line. Pure. */
import type { Counts } from '../../extension/test/host/suite-result.ts'

export type Asked = {
  /** Only tests whose full title has this in it. */
  readonly grep: string | undefined
  /** Whether the suite inside VS Code runs as well. */
  readonly host: boolean
}

/** Reads `--grep X`, `--grep=X`, `-g X` and `--no-host`; anything else is a mistake worth a word. */
export function readArguments(args: readonly string[]): Asked {
  let grep: string | undefined
  let host = true
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--no-host') host = false
    else if (arg === '--grep' || arg === '-g') grep = rest.shift()
    else if (arg.startsWith('--grep=')) grep = arg.slice('--grep='.length)
    else throw new Error(`unknown argument ${arg}: known are --grep TEXT and --no-host`)
    if (grep === '' || (grep === undefined && arg !== '--no-host')) throw new Error('--grep needs the text to look for')
  }
  return { grep, host }
}

export function sum(all: readonly Counts[]): Counts {
  const total = { passed: 0, failed: 0 }
  for (const { passed, failed } of all) {
    total.passed += passed
    total.failed += failed
  }
  return total
}

/** The last line of a run. */
export function closingLine({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`
}

/** A run of nothing is a failure: it proves nothing, and usually a name was mistyped. */
export function exitCodeOf({ passed, failed }: Counts): 0 | 1 {
  return failed === 0 && passed > 0 ? 0 : 1
}
