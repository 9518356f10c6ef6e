/** What a VS Code under test gets to see: an environment and settings of its own, so that nothing of this machine's user shows or is changed. Pure. */
import { join } from 'node:path'

export type HostFolders = {
  /** Holds all the others; removed at the end. */
  readonly root: string
  readonly data: string
  readonly extensions: string
  /** The folder that is open in the window. */
  readonly workspace: string
  /** The user's home, as the host and the daemon that it starts see it. */
  readonly home: string
  /** TOLLKEEPER_HOME. */
  readonly tollkeeper: string
  /** The file where a suite inside the host leaves its result. */
  readonly result: string
}

export function hostFolders(root: string): HostFolders {
  const home = join(root, 'home')
  return {
    root,
    data: join(root, 'data'),
    extensions: join(root, 'extensions'),
    workspace: join(root, 'workspace'),
    home,
    tollkeeper: join(home, '.tollkeeper'),
    result: join(root, 'suite-result.json'),
  }
}

/** Started from an editor's terminal or by npm, the environment would steer the host that is under test. */
const steering = /^(VSCODE_|ELECTRON_|CODE_SERVER_|TOLLKEEPER_|npm_|NODE_OPTIONS$|NODE_ENV$|INIT_CWD$|XDG_)/i

export function hostEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  folders: HostFolders,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !steering.test(pair[0]),
  )
  const xdg = join(folders.root, 'xdg')
  return {
    ...Object.fromEntries(kept),
    HOME: folders.home,
    USERPROFILE: folders.home,
    XDG_CONFIG_HOME: join(xdg, 'config'),
    XDG_DATA_HOME: join(xdg, 'data'),
    XDG_CACHE_HOME: join(xdg, 'cache'),
    // No gallery, so that nothing is looked up in one.
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '', itemUrl: '', resourceUrlTemplate: '' }),
    TOLLKEEPER_HOME: folders.tollkeeper,
    TOLLKEEPER_TEST_RESULT: folders.result,
    ...extra,
  }
}

/** Settings under which VS Code asks nothing, tells nobody and looks the same each time. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'npm.fetchOnlinePackageInfo': false,
  'json.schemaDownload.enable': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'git.enabled': false,
  // Else a code-server offers every port that something on this machine listens on.
  'remote.autoForwardPorts': false,
  'remote.restoreForwardedPorts': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'workbench.colorTheme': 'Default Dark Modern',
}
