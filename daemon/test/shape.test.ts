/** The floors of ARCHITECTURE.md as a test: who may import whom, what pure code may not touch, and which names are banned. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'

type Rule = {
  /** Folder below the root. */
  folder: string
  /** Folders (or single files) of this project that it may import besides itself. */
  may: readonly string[]
  /** Packages that it may import; 'any' where nothing is asked. Node's own modules count as packages. */
  packages: readonly string[] | 'any'
  because: string
}

const contract = ['shared/contract']
const pure = 'values in, values out: nothing here may depend on the machine, the clock or chance'
const floor1 = ['shared']
const floor2 = ['shared', 'daemon/dialects', 'daemon/providers', 'daemon/pricing', 'daemon/routing', 'daemon/ledger']

const rules: readonly Rule[] = [
  { folder: 'shared/contract', may: [], packages: ['zod/mini'], because: 'the words stand below everything else' },
  { folder: 'shared', may: contract, packages: ['zod/mini'], because: 'it runs in Node, in VS Code and in a browser' },
  { folder: 'daemon/dialects', may: floor1, packages: ['tokenx'], because: pure },
  { folder: 'daemon/providers', may: floor1, packages: [], because: pure },
  { folder: 'daemon/pricing', may: floor1, packages: ['@pydantic/genai-prices'], because: pure },
  { folder: 'daemon/routing', may: floor1, packages: [], because: pure },
  { folder: 'daemon/ledger', may: floor1, packages: [], because: pure },
  { folder: 'daemon/store', may: floor2, packages: 'any', because: 'the disk knows nothing of the net or of who asks' },
  {
    folder: 'daemon/upstream',
    may: floor2,
    packages: 'any',
    because: 'the net knows nothing of the disk or of who asks',
  },
  {
    folder: 'daemon/machine',
    may: ['shared'],
    packages: 'any',
    because: 'what the machine says of itself has nothing to do with calls',
  },
  {
    folder: 'daemon/proxy',
    may: [...floor2, 'daemon/store', 'daemon/upstream'],
    packages: 'any',
    because: 'edges never know each other',
  },
  {
    folder: 'daemon/api',
    may: [...floor2, 'daemon/store', 'daemon/upstream'],
    packages: 'any',
    because: 'edges never know each other',
  },
  {
    folder: 'daemon/feed',
    may: [...floor2, 'daemon/store', 'daemon/upstream'],
    packages: 'any',
    because: 'edges never know each other',
  },
  {
    folder: 'daemon/webhooks',
    may: [...floor2, 'daemon/store', 'daemon/upstream'],
    packages: 'any',
    because: 'edges never know each other',
  },
  {
    folder: 'daemon/metrics',
    may: [...floor2, 'daemon/store', 'daemon/upstream'],
    packages: [],
    because: 'edges never know each other, and figures that are views need no library that counts',
  },
  {
    folder: 'daemon/sandbox',
    may: floor2,
    packages: 'any',
    because: 'it is a provider like any other, which only the wire connects to us',
  },
  {
    folder: 'extension',
    may: ['shared'],
    packages: 'any',
    because: 'a client knows only the words; the daemon’s code must not be in its bundle',
  },
  {
    folder: 'media/dashboard',
    may: ['shared'],
    packages: ['preact', 'preact/hooks', 'preact/jsx-runtime', 'uplot', 'uplot/dist/uPlot.min.css'],
    because: 'a page knows only the words, and no Node',
  },
]

const pureFolders = rules
  .filter((rule) => rule.because === pure || rule.folder.startsWith('shared'))
  .map((rule) => rule.folder)
