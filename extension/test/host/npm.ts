/** Runs npm and its node-gyp as plain Node programs, whatever shell or `npm test` this process was started from. */
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { machine } from './browser.ts'
import { npmPlaces } from './places.ts'
import { type Finished, runProcess } from './processes.ts'

export type NodeAndNpm = {
  readonly npm: (cwd: string, args: readonly string[], env?: Record<string, string>) => Promise<Finished>
  /** Builds the native module in `cwd` from its source. */
  readonly gyp: (cwd: string) => Promise<Finished>
}

const limitMs = 600_000

/** With this `node`; `headers` is where its C++ headers are, if they are not to be downloaded. */
export function openNpm(node: string, headers: string | undefined): NodeAndNpm {
  const cli = npmProgram()
  const environment = { ...cleanEnvironment(process.env), ...(headers && { npm_config_nodedir: headers }) }
  return {
    npm: (cwd, args, env) =>
      runProcess(node, [cli, ...args, '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd,
        env: { ...environment, npm_config_update_notifier: 'false', ...env },
        limitMs,
      }),
    gyp: (cwd) => {
      // npm brings it along; Debian has packaged it apart
      const gyp = createRequire(cli).resolve('node-gyp/bin/node-gyp.js')
      const nodedir = headers ? [`--nodedir=${headers}`] : []
      return runProcess(node, [gyp, 'rebuild', ...nodedir, '-j', '2'], { cwd, env: environment, limitMs })
    },
  }
}

/** Where the user's npm says that Node's headers are; node-gyp, called by itself, would not know and download them. */
export async function configuredHeaders(): Promise<string | undefined> {
  const { npm } = openNpm(process.execPath, undefined)
  const { output } = await npm(process.cwd(), ['config', 'get', 'nodedir'])
  return output
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && existsSync(join(line, 'include', 'node', 'node.h')))
}

/** Under `npm test` the environment speaks of this project, and a nested npm would install into it. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours =
    /^npm_(package_|lifecycle_|command$|execpath$|node_execpath$|config_(local_prefix|prefix|node_gyp|noproxy)$)|^INIT_CWD$/
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)))
}

function npmProgram(): string {
  const started = process.env['npm_execpath'] ?? ''
  const places = [started, ...npmPlaces(realpathSync(process.execPath), machine)].filter((place) => existsSync(place))
  const cli = places.map((place) => realpathSync(place)).find((place) => place.endsWith('npm-cli.js'))
  if (cli) return cli
  throw new Error(`npm was found neither beside ${process.execPath} nor on the PATH: start the tests with \`npm test\``)
}
