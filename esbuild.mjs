/** Builds everything: `node esbuild.mjs [--watch] [--minify] [--tests]`. Daemon and CLI as ESM with splitting, the extension as CommonJS, the dashboard for a browser. */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { build, context } from 'esbuild'

const flags = new Set(process.argv.slice(2))
const { version, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))

const common = {
  bundle: true,
  sourcemap: !flags.has('--minify'),
  minify: flags.has('--minify'),
  logLevel: 'warning',
  define: { TOLLKEEPER_VERSION: JSON.stringify(version) },
}

const node = {
  ...common,
  platform: 'node',
  target: 'node20',
  // jsonc-parser's UMD build breaks when bundled; its ES module does not.
  mainFields: ['module', 'main'],
}

// CommonJS packages inside an ES module bundle still call require() for Node's own modules.
const esm = {
  ...node,
  format: 'esm',
  splitting: true,
  outExtension: { '.js': '.mjs' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
}

/** Every file below `folder` that ends in `ending`. */
function filesBelow(folder, ending) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path, ending) : path.endsWith(ending) ? [path] : []
  })
}

const targets = [
  {
    ...esm,
    entryPoints: {
      main: 'daemon/main.ts',
      'compact-worker': 'daemon/store/compact-worker.ts',
      'machine-worker': 'daemon/machine/machine-worker.ts',
    },
    outdir: 'dist/daemon',
  },
  {
    ...node,
    entryPoints: ['extension/extension.ts'],
    outfile: 'dist/extension/extension.js',
    format: 'cjs',
    external: ['vscode'],
  },
  {
    ...common,
    entryPoints: ['media/dashboard/main.tsx', 'media/dashboard/style.css'],
    outdir: 'dist/dashboard',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  },
]

/** The SDKs that the tests speak with, as users install them: each is there in its current line and in one of 2025. */
const sdks = Object.keys(devDependencies).filter((name) =>
  /^(@?(openai|anthropic|genai|ai)\b|@google\/genai)/.test(name),
)

const testTargets = [
  {
    ...esm,
    sourcemap: 'inline',
    entryPoints: Object.fromEntries([
      ['run', 'daemon/test/run.ts'],
      ['compact-worker', 'daemon/store/compact-worker.ts'],
      ['machine-worker', 'daemon/machine/machine-worker.ts'],
      ['bench', 'daemon/bench/bench.ts'],
      ['fuzz', 'daemon/test/fuzz/fuzz.ts'],
      ['torture', 'daemon/bench/torture.ts'],
      ...['shared', 'daemon', 'media', 'extension']
        .flatMap((folder) => filesBelow(folder, '.test.ts'))
        .filter((file) => !file.startsWith(join('extension', 'test', 'suite')))
        .map((file) => [file.replace(/\.ts$/, ''), file]),
    ]),
    // what opens its own package files at run time, or is the thing under test as users install it
    external: [
      'mocha',
      'playwright-core',
      ...sdks,
      'vscode',
      'axe-core',
      '@seriousme/openapi-schema-validator',
      '@vscode/test-electron',
      'esbuild',
    ],
    outdir: 'dist/test',
  },
  {
    ...node,
    // Each by itself: the index loads what lies beside it by file name.
    entryPoints: ['extension/test/suite/index.ts', ...filesBelow('extension/test/suite', '.test.ts')],
    outdir: 'dist/test-host',
    format: 'cjs',
    external: ['vscode', 'mocha'],
  },
]

/**
 * Removes what an earlier build left in the folders below `dist` that this one writes to. Afterwards, and not before: a daemon may
 * be running from them, and loads its parts late.
 */
function dropStale(outputs) {
  const kept = new Set([...outputs, ...statics].map((path) => resolve(path)))
  const folders = new Set([...kept].map((path) => join('dist', relative('dist', path).split(sep)[0])))
  for (const folder of folders) {
    for (const file of filesBelow(folder, '')) if (!kept.has(resolve(file))) rmSync(file, { force: true })
  }
}

/** What is shipped as it is. */
const statics = ['dist/dashboard/index.html']

function copyStatic() {
  mkdirSync('dist/dashboard', { recursive: true })
  cpSync('media/dashboard/index.html', 'dist/dashboard/index.html')
}

/** What editors complete and check `config.jsonc` with, from the schema that the daemon checks it with. */
async function writeConfigSchema() {
  const { outputFiles } = await build({
    ...node,
    entryPoints: ['shared/contract/config-schema.ts'],
    format: 'esm',
    sourcemap: false,
    write: false,
  })
  const code = Buffer.from(outputFiles[0].contents).toString('base64')
  const { configSchema } = await import(`data:text/javascript;base64,${code}`)
  writeFileSync('dist/config.schema.json', `${JSON.stringify(configSchema(), null, 2)}\n`)
}

copyStatic()
await writeConfigSchema()
const wanted = flags.has('--tests') ? [...targets, ...testTargets] : targets
if (flags.has('--watch')) {
  for (const target of wanted) await (await context(target)).watch()
} else {
  const results = await Promise.all(wanted.map((target) => build({ ...target, metafile: true })))
  dropStale(results.flatMap(({ metafile }) => Object.keys(metafile.outputs)))
  chmodSync('dist/daemon/main.mjs', 0o755)
}
