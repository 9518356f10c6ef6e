/** Webhooks as a user writes them in the config. */
import * as z from 'zod/mini'
import { hookEvent } from './alert.ts'

const says = z.describe

/** A variable stands in the file as editors see it, and where its value is not to be had. */
const webhookUrl =
  /^(https:\/\/[^\s/?#@\\]+([/?#]\S*)?|http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?([/?#]\S*)?|.*\$\{.*)$/i

export const webhookConfig = z
  .strictObject({
    url: z
      .string()
      .check(
        z.regex(
          webhookUrl,
          'it must begin with https://, or with http:// and a name of this machine (localhost, 127.0.0.1, [::1]), and hold no user name or password',
        ),
      ),
    secret: z.string().check(z.minLength(1), says('What its calls are signed with. Write ${VAR}.')),
    events: z.optional(z.array(hookEvent).check(says('Of what it is told: budget, quota. Default: both.'))),
  })
  .check(says('An address that is told of alerts.'))
export type WebhookConfig = z.infer<typeof webhookConfig>

/** Each address once: what was sent to it is known by the address. */
export function checkWebhooks(checked: z.core.ParsePayload<{ webhooks?: readonly WebhookConfig[] | undefined }>): void {
  const urls = (checked.value.webhooks ?? []).map(({ url }) => url)
  for (const [at, url] of urls.entries()) {
    if (urls.indexOf(url) < at)
      checked.issues.push({
        code: 'custom',
        input: checked.value,
        path: ['webhooks', at, 'url'],
        message: 'is the address of another webhook too: take one of them out',
      })
  }
}
