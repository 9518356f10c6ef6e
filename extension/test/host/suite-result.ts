/** What a suite inside the extension host says of itself, and whether that is to be believed. Pure. */

/** Written to the file that TOLLKEEPER_TEST_RESULT names, when the suite has come to its end. */
export type SuiteResult = {
  readonly passed: readonly string[]
  readonly failed: readonly { readonly title: string; readonly error: string }[]
}

export type Counts = { readonly passed: number; readonly failed: number }

export type Ending = {
  /** The host's exit code; undefined where it gave none in time. */
  readonly code: number | undefined
  /** Undefined where the suite left none, or no whole one. */
  readonly result: SuiteResult | undefined
  /** Requests that would have left this machine. */
  readonly outside: readonly string[]
}

/** Counts an ending; `problems` are failures of the run itself, each counted as one. */
export function judge({ code, result, outside }: Ending): Counts & { readonly problems: readonly string[] } {
  const problems = outside.map((url) => `a request would have left this machine: ${url}`)
  const said = code ?? 'none'
  // VS Code says 0 as well when its extension host was killed half-way, so its word alone is not enough.
  if (!result) {
    problems.push(`the extension host gave no result (exit code ${said}): it ended early or never began`)
  } else if (result.failed.length === 0 && code !== 0) {
    problems.push(`the host’s exit code is ${said} after a suite without failures`)
  }
  return { passed: result?.passed.length ?? 0, failed: (result?.failed.length ?? 0) + problems.length, problems }
}

/** Reads the text of a result file. */
export function readResult(text: string | undefined): SuiteResult | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    if (typeof value !== 'object' || value === null) return undefined
    const { passed, failed } = value as Partial<SuiteResult>
    return Array.isArray(passed) && Array.isArray(failed) ? { passed, failed } : undefined
  } catch {
    return undefined // A host that was killed while it wrote; the same as no result.
  }
}

/** The report for a person, a line a test. */
export function reportOf({ passed, failed }: SuiteResult): string {
  const bad = failed.map(({ title, error }) => `    ✖ ${title}\n${error.replace(/^/gm, '      ')}`)
  return [...passed.map((title) => `    ✔ ${title}`), ...bad].join('\n')
}
