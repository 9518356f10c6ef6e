/** The status bar item's text, background and spoken label for every state; pure, so that each is a line of a table. */
import type { View } from '../shared/view.ts'
import { headlineShown } from './headline-text.ts'
import { meterIcon } from './ids.ts'
import type { Link } from './link.ts'

export type StatusInput = {
  link: Link
  view: View
  /** Epoch ms. */
  now: number
  /** In which clock times are said; an IANA name. */
  timeZone: string
  /** From how many percent on a limit is near. */
  warnAt: number
  colour: boolean
}
/** A background beyond the bar's own only where there is trouble. */
export type StatusShown = { text: string; background: 'warning' | 'error' | null; label: string }

export function statusOf(input: StatusInput): StatusShown {
  const shown = shownFor(input)
  return input.colour ? shown : { ...shown, background: null }
}

function shownFor(input: StatusInput): StatusShown {
  const { link, view } = input
  switch (link.kind) {
    case 'starting':
      return { text: '$(loading~spin) Tollkeeper', background: null, label: 'Tollkeeper, starting' }
    case 'off':
      return { text: `${meterIcon('off')} Tollkeeper off`, background: null, label: 'Tollkeeper daemon is not running' }
    case 'mismatch':
      return link.older === 'daemon'
        ? {
            text: '$(arrow-up) Update Tollkeeper',
            background: 'warning',
            label: 'Tollkeeper daemon is too old for this extension',
          }
        : {
            text: '$(refresh) Reload',
            background: 'warning',
            label: 'Extension is older than the daemon; reload window',
          }
    case 'live':
      return view.standing === null
        ? { text: meterIcon(0), background: null, label: 'Tollkeeper, running' }
        : withSource(view.standing.simulated, headlineShown(view.standing.headline, input))
  }
}

function withSource(simulated: boolean, shown: StatusShown): StatusShown {
  if (!simulated) return shown
  return { ...shown, text: `${shown.text} · sandbox`, label: `Simulated calls only: ${shown.label}` }
}
