/** What Prometheus asks of calls and no other slice keeps: by the way they took, by provider and model, and how long they took, for ever. */
import { type AttemptEnded, type Strategy, strategy } from '../../shared/contract/event.ts'
import { type Counted, jointDimensions } from './counted.ts'
import { emptyHistogram, type Histogram, observe, readHistogram, writeHistogram } from './histogram.ts'
import type { Lifetime } from './lifetime.ts'
import { isSimulated, nameBound } from './named-totals.ts'
import type { NameTable } from './names.ts'
import { fieldOf, isArray, isCount, nameAt, readAll } from './reading.ts'
import type { Slice } from './slice.ts'
import { addSums, emptySums, readSums, type Sums, writeSums } from './sums.ts'
import { other } from './totals.ts'

/** Models kept for ever, of all providers together; later ones are their provider's `other`. Providers are bounded as in the totals. */
export const modelBound = 500

/** How calls found their target. `imported`: they did not come through here. `unknown`: of lines that were added up nobody knows. */
export const ways = [...strategy.options, 'imported', 'unknown'] as const
type CallWay = (typeof ways)[number]

/** Of latency and first tokens the same calls are told as in `times.ts`. */
export type ProviderMeter = { models: Map<string, Sums>; latency: Histogram; firstToken: Histogram }

/** `models`: rows of all providers. `overhead`: of every attempt that the daemon lived to see ended. */
export type Meter = {
  calls: Record<CallWay, number>
  latency: Record<Strategy, Histogram>
  overhead: Histogram
  providers: Map<string, ProviderMeter>
  models: number
}
export type Meters = { real: Meter; simulated: Meter }

const [providerAt, modelAt] = [jointDimensions.indexOf('provider'), jointDimensions.indexOf('model')]

export const meters: Slice<Meters> = {
  empty: () => ({ real: emptyMeter(), simulated: emptyMeter() }),

  fold(state, { e }, _zone, counted) {
    for (const one of counted) {
      const meter = isSimulated(one) ? state.simulated : state.real
      const provider = providerIn(meter, one.names[providerAt] ?? other)
      addSums(sumsIn(meter, provider, one.names[modelAt] ?? other), one.sums)
      if (e.type === 'attempt.ended') takeEnded(meter, provider, e, one)
      else takeAddedUp(meter, one)
    }
  },

  write: ({ real, simulated }, names) => [writeMeter(real, names), writeMeter(simulated, names)],

  read(json, names) {
    const [real, simulated] = readAll(json, (part) => readMeter(part, names)) ?? []
    return real && simulated && { real, simulated }
  },
}

/** For a history that is no longer there to be counted anew: all that a provider's sums hold is of `other` models. */
export function metersSince({ providers }: Lifetime): Meters {
  const state = meters.empty()
  for (const { name, simulated, sums } of providers.values()) {
    const meter = simulated ? state.simulated : state.real
    addSums(sumsIn(meter, providerIn(meter, name), other), sums)
    meter.calls.unknown += sums.requests
  }
  return state
}

function takeEnded(meter: Meter, provider: ProviderMeter, e: AttemptEnded, { times }: Counted): void {
  if (e.imported !== undefined) {
    meter.calls.imported++
    return
  }
  if (e.outcome !== 'interrupted') observe(meter.overhead, 'overhead', e.overheadMs)
  if (e.last) meter.calls[e.strategy]++
  if (times.length === 0) return
  observe(meter.latency[e.strategy], 'latency', e.latencyMs)
  observe(provider.latency, 'latency', e.latencyMs)
  if (times.length > 1) observe(provider.firstToken, 'firstToken', e.ttftMs ?? 0)
}

function takeAddedUp({ calls }: Meter, { sums, failedOver }: Counted): void {
  calls.failover += failedOver
  calls.unknown += sums.requests - failedOver
}

function emptyMeter(): Meter {
  return {
    calls: { direct: 0, pinned: 0, routed: 0, failover: 0, imported: 0, unknown: 0 },
    latency: {
      direct: emptyHistogram('latency'),
      pinned: emptyHistogram('latency'),
      routed: emptyHistogram('latency'),
      failover: emptyHistogram('latency'),
    },
    overhead: emptyHistogram('overhead'),
    providers: new Map(),
    models: 0,
  }
}

function emptyProvider(): ProviderMeter {
  return { models: new Map(), latency: emptyHistogram('latency'), firstToken: emptyHistogram('firstToken') }
}

function providerIn({ providers }: Meter, asked: string): ProviderMeter {
  const known = providers.get(asked)
  if (known) return known
  const name = providers.size < nameBound ? asked : other
  const provider = providers.get(name) ?? emptyProvider()
  providers.set(name, provider)
  return provider
}

function sumsIn(meter: Meter, { models }: ProviderMeter, asked: string): Sums {
  const known = models.get(asked)
  if (known) return known
  const name = meter.models < modelBound ? asked : other
  const sums = models.get(name) ?? emptySums()
  if (!models.has(name)) meter.models++
  models.set(name, sums)
  return sums
}

function writeMeter(meter: Meter, names: NameTable): unknown {
  return {
    calls: ways.map((way) => meter.calls[way]),
    latency: strategy.options.map((name) => writeHistogram(meter.latency[name])),
    overhead: writeHistogram(meter.overhead),
    providers: [...meter.providers].map(([name, { models, latency, firstToken }]) => [
      names.idOf(name),
      [...models].map(([model, sums]) => [names.idOf(model), writeSums(sums)]),
      writeHistogram(latency),
      writeHistogram(firstToken),
    ]),
  }
}

function readMeter(json: unknown, names: readonly string[]): Meter | undefined {
  const meter = emptyMeter()
  const calls = readAll(fieldOf(json, 'calls'), (count) => (isCount(count) ? count : undefined))
  const latency = readAll(fieldOf(json, 'latency'), (part) => readHistogram(part, 'latency'))
  const overhead = readHistogram(fieldOf(json, 'overhead'), 'overhead')
  const providers = readAll(fieldOf(json, 'providers'), (part) => readProvider(part, names))
  if (calls?.length !== ways.length || latency?.length !== strategy.options.length || !overhead || !providers) {
    return undefined
  }
  for (const [at, way] of ways.entries()) meter.calls[way] = calls[at] ?? 0
  for (const [at, name] of strategy.options.entries()) meter.latency[name] = latency[at] ?? meter.latency[name]
  meter.overhead = overhead
  meter.providers = new Map(providers)
  for (const [, { models }] of providers) meter.models += models.size
  return meter
}

function readProvider(json: unknown, names: readonly string[]): [string, ProviderMeter] | undefined {
  if (!isArray(json) || json.length !== 4) return undefined
  const name = nameAt(names, json[0])
  const models = readAll(json[1], (part) => readModel(part, names))
  const [latency, firstToken] = [readHistogram(json[2], 'latency'), readHistogram(json[3], 'firstToken')]
  if (name === undefined || !models || !latency || !firstToken) return undefined
  return [name, { models: new Map(models), latency, firstToken }]
}

function readModel(json: unknown, names: readonly string[]): [string, Sums] | undefined {
  if (!isArray(json) || json.length !== 2) return undefined
  const [model, sums] = [nameAt(names, json[0]), readSums(json[1])]
  return model === undefined || !sums ? undefined : [model, sums]
}
