/** Puts code-server, a VS Code server with its workbench, into the cache from npm packages alone: no install script runs, natives are built here. */
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withLock } from './lock.ts'
import { configuredHeaders, type NodeAndNpm, openNpm } from './npm.ts'
import { type Finished, runProcess, say } from './processes.ts'

/** Carries VS Code 1.100.3, the oldest line that the manifest's `engines.vscode` allows. */
const codeServerVersion = '4.100.3'
/** code-server refuses any other, and its native modules are built for it. */
const nodeMajor = 20

export type CodeServer = { readonly kind: 'code-server'; readonly entry: string; readonly node: string }

const ownNode = process.versions.node.split('.')[0] !== String(nodeMajor)

function at(folder: string): CodeServer {
  return {
    kind: 'code-server',
    entry: join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js'),
    node: ownNode ? join(packagedNode(folder), 'bin', 'node') : process.execPath,
  }
}

function packagedNode(folder: string): string {
  return join(folder, 'node-package', 'node_modules', `node-${process.platform}-${process.arch}`)
}

function folderIn(cache: string): string {
  const suffix = ownNode ? '-own-node' : ''
  return join(cache, `code-server-${codeServerVersion}-${process.platform}-${process.arch}${suffix}`)
}

/** The installed one, if there is one; touches no network. */
export function cachedCodeServer(cache: string): CodeServer | undefined {
  const folder = folderIn(cache)
  return existsSync(join(folder, 'installed.json')) ? at(folder) : undefined
}

/** Installs beside and renames, so that a cut install is never taken for a whole one. */
export function installCodeServer(cache: string): Promise<CodeServer> {
  if (process.platform === 'win32') {
    throw new Error('code-server does not run on Windows: set TOLLKEEPER_VSCODE to the path of VS Code’s Code.exe')
  }
  const onWait = (): void => say('VS Code host: another test run is installing it; waiting')
  return withLock({ file: join(cache, 'code-server.lock'), onWait, limitMs: 1_200_000 }, async () => {
    const appeared = cachedCodeServer(cache)
    if (appeared) return appeared
    const began = Date.now()
    say(`VS Code host: installing code-server ${codeServerVersion} into ${cache} (once; one to two minutes)`)
    const beside = await mkdtemp(join(cache, 'installing-'))
    try {
      await fill(beside)
      await rm(folderIn(cache), { recursive: true, force: true })
      await rename(beside, folderIn(cache))
    } finally {
      await rm(beside, { recursive: true, force: true })
    }
    say(`VS Code host: installed in ${Math.round((Date.now() - began) / 1000)} s`)
    return at(folderIn(cache))
  })
}

async function fill(folder: string): Promise<void> {
  if (ownNode) await fetchNode(folder)
  const headers = ownNode ? packagedNode(folder) : await configuredHeaders()
  const { entry, node } = at(folder)
  const tools = openNpm(node, headers)

  say('VS Code host: 1/4 the packages')
  await writeFile(join(folder, 'package.json'), '{"name":"vscode-host","private":true}\n')
  const install = ['install', '--ignore-scripts']
  need(
    await tools.npm(folder, [...install, '--no-save', `code-server@${codeServerVersion}`]),
    'npm install code-server',
  )
  const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode')
  say('VS Code host: 2/4 the packages of VS Code itself')
  need(await tools.npm(vscode, [...install, '--omit=dev']), 'npm install in code-server’s VS Code')
  need(await tools.npm(join(vscode, 'extensions'), [...install, '--omit=dev']), 'npm install in VS Code’s extensions')
  await link(vscode)
  say('VS Code host: 3/4 the native modules')
  await Promise.all([buildPasswordHash(tools, folder), buildOptional(tools, vscode), addRipgrep(tools, folder, vscode)])
  say('VS Code host: 4/4 a first start')
  // Without --config, code-server writes one into the user's home, even for --version.
  const where = ['--config', join(folder, 'none.yaml'), '--user-data-dir', join(folder, 'data')]
  const version = await runProcess(node, [entry, ...where, '--version'], { cwd: folder, limitMs: 60_000 })
  need(version, 'code-server --version')
  const stamp = { codeServer: codeServerVersion, says: version.output.trim(), installedAt: new Date().toISOString() }
  await writeFile(join(folder, 'installed.json'), `${JSON.stringify(stamp)}\n`)
}

function need({ ok, output }: Finished, what: string): void {
  if (!ok) throw new Error(`${what} failed:\n${output.trim().split('\n').slice(-20).join('\n')}`)
}

async function fetchNode(folder: string): Promise<void> {
  say(`VS Code host: this is Node ${process.versions.node}; fetching Node ${nodeMajor} for it`)
  const place = join(folder, 'node-package')
  await mkdir(place)
  await writeFile(join(place, 'package.json'), '{"private":true}\n')
  const name = `node-${process.platform}-${process.arch}@${nodeMajor}`
  const { npm } = openNpm(process.execPath, undefined)
  need(await npm(place, ['install', '--ignore-scripts', name]), `npm install ${name} (or use Node ${nodeMajor})`)
}

/** What the package's own install script does beside installing. */
async function link(vscode: string): Promise<void> {
  const system = process.platform === 'darwin' ? 'darwin' : 'linux'
  const links = [
    ['node_modules', join(vscode, 'node_modules.asar')],
    [`code-${system}.sh`, join(vscode, 'bin', 'remote-cli', 'code-server')],
    [`browser-${system}.sh`, join(vscode, 'bin', 'helpers', 'browser.sh')],
  ] as const
  for (const [target, path] of links) if (!existsSync(path)) await symlink(target, path)
}

/** argon2 is loaded at start, so the server does not run without it. */
async function buildPasswordHash({ npm }: NodeAndNpm, folder: string): Promise<void> {
  // Else node-pre-gyp looks for a prebuilt one on a download site first.
  const built = await npm(folder, ['rebuild', 'argon2'], { npm_config_build_from_source: 'true' })
  need(built, 'building argon2 (it needs python3, make and a C++ compiler)')
}

/** The server starts and tests pass without these, but its log, terminals and watchdog want them. */
async function buildOptional({ gyp }: NodeAndNpm, vscode: string): Promise<void> {
  for (const name of ['@vscode/spdlog', 'node-pty', 'native-watchdog', '@vscode/native-watchdog']) {
    const folder = join(vscode, 'node_modules', name)
    if (!existsSync(folder)) continue
    const built = await gyp(folder)
    if (!built.ok) say(`VS Code host: ${name} could not be built; going on without it`)
  }
}

/** File search; the package that VS Code names would download its program, this one carries it. */
async function addRipgrep({ npm }: NodeAndNpm, folder: string, vscode: string): Promise<void> {
  const bin = join(vscode, 'node_modules', '@vscode', 'ripgrep', 'bin')
  const place = join(folder, 'ripgrep')
  const name = `@vscode/ripgrep-${process.platform}-${process.arch}`
  await mkdir(place)
  await writeFile(join(place, 'package.json'), '{"private":true}\n')
  const fetched = await npm(place, ['install', '--ignore-scripts', `${name}@1.18.0`])
  if (!fetched.ok) return say('VS Code host: ripgrep is not to be had; going on without file search')
  await mkdir(bin, { recursive: true })
  await copyFile(join(place, 'node_modules', name, 'bin', 'rg'), join(bin, 'rg'))
  await chmod(join(bin, 'rg'), 0o755)
}
