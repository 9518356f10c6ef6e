/** What the home's config and keys come to, read as a start would read them, but without writing or watching anything. */

import { budgetProblemsOf } from '../../budget-problems.ts'
import { chainProblemsOf } from '../../chain-problems.ts'
import { networkOf } from '../../network.ts'
import { providersOf } from '../../providers/index.ts'
import type { Provider } from '../../providers/provider.ts'
import type { Chain } from '../../routing/table.ts'
import { routingOf } from '../../routing/table.ts'
import { type Settings, settingsOf } from '../../settings.ts'
import { configPath, readConfig, readConfigText } from '../../store/config-file.ts'
import { placeIn } from '../../store/config-text.ts'
import type { ConfigProblem } from '../../store/config-words.ts'
import { type ReadSecrets, readSecrets } from '../../store/secrets-file.ts'
import type { Network } from '../../upstream/agent.ts'
import type { Io } from '../io.ts'

export type Written = {
  path: string
  hasFile: boolean
  /** The file can be used as a whole. */
  usable: boolean
  problems: ConfigProblem[]
  settings: Settings
  providers: ReadonlyMap<string, Provider>
  chains: readonly Chain[]
  network: Network
  secrets: ReadSecrets
}

export async function readWritten(home: string, env: Io['env']): Promise<Written> {
  const file = readConfigText(configPath(home))
  const { config, problems, usable, path } = readConfig(home, env)
  const secrets = await readSecrets(home)
  const { providers, problems: ofProviders } = providersOf(config, storedKeys(secrets))
  const routing = routingOf(config)
  const { network, faults } = networkOf(config.network ?? {}, home, env)
  const text = file.kind === 'text' ? file.text : ''
  const placeOf = (at: (string | number)[]) => placeIn(text, at)
  return {
    path,
    hasFile: file.kind !== 'missing',
    usable,
    problems: [
      ...problems,
      ...ofProviders,
      ...chainProblemsOf(routing, providers, placeOf),
      ...budgetProblemsOf(config.budgets ?? [], providers, placeOf),
      ...faults.map((fault): ConfigProblem => ({ code: 'config-invalid', ...fault })),
    ],
    settings: settingsOf(config),
    providers,
    chains: [...routing.chains.values()],
    network,
    secrets,
  }
}

/** A key is for the origin that it was set for alone. */
function storedKeys(secrets: ReadSecrets) {
  const keys = new Map(Object.entries(secrets.kind === 'read' ? (secrets.data.provider_keys ?? {}) : {}))
  return {
    providers: () => [...keys.keys()],
    keyFor: (provider: string, origin: string) => {
      const found = keys.get(provider)
      return found?.origin === origin ? found.key : undefined
    },
  }
}
