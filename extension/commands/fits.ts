/** Whether a number of tokens fits, as the daemon answers it, in a row of its own; pure. */
import type { AllowedReply } from '../../shared/contract/endpoints/allowance.ts'
import { tokens } from '../../shared/format.ts'
import { plainLabel } from '../escape.ts'
import { line, type PickRow } from './pick-row.ts'

/** `12000`, `12k`, `1.5M`; null where it is no number of tokens. */
export function tokensIn(text: string): number | null {
  const [, number, unit = ''] = /^\s*(\d{1,12}(?:\.\d{1,6})?)\s*([km]?)\s*$/i.exec(text) ?? []
  const factor = { '': 1, k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1
  const count = number === undefined ? 0 : Math.round(Number(number) * factor)
  // the daemon takes no more digits
  return count > 0 && count < 1e12 ? count : null
}

const alternativesShown = 3

/** The answer as the first of the account's rows. Where nothing is stated in tokens or money, going on is no answer. */
export function fitRow({ allowed, reason, remaining, alternatives }: AllowedReply, wanted: number): PickRow {
  const isKnown = !allowed || remaining.tokens !== null || remaining.usd !== null
  const answer = isKnown ? (allowed ? '$(check) Yes' : '$(error) No') : '$(question) Not known'
  const others = alternatives.slice(0, alternativesShown).map(({ target }) => plainLabel(target))
  return {
    kind: 'row',
    label: `${answer}: ${tokens(wanted)} ${wanted === 1 ? 'token' : 'tokens'}`,
    description: '',
    detail: line(plainLabel(reason), allowed || others.length === 0 ? '' : `could go to ${others.join(', ')}`),
  }
}
