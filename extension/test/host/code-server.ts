/** A private code-server on a loopback port of its own. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CodeServer } from './code-server-install.ts'
import type { HostFolders } from './environment.ts'
import { type Running, runProcess, startProcess, waitFor } from './processes.ts'

export type Server = { readonly url: string; readonly authority: string; readonly running: Running }

type Start = { readonly folders: HostFolders; readonly env: Record<string, string>; readonly vsix?: string | undefined }

export async function startCodeServer({ entry, node }: CodeServer, { folders, env, vsix }: Start): Promise<Server> {
  const where = [
    '--config',
    join(folders.root, 'config.yaml'),
    '--user-data-dir',
    folders.data,
    '--extensions-dir',
    folders.extensions,
  ]
  const options = { cwd: folders.root, env: { ...env, CS_DISABLE_GETTING_STARTED_OVERRIDE: '1' } }
  if (vsix) {
    const { ok, output } = await runProcess(node, [entry, ...where, '--install-extension', vsix], {
      ...options,
      limitMs: 60_000,
    })
    if (!ok || !output.includes('successfully installed')) throw new Error(`${vsix} could not be installed:\n${output}`)
  }
  const quiet = [
    '--disable-telemetry',
    '--disable-update-check',
    '--disable-workspace-trust',
    '--disable-getting-started-override',
  ]
  const args = [
    entry,
    '--auth',
    'none',
    '--bind-addr',
    '127.0.0.1:0',
    ...where,
    ...quiet,
    '--disable-proxy',
    '--ignore-last-opened',
  ]
  const running = startProcess(node, args, options)
  let code: number | null | undefined
  void running.ended.then((value) => {
    code = value
  })
  try {
    const authority = await waitFor(
      () => {
        if (code !== undefined) throw new Error(`code-server ended with ${code}:\n${running.output()}`)
        return /listening on http:\/\/(127\.0\.0\.1:\d+)/.exec(running.output())?.[1]
      },
      60_000,
      () => `code-server did not listen within a minute:\n${running.output()}`,
    )
    return { url: `http://${authority}/`, authority, running }
  } catch (error) {
    await running.stop()
    throw error
  }
}

export type Development = {
  /** The folder of an extension to load as F5 would. */
  readonly extension?: string | undefined
  /** A CommonJS module whose `run()` is called inside the extension host. */
  readonly tests?: string | undefined
}

/** The workbench's address; what is under development goes into `payload`, as VS Code's own web test runner does it. */
export function workbenchUrl({ url, authority }: Server, workspace: string, { extension, tests }: Development): string {
  const remote = (path: string): string => `vscode-remote://${authority}${pathToFileURL(path).pathname}`
  const payload = [
    ['skipWelcome', 'true'],
    ...(extension ? [['extensionDevelopmentPath', remote(extension)]] : []),
    ...(tests ? [['extensionTestsPath', remote(tests)]] : []),
  ]
  const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) })
  return `${url}?${query.toString()}`
}
