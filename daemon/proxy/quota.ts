/** Writes down what a reply said of limits: those of the account, and beside them those of the model that was asked. */

import type { Event } from '../../shared/contract/event.ts'
import { isSubscriptionWindow } from '../ledger/views/windows.ts'
import type { QuotaSaid } from '../providers/quota-window.ts'
import { type Call, modelOf, type Target } from './call.ts'
import { safeName } from './names.ts'

/** `sentAt`: when its attempt began, epoch ms. */
export type QuotaOf = {
  call: Call
  target: Target
  account: string
  sentAt: number
  record(event: Event, sentAt?: number): void
}

export function recordQuota(said: QuotaSaid, { call, target, account, sentAt, record }: QuotaOf): void {
  // token counts and the like have rate limits of their own, beside those of calls (docs.anthropic.com, token counting)
  const counts = ({ name }: { name: string }) => call.endpoint.counts === 'tokens' || isSubscriptionWindow(name)
  const of = { type: 'quota.read', provider: target.provider.id, account } as const
  const windows = said.windows.filter(counts)
  if (windows.length > 0) {
    const { representative, overageInUse } = said
    record({ ...of, model: null, windows, representative, overageInUse }, sentAt)
  }
  const ofModel = said.modelWindows.filter(counts)
  if (ofModel.length > 0) {
    // a body that could not be read does not say which model its limits are for, but they are not those of all
    const model = safeName(modelOf(call, target) ?? '') || 'unknown'
    record({ ...of, model, windows: ofModel, representative: null, overageInUse: null }, sentAt)
  }
}
