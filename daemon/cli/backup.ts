/** `tollkeeper backup` and `tollkeeper restore`: a home in one file, and back. */
import { resolve } from 'node:path'
import { bytes } from '../../shared/format.ts'
import { backUp } from '../store/backup.ts'
import { type OpenedBackup, openBackup } from '../store/backup-file.ts'
import { keyOf } from '../store/backup-key.ts'
import { restore as restoreHome } from '../store/restore.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { openProgress } from './progress.ts'
import { type Input, readSecret } from './secret-input.ts'

export type BackupOptions = { home: string; file: string; withSecrets: boolean }

export async function backup({ home, file, withSecrets }: BackupOptions, io: Io, input?: Input): Promise<ExitCode> {
  const to = resolve(file)
  const passphrase = withSecrets ? await newPassphrase(io, input) : null
  if (passphrase === undefined) return exit.badUsage
  const progress = openProgress('Backing up')
  const done = await backUp({ home, to, passphrase, now: io.now(), onProgress: progress.show }).finally(progress.end)
  if (done.kind === 'refused') {
    io.err(`${done.why}\n`)
    return exit.fault
  }
  io.out(`${to} holds everything up to event ${done.end.last} (${bytes(done.bytes)}).\n`)
  if (!withSecrets) io.err('Keys are not in it; --with-secrets takes them in, encrypted.\n')
  if (done.end.left_out.length > 0) io.err(`Left out of config.jsonc, as a secret: ${done.end.left_out.join(', ')}.\n`)
  return exit.fine
}

export type RestoreOptions = { home: string; file: string; replace: boolean }

export async function restore({ home, file, replace }: RestoreOptions, io: Io, input?: Input): Promise<ExitCode> {
  const opened = await openBackup(resolve(file))
  if ('why' in opened) {
    io.err(`${opened.why}\n`)
    return exit.fault
  }
  const key = await unlocked(opened, io, input)
  if (key === undefined) return exit.fault
  const done = await restoreHome({ home, backup: opened, key, replace, now: io.now() })
  if (done.kind === 'refused') {
    io.err(`${done.why} Nothing was changed.\n`)
    return exit.fault
  }
  io.out(`${home} holds everything up to event ${done.end.last}, as of ${opened.made_at}.\n`)
  if (done.kept !== null) io.err(`What was there is kept as ${done.kept}.\n`)
  if (done.end.left_out.length > 0) {
    io.err(`These were secrets and are not in the backup; set them again: ${done.end.left_out.join(', ')}.\n`)
  }
  return exit.fine
}

/** undefined: there is none, and the user was told so. */
async function newPassphrase(io: Io, input: Input = process.stdin): Promise<string | undefined> {
  const passphrase = await readSecret('Passphrase for the backup: ', input)
  if (!passphrase) {
    io.err('Without a passphrase no secrets are written.\n')
    return undefined
  }
  // what nobody sees while it is typed is easily mistyped, and then nothing opens the file
  if (input.isTTY && (await readSecret('The same again: ', input)) !== passphrase) {
    io.err('The two passphrases are not the same.\n')
    return undefined
  }
  return passphrase
}

/** null: it is not encrypted. undefined: it cannot be opened, and the user was told why. */
async function unlocked({ sealed }: OpenedBackup, io: Io, input?: Input): Promise<Buffer | null | undefined> {
  if (sealed === null) return null
  const passphrase = await readSecret('Passphrase of the backup: ', input)
  const key = passphrase ? await keyOf(passphrase, sealed) : undefined
  if (!key)
    io.err(passphrase ? 'The passphrase is wrong. Nothing was changed.\n' : 'This backup needs its passphrase.\n')
  return key
}
