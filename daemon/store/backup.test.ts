/** Backups: whole and of one number although calls go on, restored to the same sums, and refused unless they are whole. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { emptyLedger, fold } from '../ledger/ledger.ts'
import { backUp } from './backup.ts'
import { type BackupFile, openBackup, writeBackup } from './backup-file.ts'
import { keyOf } from './backup-key.ts'
import { marksOfEnded } from './call-marks.ts'
import { digestOf } from './digest.ts'
import { headerOf, listSegments, replay } from './history.ts'
import { takeHome } from './home-lock.ts'
import { withOrigin } from './new-origin.ts'
import { readOrigin } from './origin.ts'
import { type Restored, restore } from './restore.ts'
import { callId, ended, makeHome, recordCalls, type TestBook, type TestHome } from './test-home.ts'
import { verifyHome } from './verify.ts'

describe('a backup', () => {
  let home: TestHome
  let folder: string
  let file: string
  beforeEach(async () => {
    home = await makeHome()
    folder = await mkdtemp(join(tmpdir(), 'backup-'))
    file = join(folder, 'backup')
  })
  afterEach(async () => {
    await home.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const small = { bounds: { segmentBytes: 4000 } }
  const now = Date.parse('2026-11-27T10:00:00Z')
  const elsewhere = () => join(folder, 'elsewhere')

  async function lived(): Promise<void> {
    const book = await home.open(small)
    for (let i = 0; i < 20; i++) {
      recordCalls(book, 1)
      if (i % 7 === 6) await book.compact()
    }
    await book.close()
  }

  async function written(passphrase: string | null = null, to = file) {
    const done = await backUp({ home: home.path, to, passphrase, now, onProgress: () => {} })
    assert.equal(done.kind, 'written', JSON.stringify(done))
    return done.kind === 'written' ? done.end : assert.fail()
  }

  async function restored(more: Partial<Parameters<typeof restore>[0]> = {}, from = file): Promise<Restored> {
    const backup = await openBackup(from)
    if ('why' in backup) return { kind: 'refused', why: backup.why }
    return restore({ home: elsewhere(), backup, key: null, replace: false, now, ...more })
  }

  /** What all events of a home up to `upTo` come to. */
  async function sumsOf(path: string, upTo: number) {
    const journal = join(path, 'journal')
    const ledger = emptyLedger('UTC')
    const origin = (await readOrigin(path)) ?? ''
    const of = { folder: journal, segments: await listSegments(journal), origin, after: 0, upTo, known: new Map() }
    const { problems } = await replay(of, (entry) => fold(ledger, entry))
    assert.deepEqual(problems, [])
    return digestOf(ledger)
  }

  const lives = (path: string, epoch: number, book: (options: Parameters<TestHome['open']>[0]) => Promise<TestBook>) =>
    book({ home: path, epoch, ...small })

  it('made while calls go on is restored elsewhere to the sums of its number', async () => {
    const book = await home.open({ bounds: { segmentBytes: 20_000 } })
    let isOver = false
    const load = (async () => {
      for (let i = 0; !isOver; i++) {
        recordCalls(book, 5)
        await book.flush()
        if (i % 5 === 4) await book.compact()
      }
    })()
    const rounds = async () => {
      for (let i = 0; i < 3; i++) await round(i)
    }
    const round = async (i: number) => {
      const to = join(folder, `backup-${i}`)
      const { last } = await written(null, to)
      const path = join(folder, `home-${i}`)
      const done = await restored({ home: path }, to)
      assert.equal(done.kind, 'restored', JSON.stringify(done))
      assert.deepEqual(await sumsOf(path, Infinity), await sumsOf(home.path, last))
      assert.deepEqual((await verifyHome(path)).faults, [])
    }
    await rounds().finally(() => {
      isOver = true
    })
    await load
  })

  it('goes on with the next number, as another history than the home that it was made of', async () => {
    await lived()
    const { last } = await written()
    assert.equal((await restored()).kind, 'restored')
    const first = await home.open(small)
    const second = await lives(elsewhere(), 1, home.open)
    assert.equal(second.ledger.last, last)
    assert.deepEqual(digestOf(second.ledger), digestOf(first.ledger))
    assert.notEqual(second.origin, first.origin)
    const names: string[] = []
    for (const book of [first, second]) {
      book.watch(({ origin, n }) => void names.push(`${origin} ${n}`))
      recordCalls(book, 2)
      await book.flush()
      await book.compact()
    }
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([names.length, new Set(names).size], [8, 8])
    assert.deepEqual(
      names
        .map((name) => Number(name.split(' ')[1]))
        .sort((a, b) => a - b)
        .slice(0, 2),
      [last + 1, last + 1],
    )
    for (const { warn } of [first, second]) assert.deepEqual(warn.raised, [])
    await second.close()
    const again = await lives(elsewhere(), 2, home.open)
    assert.equal(again.ledger.last, last + 4)
    assert.equal(again.origin, second.origin)
    await again.close()
    const { faults, snapshot } = await verifyHome(elsewhere())
    assert.deepEqual([faults, snapshot], [[], { n: last + 4, compared: 'all' }])
  })

  it('takes along what is known of calls whose segments are gone, so that no import counts them once more', async () => {
    const book = await home.open(small)
    const call = { attempt: 'imp_1', imported: 'codex', upstreamId: 'req_gone' } as const
    book.record(ended(callId(), call))
    await book.compact()
    await book.close()
    for (const name of await readdir(join(home.path, 'journal'))) await rm(join(home.path, 'journal', name))
    await written()
    assert.equal((await restored()).kind, 'restored')
    const again = await lives(elsewhere(), 9, home.open)
    recordCalls(again, 1)
    const gathered = await again.knownCalls()
    const marks = marksOfEnded(ended(callId(), call), now)
    assert.ok(gathered.kind === 'gathered' && marks.slice(-1).every((mark) => gathered.marks.includes(mark)))
    await again.close()
  })

  it('holds no secret without being asked to, and says what it left out', async () => {
    await lived()
    const key = 'gsk_0123456789abcdefghij0123456789abcdefghij'
    const config = `{
  // mine: sk-commented0123456789
  "providers": {
    "groq": { "apiKey": "${key}", "baseUrl": "https://llm.example.com" }, // a note
    "openai": { "apiKey": "\${OPENAI_API_KEY}" }
  }
}
`
    await writeFile(join(home.path, 'config.jsonc'), config)
    await writeFile(join(home.path, 'secrets.json'), '{"pepper":"hidden-pepper"}')
    const end = await written()
    assert.deepEqual(end.left_out, ['providers.groq.apiKey'])
    const bytes = await readFile(file)
    const content = gunzipSync(bytes.subarray(bytes.indexOf(10) + 1)).toString()
    for (const secret of [key, 'sk-commented', 'hidden-pepper']) assert.ok(!content.includes(secret), secret)
    await restored()
    const text = await readFile(join(elsewhere(), 'config.jsonc'), 'utf8')
    assert.ok(
      text.includes('// a note') && text.includes('${OPENAI_API_KEY}') && text.includes('llm.example.com'),
      text,
    )
    assert.ok(!existsSync(join(elsewhere(), 'secrets.json')))
  })

  it('leaves a config out that cannot be read, as nobody knows what is secret in it', async () => {
    await lived()
    await writeFile(join(home.path, 'config.jsonc'), '{ "providers": { "groq": { "apiKey": "hidden"')
    assert.deepEqual((await written()).left_out, ['config.jsonc'])
    await restored()
    assert.ok(!existsSync(join(elsewhere(), 'config.jsonc')))
  })

  it('with secrets opens with its passphrase alone', async () => {
    await lived()
    const config = '{ "providers": { "groq": { "apiKey": "hidden-key" } } }'
    await writeFile(join(home.path, 'config.jsonc'), config)
    await writeFile(join(home.path, 'secrets.json'), '{"pepper":"hidden-pepper"}')
    const end = await written('a long passphrase')
    assert.deepEqual(end.left_out, [])
    const bytes = await readFile(file)
    assert.ok(!bytes.includes('hidden') && !bytes.includes('ledger'))
    const backup = await openBackup(file)
    assert.ok(!('why' in backup) && backup.sealed)
    assert.equal(await keyOf('another passphrase', backup.sealed), undefined)
    const key = await keyOf('a long passphrase', backup.sealed)
    assert.ok(key)
    assert.equal((await restored({ key })).kind, 'restored')
    assert.equal(await readFile(join(elsewhere(), 'config.jsonc'), 'utf8'), config)
    assert.equal(await readFile(join(elsewhere(), 'secrets.json'), 'utf8'), '{"pepper":"hidden-pepper"}')
    for (const at of [bytes.indexOf(10) + 5, bytes.length >> 1, bytes.length - 20, bytes.length - 3]) {
      const other = Buffer.from(bytes)
      other[at] = (other[at] ?? 0) ^ 1
      await writeFile(file, other)
      const done = await restored({ key, home: join(folder, 'other') })
      assert.match(done.kind === 'refused' ? done.why : '', /is damaged|is cut off/, `byte ${at}`)
    }
    await writeFile(file, Buffer.from(bytes.toString('latin1').replace('2026-11-27', '2026-11-28'), 'latin1'))
    assert.equal((await restored({ key, home: join(folder, 'other') })).kind, 'refused')
    assert.ok(!existsSync(join(folder, 'other')))
  })

  it('that is torn, changed, foreign or newer is refused, and nothing is left of the attempt', async () => {
    await lived()
    await written()
    const bytes = await readFile(file)
    const body = bytes.indexOf(10) + 1
    const refusal = async (content: Buffer | string): Promise<string> => {
      await writeFile(file, content)
      const done = await restored()
      return done.kind === 'refused' ? done.why : 'restored'
    }
    const step = Math.floor((bytes.length - body) / 20)
    for (let end = body; end < bytes.length; end += step) {
      assert.match(await refusal(bytes.subarray(0, end)), /is cut off: its end is missing\.$/, `${end} bytes`)
    }
    // the first ten bytes of gzip tell nothing of the content
    for (let at = body + 10; at < bytes.length; at += step) {
      const other = Buffer.from(bytes)
      other[at] = (other[at] ?? 0) ^ 4
      assert.match(await refusal(other), /is damaged|is cut off/, `byte ${at}`)
    }
    assert.match(await refusal('PK\u0003\u0004 a zip\n'), /is no backup of Tollkeeper\.$/)
    assert.match(await refusal(''), /is no backup of Tollkeeper\.$/)
    assert.match(await refusal('{"tollkeeper_backup":2,"made_at":"","volumes":3}\n'), /was made by a newer version/)
    assert.match(await refusal('{"tollkeeper_backup":1,"made_at":""}\n'), /is damaged/)
    assert.match(await refusal(bytes.subarray(0, body)), /is cut off/)
    await rm(file)
    assert.match(
      (await restored().then((done) => done.kind === 'refused' && done.why)) || '',
      /cannot be opened \(.*ENOENT/,
    )
    assert.deepEqual(await readdir(folder), [])
  })

  it('that names a file outside the home, or an unknown one, is refused', async () => {
    for (const name of [
      '../escaped',
      'journal/../../escaped',
      '/etc/escaped',
      'journal/x.jsonl',
      'daemon.json',
      'C:\\escaped',
    ]) {
      await writeFile(file, '')
      const into = await open(file, 'w')
      async function* files(): AsyncGenerator<BackupFile, { origin: null; last: number; left_out: string[] }> {
        await Promise.resolve()
        yield { file: name, bytes: Buffer.from('x') }
        return { origin: null, last: 0, left_out: [] }
      }
      await writeBackup(into, '', null, files())
      await into.close()
      const done = await restored()
      assert.match(done.kind === 'refused' ? done.why : '', /holds what this version of Tollkeeper does not know/)
      assert.deepEqual(await readdir(folder), ['backup'])
    }
  })

  it('takes the place of a history only where that is said, and keeps the one that was there, and its keys', async () => {
    await lived()
    const { last } = await written()
    const book = await home.open(small)
    recordCalls(book, 5)
    await book.close()
    await writeFile(join(home.path, 'secrets.json'), 'its own keys')
    const no = await restored({ home: home.path })
    assert.match(no.kind === 'refused' ? no.why : '', /holds a history\. With --replace/)
    const done = await restored({ home: home.path, replace: true })
    const kept = `${home.path}.before-restore-2026-11-27T10-00-00-000Z`
    assert.deepEqual([done.kind, done.kind === 'restored' && done.kept], ['restored', kept])
    assert.equal((await verifyHome(home.path)).last, last)
    assert.equal((await verifyHome(kept)).last, last + 10)
    assert.equal(await readFile(join(home.path, 'secrets.json'), 'utf8'), 'its own keys')
    await rm(kept, { recursive: true })
    // the lock was given back: its number is taken, and nobody has it
    const lock = await takeHome(home.path)
    assert.ok(lock.kind === 'taken' && lock.epoch > 1)
    await lock.release()
  })

  it('is not restored over a home that a daemon runs on', async () => {
    await lived()
    await written()
    const lock = await takeHome(home.path)
    assert.equal(lock.kind, 'taken')
    const done = await restored({ home: home.path, replace: true })
    assert.match(done.kind === 'refused' ? done.why : '', /runs on .*: stop it with `tollkeeper stop`/)
    if (lock.kind === 'taken') await lock.release()
  })

  it('is written to a new file alone, and of a home that holds something', async () => {
    await lived()
    await writeFile(file, 'mine')
    const of = { home: home.path, passphrase: null, now, onProgress: () => {} }
    const taken = await backUp({ ...of, to: file })
    assert.match(taken.kind === 'refused' ? taken.why : '', /is there already/)
    const nowhere = await backUp({ ...of, to: join(folder, 'missing', 'backup') })
    assert.match(nowhere.kind === 'refused' ? nowhere.why : '', /cannot be written \(.*ENOENT/)
    const empty = await backUp({ ...of, home: folder, to: join(folder, 'other') })
    assert.match(empty.kind === 'refused' ? empty.why : '', /holds no history/)
    assert.deepEqual(await readdir(folder), ['backup'])
  })

  it('leaves out a line that is being written, and can be read by its owner alone', async () => {
    await lived()
    const journal = join(home.path, 'journal')
    const newest = (await readdir(journal)).sort().at(-1) ?? ''
    const text = await readFile(join(journal, newest), 'utf8')
    await writeFile(join(journal, newest), `${text}{"c":"0000`)
    await written()
    await restored()
    const { faults, notes } = await verifyHome(elsewhere())
    assert.deepEqual([faults, notes], [[], []])
    if (process.platform === 'win32') return
    const modes = [file, elsewhere(), join(elsewhere(), 'journal'), join(elsewhere(), 'ledger.json')]
    assert.deepEqual(
      await Promise.all(modes.map(async (path) => (await stat(path)).mode & 0o777)),
      [0o600, 0o700, 0o700, 0o600],
    )
  })

  it('gives gzipped segments their new origin too', async () => {
    await lived()
    const journal = join(home.path, 'journal')
    const name = (await readdir(journal)).sort()[0] ?? ''
    const bytes = await readFile(join(journal, name))
    const origin = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
    const own = await withOrigin(`journal/${name}.gz`, gzipSync(bytes), origin)
    assert.ok(own)
    const plain = gunzipSync(own)
    assert.deepEqual(plain.subarray(plain.indexOf(10)), bytes.subarray(bytes.indexOf(10)))
    await writeFile(join(folder, name), plain)
    assert.equal((await headerOf(join(folder, name)))?.origin, origin)
  })
})