const impure: readonly [RegExp, string][] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'reads the clock'],
  [/\bMath\.random\(/, 'reads chance'],
  [/\bprocess\./, 'reads the process'],
  [/\bset(Timeout|Interval|Immediate)\(/, 'starts a timer'],
]
const banned = /(^|[-.])(manager|helper|util|utils|common|misc|service|base(?!-url)|abstract)([-.]|$)/i

const root = process.cwd()
const folders = ['shared', 'daemon', 'extension', 'media/dashboard']

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return sourcesBelow(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

const all = folders.flatMap(sourcesBelow)
const code = all.filter((file) => !/\.test\.tsx?$|^daemon\/(test|bench)\/|^extension\/test\//.test(file))

/** What a file imports; of packages not what it takes for its types alone, as that vanishes from the program. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/(^|\n)import type [^'"]*'[^.'][^']*'/g, '')
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*(?:\{[^}]*\}[^'"\n;]*)?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g,
    ),
  ].map((found) => (found[1] ?? found[2] ?? found[3]) as string)
}

function ruleOf(file: string): Rule | undefined {
  return rules.filter((rule) => file.startsWith(`${rule.folder}/`)).sort((a, b) => b.folder.length - a.folder.length)[0]
}

describe('the shape of the code', () => {
  it('has rules only for folders that exist', () => {
    for (const rule of rules)
      assert.ok(
        all.some((file) => file.startsWith(`${rule.folder}/`)),
        `${rule.folder} is ruled but does not exist`,
      )
  })

  for (const rule of rules) {
    it(`${rule.folder} imports only what it may: ${rule.because}`, () => {
      const wrong = code
        .filter((file) => ruleOf(file) === rule)
        .flatMap((file) =>
          importsOf(file)
            .filter((name) => !mayImport(rule, file, name))
            .map((name) => `${file} imports ${name}`),
        )
      assert.deepEqual(wrong, [])
    })
  }

  it('reaches the files of the home through one port, where a test can make any step fail', () => {
    const may: Record<string, string> = {
      'daemon/store/disk.ts': 'it is that port',
      'daemon/store/config-file.ts': 'the file is the user’s: it is only read',
      'daemon/store/live-config.ts': 'it follows the user’s link',
      'daemon/store/file-watch.ts': 'it watches and takes no step',
      'daemon/store/home-lock.ts': 'it looks at rights alone',
      'daemon/store/process-start.ts': 'it reads what the system says of processes',
      'daemon/store/backup.ts': 'what it writes is the user’s, beyond the home',
      'daemon/store/backup-file.ts': 'the file is the user’s, beyond the home',
      'daemon/store/restore.ts': 'it makes a home beside the one that is there',
      'daemon/store/compactor.ts': 'it looks for a program',
      'daemon/store/test-home.ts': 'it makes temporary folders',
    }
    const all = code.filter((file) => file.startsWith('daemon/store/'))
    const using = all.filter((file) => importsOf(file).some((name) => name.startsWith('node:fs')))
    assert.deepEqual(using.sort(), Object.keys(may).sort())
  })

  it('imports the maker of the OpenAPI document in the daemon alone: it would make a page several times larger', () => {
    const wrong = code.filter(
      (file) => !file.startsWith('daemon/') && importsOf(file).some((name) => name.endsWith('/openapi.ts')),
    )
    assert.deepEqual(wrong, [])
  })

  it('keeps clocks, chance, processes and timers out of pure folders', () => {
    const wrong = code
      .filter((file) => pureFolders.some((folder) => file.startsWith(`${folder}/`)))
      .flatMap((file) => {
        const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        return impure.filter(([pattern]) => pattern.test(text)).map(([, what]) => `${file} ${what}`)
      })
    assert.deepEqual(wrong, [])
  })

  it('opens every file with a sentence of what it is', () => {
    const silent = code.filter(
      // a program that is started by its name has to begin with the interpreter's
      (file) => !file.endsWith('.d.ts') && !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(root, file), 'utf8')),
    )
    assert.deepEqual(silent, [])
  })

  it('has no file over 250 lines', () => {
    const long = code.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 251)
    assert.deepEqual(long, [])
  })

  it('uses no banned name for a file or folder', () => {
    assert.deepEqual(
      all.filter((file) => file.split('/').some((part) => banned.test(part.replace(/\.tsx?$/, '')))),
      [],
    )
  })

  it('has no default export, no class but errors, and no "any"', () => {
    const wrong = code.flatMap((file) => {
      if (file.endsWith('.d.ts')) return []
      const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'|`[^`]*`/gm, '')
      return [
        /\bexport default\b/.test(text) && `${file} has a default export`,
        /\bclass (?!\w*Error\b)\w+/.test(text) && `${file} has a class`,
        /[:<]\s*any\b|\bas any\b/.test(text) && `${file} says any`,
      ].filter((found): found is string => found !== false)
    })
    assert.deepEqual(wrong, [])
  })
})

function mayImport(rule: Rule, file: string, name: string): boolean {
  if (!name.startsWith('.')) return rule.packages === 'any' || rule.packages.includes(name)
  const target = relative(root, join(root, dirname(file), name))
    .split(sep)
    .join('/')
  return (
    [rule.folder, ...rule.may].some((folder) => target.startsWith(`${folder}/`)) &&
    !(rule.folder === 'extension' && target.startsWith('daemon/'))
  )
}
