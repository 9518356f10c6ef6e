/** What a check says of one thing: how it is, and where it is not well, what to do. */

export type State = 'ok' | 'warn' | 'fail'
export type Finding = {
  check: string
  state: State
  /** A sentence or two. Never a secret, nor the name of another user. */
  detail: string
  /** What to do; null where nothing has to be done. */
  fix: string | null
}

export type Said = Omit<Finding, 'check'>

export const ok = (detail: string): Said => ({ state: 'ok', detail, fix: null })
export const warn = (detail: string, fix: string): Said => ({ state: 'warn', detail, fix })
export const fail = (detail: string, fix: string): Said => ({ state: 'fail', detail, fix })
