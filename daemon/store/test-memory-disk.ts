/** For tests: a disk in memory that fails at any step it is told to, and whose power goes at any step, with all that it had not synced. */
import { dirname } from 'node:path'
import type { Disk } from './disk.ts'

/** `synced`: what is there whatever happens. Bytes are never changed in place. */
export type File = { bytes: Buffer; synced: Buffer; made: number }
type Names = ReadonlyMap<string, File>
export type Contents = {
  files: Names
  syncedFiles: Names
  folders: ReadonlySet<string>
  syncedFolders: ReadonlySet<string>
}

export type Step = keyof Disk
/**
 * `short`: a write takes half. `gate`: a sync fails, and what it should have synced is gone, as a kernel may have it. Anything
 * else is the code that the step fails with.
 */
export type Fault = (step: Step, path: string, number: number) => string | undefined

export type MemoryDisk = Disk & {
  fault: Fault | undefined
  /** Each step so far, and what it was about. */
  steps: { step: Step; path: string }[]
  /** Called after each step. */
  after: (() => void) | undefined
  contents(): Contents
  /** The bytes of a file; fails where there is none. */
  bytesOf(path: string): Buffer
  put(path: string, bytes: Buffer | string): void
  /** A folder with all in it. */
  removeAll(path: string): void
}

const failure = (code: string, path: string) =>
  Object.assign(new Error(`${code}: as the test wants it, '${path}'`), { code })

/** Done at once, told as a promise. */
const later =
  <A extends unknown[], R>(fn: (...args: A) => R) =>
  (...args: A): Promise<R> =>
    new Promise((resolve) => resolve(fn(...args)))

