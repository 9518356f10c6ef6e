/** What the machine says of itself. A figure that is not known is null; GB are 2^30 bytes, Mbit/s 10^6 bits a second. */
import * as z from 'zod/mini'

const figure = z.nullable(z.number())

/** Several of them are told as one: memory and power together, the mean of what they are used, the warmest. */
export const gpu = z.discriminatedUnion('available', [
  z.object({
    available: z.literal(true),
    device_name: z.string(),
    utilization_pct: figure,
    memory_used_gb: figure,
    memory_total_gb: figure,
    memory_usage_pct: figure,
    temperature_c: figure,
    power_draw_w: figure,
    power_limit_w: figure,
  }),
  z.object({
    available: z.literal(false),
    /** There may be one, but its tool does not say. */
    error: z.optional(z.string()),
  }),
])
export type Gpu = z.infer<typeof gpu>
