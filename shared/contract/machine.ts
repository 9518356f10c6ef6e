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

export const machineFigures = z.object({
  cpu: z.object({
    cores: z.int(),
    usage_pct: figure,
    /** Of 1, 5 and 15 minutes; null where the system knows no such thing. */
    load_average: z.nullable(z.array(z.number())),
  }),
  memory: z.object({ total_gb: figure, used_gb: figure, available_gb: figure, usage_pct: figure }),
  gpu,
  /** The disk that the home is on; of operations, all disks. */
  disk: z.object({
    total_gb: figure,
    used_gb: figure,
    available_gb: figure,
    usage_pct: figure,
    iops_read: figure,
    iops_write: figure,
  }),
  /** The interface that leads to the net. */
  network: z.object({ throughput_mbps_in: figure, throughput_mbps_out: figure, connections_active: figure }),
})
export type MachineFigures = z.infer<typeof machineFigures>
