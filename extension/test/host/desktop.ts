/** A desktop VS Code: its window for a test that acts as a person, and the suite inside its extension host. */
import { machine, watchOutside } from './browser.ts'
import type { Development } from './code-server.ts'
import { openDisplay } from './display.ts'
import type { HostFolders } from './environment.ts'
import { runProcess } from './processes.ts'
import type { Desktop } from './program.ts'
import type { Workbench } from './workbench.ts'

type Start = { readonly folders: HostFolders; readonly env: Record<string, string> }

function launchArguments({ data, extensions }: HostFolders): string[] {
  return [
    `--user-data-dir=${data}`,
    `--extensions-dir=${extensions}`,
    '--disable-telemetry',
    '--disable-crash-reporter',
    '--disable-updates',
    '--disable-workspace-trust',
    '--skip-welcome',
    '--skip-release-notes',
    // The keyring of this machine's user is none of a test's business.
    '--use-inmemory-secretstorage',
    // Chromium's sandbox refuses root and most containers.
    '--no-sandbox',
  ]
}

/** Installs a packaged extension as a user would. */
export async function installIntoDesktop(
  { executable }: Desktop,
  { folders, env }: Start,
  vsix: string,
): Promise<void> {
  const { resolveCliArgsFromVSCodeExecutablePath } = await import('@vscode/test-electron')
  const [command, ...first] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true })
  if (!command) throw new Error(`the command line of ${executable} was not found`)
  const where = [`--user-data-dir=${folders.data}`, `--extensions-dir=${folders.extensions}`, '--no-sandbox']
  const args = [...first, ...where, '--install-extension', vsix, '--force']
  const { ok, output } = await runProcess(command, args, { cwd: folders.root, env, limitMs: 120_000 })
  if (!ok) throw new Error(`${vsix} could not be installed:\n${output}`)
}

export async function openDesktopWorkbench(
  { executable }: Desktop,
  { folders, env }: Start,
  { extension }: Development,
): Promise<Workbench> {
  const { _electron } = await import('playwright-core')
  const display = await openDisplay(machine)
  const development = extension ? [`--extensionDevelopmentPath=${extension}`] : []
  const args = [folders.workspace, ...launchArguments(folders), ...development]
  const options = { executablePath: executable, args, env: { ...env, ...display.env }, timeout: 60_000 }
  const app = await _electron.launch(options).catch(async (error: unknown) => {
    await display.close()
    throw error
  })
  const lines: string[] = []
  const page = await app.firstWindow()
  page.on('console', (message) => lines.push(`[${message.type()}] ${message.text()}`))
  page.on('pageerror', (error) => lines.push(`[error] ${error.message}`))
  return {
    page,
    outside: watchOutside(app.context()),
    console: lines,
    close: async () => {
      await app.close()
      await display.close()
    },
  }
}

/** Runs the suite and gives VS Code's exit code. */
export async function runInDesktop(
  { executable }: Desktop,
  { folders, env }: Start,
  { extension, tests }: { readonly extension: string; readonly tests: string },
): Promise<number> {
  const { runTests, TestRunFailedError } = await import('@vscode/test-electron')
  const display = await openDisplay(machine)
  // runTests adds this to the whole environment, so what is to be absent has to be said.
  const absent = Object.keys(process.env).filter((name) => !(name in env))
  try {
    return await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: extension,
      extensionTestsPath: tests,
      extensionTestsEnv: { ...Object.fromEntries(absent.map((name) => [name, undefined])), ...env, ...display.env },
      launchArgs: [folders.workspace, ...launchArguments(folders)],
    })
  } catch (error) {
    if (error instanceof TestRunFailedError) return error.code ?? 1
    throw error
  } finally {
    await display.close()
  }
}
