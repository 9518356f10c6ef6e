/** Opens what a home holds: config, history, keys, providers; for the daemon, and for a command that does its work without one. */
import { keepBudgets } from './budget-changes.ts'
import { openConfigInUse } from './config-in-use.ts'
import type { OpenedLog } from './log.ts'
import { openPriceUpdates } from './price-updates.ts'
import { owedOf } from './pricing/owed.ts'
import type { Provider } from './providers/provider.ts'
import { openBook } from './store/book.ts'
import { keepPrivate } from './store/home-lock.ts'
import { openKeys } from './store/keys-file.ts'
import { openProviderKeys } from './store/provider-keys.ts'
import { openSecrets } from './store/secrets-file.ts'
import { openTokens } from './store/tokens.ts'
import { openWarnings } from './warnings.ts'

/** The caller holds the home's lock, whose epoch it gives. What is to be closed is put behind `closers`, also where this rejects. */
export async function openHome(options: {
  home: string
  epoch: number
  env: NodeJS.ProcessEnv | undefined
  log: OpenedLog
  now: () => number
  closers: (() => Promise<void> | void)[]
  /** Providers that do not come from the config. */
  added?: readonly Provider[]
}) {
  const { home, epoch, log, now, closers } = options
  const warnings = openWarnings({ log, now })
  const privacy = keepPrivate(home)
  if (privacy === 'made-private')
    log.warn(`Other users of this machine could look into ${home} until now. If keys stood in it, make new ones.`)
  if (privacy === 'open') {
    const text = `Other users of this machine can read ${home}. Take their rights away, for instance with chmod 700.`
    warnings.raise('home-open', home, text)
  }
  const secrets = await openSecrets(home)
  for (const { path, why } of secrets.passedOver) {
    const text = `${path} is left out: ${why}. The version before it is in use, without the last change of your keys: look at them with "tollkeeper key list".`
    warnings.raise('snapshot-unreadable', path, text)
  }
  const env = options.env ?? process.env
  const prices = await openPriceUpdates({ home, log, warnings, now })
  const inUse = openConfigInUse({
    home,
    env,
    log,
    warnings,
    keys: openProviderKeys({ secrets, now }),
    catalogue: prices,
    added: options.added ?? [],
  })
  closers.push(() => inUse.close())
  log.hide(inUse.lent)
  const keepLevel = () => log.keepTo(inUse.now().settings.logLevel)
  keepLevel()
  inUse.watch(keepLevel)
  const { settings } = inUse.now()
  const book = await openBook({
    home,
    epoch,
    timeZone: settings.timeZone,
    ...settings.store,
    warn: warnings,
    log,
    now,
    price: (started, usage, at) => {
      const { provider, model, billing } = started
      const { providers, priceOf } = inUse.now()
      const catalogueId = providers.get(provider)?.catalogueId ?? null
      const found = priceOf({ catalogueId, provider, model, usage, webSearches: 0, at })
      return found && { cost: found.nano, billed: owedOf(billing, found.nano) ?? 0, price: found.stamp }
    },
  })
  closers.push(() => book.close())
  const holdBudgets = () => keepBudgets(inUse.live, book.ledger.budgets, book.record)
  holdBudgets()
  inUse.watch(holdBudgets)
  log.info('Database opened', { dbPath: home, ...book.recovered })
  const keys = openKeys({ secrets, now })
  return { warnings, inUse, prices, book, keys, tokens: openTokens({ secrets, keys, now }) }
}
