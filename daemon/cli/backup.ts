/** `tollkeeper backup` and `tollkeeper restore`: a home in one file, and back. */
import { resolve } from 'node:path'
import { bytes } from '../../shared/format.ts'
import { backUp } from '../store/backup.ts'
import { type OpenedBackup, openBackup } from '../store/backup-file.ts'
import { keyOf } from '../store/backup-key.ts'
import { restore as restoreHome } from '../store/restore.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { openProgress, silent } from './progress.ts'
import { answer, note, refuse } from './say.ts'
import { type Input, readSecret } from './secret-input.ts'

export type BackupOptions = { home: string; file: string; withSecrets: boolean }

export async function backup({ home, file, withSecrets }: BackupOptions, io: Io, input?: Input): Promise<ExitCode> {
  const to = resolve(file)
  const passphrase = withSecrets ? await newPassphrase(io, input) : null
  if (passphrase === undefined) return exit.badUsage
  const progress = openProgress('Backing up', io.json ? silent : undefined)
  const done = await backUp({ home, to, passphrase, now: io.now(), onProgress: progress.show }).finally(progress.end)
  if (done.kind === 'refused') {
    return refuse(io, exit.fault, done.why)
  }
  const { last, left_out } = done.end
  if (!withSecrets) note(io, 'Keys are not in it; --with-secrets takes them in, encrypted.')
  if (left_out.length > 0) note(io, `Left out of config.jsonc, as a secret: ${left_out.join(', ')}.`)
  const text = `${to} holds everything up to event ${last} (${bytes(done.bytes)}).`
  return answer(io, { file: to, last, bytes: done.bytes, with_secrets: withSecrets, left_out }, text)
}

export type RestoreOptions = { home: string; file: string; replace: boolean }

export async function restore({ home, file, replace }: RestoreOptions, io: Io, input?: Input): Promise<ExitCode> {
  const opened = await openBackup(resolve(file))
  if ('why' in opened) {
    return refuse(io, exit.fault, opened.why)
  }
  const key = await unlocked(opened, io, input)
  if (key === undefined) return exit.fault
  const done = await restoreHome({ home, backup: opened, key, replace, now: io.now() })
  if (done.kind === 'refused') {
    return refuse(io, exit.fault, `${done.why} Nothing was changed.`)
  }
  const { last, left_out } = done.end
  if (done.kept !== null) note(io, `What was there is kept as ${done.kept}.`)
  if (left_out.length > 0) {
    note(io, `These were secrets and are not in the backup; set them again: ${left_out.join(', ')}.`)
  }
  const text = `${home} holds everything up to event ${last}, as of ${opened.made_at}.`
  return answer(io, { home, last, made_at: opened.made_at, kept: done.kept, left_out }, text)
}

/** undefined: there is none, and the user was told so. */
async function newPassphrase(io: Io, input: Input = process.stdin): Promise<string | undefined> {
  const passphrase = await readSecret('Passphrase for the backup: ', input)
  if (!passphrase) {
    refuse(io, exit.badUsage, 'Without a passphrase no secrets are written.')
    return undefined
  }
  // what nobody sees while it is typed is easily mistyped, and then nothing opens the file
  if (input.isTTY && (await readSecret('The same again: ', input)) !== passphrase) {
    refuse(io, exit.badUsage, 'The two passphrases are not the same.')
    return undefined
  }
  return passphrase
}

/** null: it is not encrypted. undefined: it cannot be opened, and the user was told why. */
async function unlocked({ sealed }: OpenedBackup, io: Io, input?: Input): Promise<Buffer | null | undefined> {
  if (sealed === null) return null
  const passphrase = await readSecret('Passphrase of the backup: ', input)
  const key = passphrase ? await keyOf(passphrase, sealed) : undefined
  const why = passphrase ? 'The passphrase is wrong. Nothing was changed.' : 'This backup needs its passphrase.'
  if (!key) refuse(io, exit.fault, why)
  return key
}
