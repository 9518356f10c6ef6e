import assert from 'node:assert/strict'
import { fileSystemIn, mountInfoLine, mountLine, type PlaceFacts, saidOfPlace } from './place.ts'

const local: PlaceFacts = {
  path: '/home/ann/.tollkeeper',
  platform: 'linux',
  env: {},
  fileSystem: 'ext4',
  hasSyncthing: false,
  wsl: false,
}

describe('doctor: where the home stands', () => {
  const rows: [string, Partial<PlaceFacts>, RegExp | null][] = [
    ['a disk of this machine', {}, null],
    ['a system that tells no kind', { platform: 'darwin', path: '/Users/ann/.tollkeeper', fileSystem: null }, null],
    ['NFS', { fileSystem: 'nfs4' }, /network file system \(nfs4\)/],
    ['a share of Windows', { fileSystem: 'cifs' }, /\(cifs\)/],
    ['a share on macOS', { platform: 'darwin', fileSystem: 'smbfs' }, /\(smbfs\)/],
    ['sshfs', { fileSystem: 'fuse.sshfs' }, /\(fuse\.sshfs\)/],
    ['another file system in user space', { fileSystem: 'fuse.gocryptfs' }, null],
    ['memory', { fileSystem: 'tmpfs' }, /gone after a restart/],
    ['the Windows side of WSL', { wsl: true, fileSystem: '9p', path: '/mnt/c/Users/ann/tk' }, /on the Windows side/],
    ['a path of Windows', { platform: 'win32', fileSystem: null, path: 'C:\\Users\\ann\\.tollkeeper' }, null],
    ['a network drive', { platform: 'win32', fileSystem: null, path: '\\\\server\\ann\\tk' }, /a network drive/],
    ['a long path', { platform: 'win32', fileSystem: null, path: '\\\\?\\C:\\Users\\ann\\tk' }, null],
    [
      'OneDrive by its name',
      { platform: 'win32', fileSystem: null, path: 'C:\\Users\\ann\\OneDrive - Acme\\tk' },
      /by OneDrive/,
    ],
    [
      'OneDrive that was moved',
      { platform: 'win32', fileSystem: null, path: 'D:\\Cloud\\tk', env: { OneDrive: 'd:\\cloud' } },
      /by OneDrive/,
    ],
    ['Dropbox', { path: '/home/ann/Dropbox (Acme)/tk' }, /by Dropbox/],
    ['iCloud', { path: '/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/tk', platform: 'darwin' }, /by iCloud/],
    [
      'CloudStorage',
      { path: '/Users/ann/Library/CloudStorage/GoogleDrive-a@b.c/tk', platform: 'darwin' },
      /by GoogleDrive/,
    ],
    ['Syncthing', { hasSyncthing: true }, /by Syncthing/],
    ['a folder that is only called so', { path: '/home/ann/dropbox-tools/tk' }, null],
  ]
  for (const [what, facts, expected] of rows) {
    it(what, () => {
      const said = saidOfPlace({ ...local, ...facts })
      assert.equal(said.state, expected === null ? 'ok' : 'warn', said.detail)
      if (expected !== null) assert.match(said.detail, expected)
      assert.equal(said.fix === null, expected === null)
    })
  }

  it('is known by the nearest mount, the last one of several there', () => {
    const table = [
      '23 1 254:1 / / rw,relatime - ext4 /dev/vda rw',
      '40 23 0:40 / /home rw shared:1 - nfs4 server:/home rw',
      '41 40 0:41 / /home/ann/My\\040Files rw - fuse.sshfs ann@far: rw',
      '42 40 0:42 / /home rw - btrfs /dev/vdb rw',
      '',
    ].join('\n')
    assert.equal(fileSystemIn(table, '/home/ann/.tollkeeper', mountInfoLine), 'btrfs')
    assert.equal(fileSystemIn(table, '/homework', mountInfoLine), 'ext4')
    assert.equal(fileSystemIn(table, '/home/ann/My Files/tk', mountInfoLine), 'fuse.sshfs')
    assert.equal(fileSystemIn('', '/home', mountInfoLine), null)
  })

  it('is read from what macOS prints', () => {
    const table = [
      '/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)',
      '/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)',
      '//ann@nas/home on /Volumes/My Share (smbfs, nodev, nosuid, mounted by ann)',
    ].join('\n')
    assert.equal(fileSystemIn(table, '/Volumes/My Share/tk', mountLine), 'smbfs')
    assert.equal(fileSystemIn(table, '/Users/ann/.tollkeeper', mountLine), 'apfs')
  })
})