export function openMemoryDisk(from?: Contents): MemoryDisk {
  const files = new Map<string, File>()
  // A file under two names is one file on this disk too.
  const own = new Map<File, File>()
  const ownOf = (file: File): File => own.get(file) ?? own.set(file, { ...file }).get(file) ?? file
  for (const [path, file] of from?.files ?? []) files.set(path, ownOf(file))
  const syncedFiles = new Map([...(from?.syncedFiles ?? [])].map(([path, file]) => [path, ownOf(file)]))
  const folders = new Set(from?.folders)
  const syncedFolders = new Set(from?.syncedFolders)
  const handles = new Map<number, { file: File; path: string }>()
  let clock = files.size

  function step(name: Step, path: string): string | undefined {
    disk.steps.push({ step: name, path })
    const fault = disk.fault?.(name, path, disk.steps.length)
    if (fault !== undefined && fault !== 'short' && fault !== 'gate') throw failure(fault, path)
    return fault
  }

  function did<T>(value: T): T {
    disk.after?.()
    return value
  }

  const handleOf = (fd: number) => {
    const handle = handles.get(fd)
    if (!handle) throw failure('EBADF', String(fd))
    return handle
  }
  const fileAt = (path: string) => {
    const file = files.get(path)
    if (!file) throw failure('ENOENT', path)
    return file
  }
  const needFolder = (path: string) => {
    if (!folders.has(path)) throw failure('ENOENT', path)
  }

  function create(name: 'create' | 'createNow', path: string): number {
    step(name, path)
    needFolder(dirname(path))
    if (files.has(path)) throw failure('EEXIST', path)
    const file = { bytes: Buffer.of(), synced: Buffer.of(), made: ++clock }
    files.set(path, file)
    const fd = 100 + clock
    handles.set(fd, { file, path })
    return did(fd)
  }

  function write(name: 'write' | 'writeNow', fd: number, bytes: Uint8Array): number {
    const { file, path } = handleOf(fd)
    const isShort = step(name, path) === 'short' && bytes.length > 1
    const part = bytes.subarray(0, isShort ? bytes.length >> 1 : bytes.length)
    file.bytes = Buffer.concat([file.bytes, part])
    return did(part.length)
  }

  function close(name: 'close' | 'closeNow', fd: number): void {
    step(name, handleOf(fd).path)
    handles.delete(fd)
    did(undefined)
  }

  function remove(name: 'remove' | 'removeNow', path: string): void {
    step(name, path)
    files.delete(path)
    did(undefined)
  }

  const disk: MemoryDisk = {
    fault: undefined,
    steps: [],
    after: undefined,
    contents: () => contentsOf({ files, syncedFiles, folders, syncedFolders }),
    bytesOf: (path) => fileAt(path).bytes,
    put: (path, bytes) =>
      void files.set(path, { bytes: Buffer.from(bytes), synced: Buffer.from(bytes), made: ++clock }),
    removeAll(path) {
      for (const name of [...files.keys()]) if (name.startsWith(path)) files.delete(name)
      for (const name of [...folders]) if (name.startsWith(path)) folders.delete(name)
    },
    createNow: (path) => create('createNow', path),
    create: later((path: string) => create('create', path)),
    writeNow: (fd, bytes) => write('writeNow', fd, bytes),
    write: later((fd: number, bytes: Uint8Array) => write('write', fd, bytes)),
    cut(fd, length) {
      const { file, path } = handleOf(fd)
      step('cut', path)
      file.bytes = file.bytes.subarray(0, length)
      did(undefined)
    },
    async sync(fd) {
      const { file, path } = handleOf(fd)
      // what is written while it runs is not covered
      const { bytes } = file
      const fault = step('sync', path)
      await Promise.resolve()
      if (fault === 'gate') {
        const lost = bytes.length - file.synced.length
        file.bytes = Buffer.concat([file.synced, Buffer.alloc(Math.max(0, lost)), file.bytes.subarray(bytes.length)])
        throw failure('EIO', path)
      }
      file.synced = bytes
      did(undefined)
    },
    closeNow: (fd) => close('closeNow', fd),
    close: later((fd: number) => close('close', fd)),
    read: later((path: string) => {
      step('read', path)
      return fileAt(path).bytes
    }),
    async *pieces(path) {
      step('read', path)
      await Promise.resolve()
      yield fileAt(path).bytes
    },
    async *piecesFromEnd(path) {
      step('read', path)
      await Promise.resolve()
      yield fileAt(path).bytes
    },
    readStart: later((path: string, length: number) => {
      step('readStart', path)
      return fileAt(path).bytes.subarray(0, length)
    }),
    list: later((path: string) => {
      step('list', path)
      needFolder(path)
      return [...files.keys(), ...folders]
        .filter((name) => dirname(name) === path)
        .map((name) => name.slice(path.length + 1))
    }),
    changedAt: later((path: string) => {
      step('changedAt', path)
      return fileAt(path).made
    }),
    makeFolder: later((path: string) => {
      step('makeFolder', path)
      for (let at = path; !folders.has(at); at = dirname(at)) folders.add(at)
      did(undefined)
    }),
    rename: later((from: string, to: string) => {
      step('rename', to)
      files.set(to, fileAt(from))
      files.delete(from)
      did(undefined)
    }),
    link: later((from: string, to: string) => {
      step('link', to)
      if (files.has(to)) throw failure('EEXIST', to)
      files.set(to, fileAt(from))
      did(undefined)
    }),
    copy: later((from: string, to: string) => {
      step('copy', to)
      files.set(to, { bytes: fileAt(from).bytes, synced: Buffer.of(), made: ++clock })
      did(undefined)
    }),
    remove: later((path: string) => remove('remove', path)),
    removeNow: (path) => remove('removeNow', path),
    syncFolder: later((path: string) => {
      step('syncFolder', path)
      needFolder(path)
      for (const name of [...syncedFiles.keys()]) if (dirname(name) === path) syncedFiles.delete(name)
      for (const [name, file] of files) if (dirname(name) === path) syncedFiles.set(name, file)
      for (const name of folders) if (dirname(name) === path) syncedFolders.add(name)
      did(undefined)
    }),
  }
  return disk
}

function contentsOf({ files, syncedFiles, folders, syncedFolders }: Contents): Contents {
  const own = new Map<File, File>()
  const copied = (names: Names) =>
    new Map([...names].map(([path, file]) => [path, own.get(file) ?? own.set(file, { ...file }).get(file) ?? file]))
  return {
    files: copied(files),
    syncedFiles: copied(syncedFiles),
    folders: new Set(folders),
    syncedFolders: new Set(syncedFolders),
  }
}
