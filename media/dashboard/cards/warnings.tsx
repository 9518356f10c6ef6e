/** What is not as it should be, first of all, and nothing at all when all is well. */
import { Card, Icon } from '../parts.tsx'
import { agoText } from '../text.ts'
import type { Shown } from './card.ts'

export function Warnings({ view, now }: Shown) {
  if (view.warnings.length === 0) return null
  return (
    <Card id="warnings" title="Warnings" class="warnings">
      <ul>
        {view.warnings.map((warning) => (
          <li key={`${warning.code} ${warning.subject}`}>
            <span class="is-near">
              <Icon name="alert" />
            </span>
            <p>
              {warning.text} <span class="quiet">Since {agoText(warning.since, now)}.</span>
            </p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
