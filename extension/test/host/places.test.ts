/** Where the cache and the browsers are looked for, on each system. */
import assert from 'node:assert/strict'
import { browserPlaces, cacheFolder, npmPlaces, onPath } from './places.ts'

const linux = { platform: 'linux', env: { PATH: '/a:/b' }, home: '/home/ada' } as const
const windows = {
  platform: 'win32',
  env: { Path: 'C:\\a;C:\\b', PROGRAMFILES: 'C:\\Programs' },
  home: 'C:\\Users\\ada',
} as const

describe('places of the test machinery', () => {
  it('keeps the cache below the home, or where XDG_CACHE_HOME or LOCALAPPDATA say', () => {
    assert.equal(cacheFolder(linux), '/home/ada/.cache/tollkeeper')
    assert.equal(cacheFolder({ ...linux, platform: 'darwin' }), '/home/ada/.cache/tollkeeper')
    assert.equal(cacheFolder({ ...linux, env: { XDG_CACHE_HOME: '/fast' } }), '/fast/tollkeeper')
    assert.equal(cacheFolder(windows), 'C:\\Users\\ada\\AppData\\Local\\tollkeeper\\cache')
    assert.equal(cacheFolder({ ...windows, env: { LOCALAPPDATA: 'D:\\local' } }), 'D:\\local\\tollkeeper\\cache')
  })

  it('ignores a relative or empty XDG_CACHE_HOME', () => {
    assert.equal(cacheFolder({ ...linux, env: { XDG_CACHE_HOME: 'cache' } }), '/home/ada/.cache/tollkeeper')
    assert.equal(cacheFolder({ ...linux, env: { XDG_CACHE_HOME: '' } }), '/home/ada/.cache/tollkeeper')
  })

  it('looks along the PATH in its order, with .exe on Windows', () => {
    assert.deepEqual(onPath('chrome', linux), ['/a/chrome', '/b/chrome'])
    assert.deepEqual(onPath('chrome', windows), ['C:\\a\\chrome.exe', 'C:\\b\\chrome.exe'])
    assert.deepEqual(onPath('chrome', { ...linux, env: {} }), [])
  })

  it('looks for npm beside Node, then where the PATH leads', () => {
    const beside = '/opt/node/lib/node_modules/npm/bin/npm-cli.js'
    assert.deepEqual(npmPlaces('/opt/node/bin/node', linux), [beside, '/a/npm', '/b/npm'])
    assert.deepEqual(npmPlaces('D:\\nodejs\\node.exe', windows), [
      'D:\\nodejs\\node_modules\\npm\\bin\\npm-cli.js',
      'C:\\a\\node_modules\\npm\\bin\\npm-cli.js',
      'C:\\b\\node_modules\\npm\\bin\\npm-cli.js',
    ])
  })

  it('tries the PATH before the usual places', () => {
    const places = browserPlaces(linux)
    assert.equal(places[0], '/a/chromium')
    assert.ok(places.indexOf('/b/msedge') < places.indexOf('/snap/bin/chromium'))
  })

  it('knows the usual places of macOS and Windows', () => {
    const mac = browserPlaces({ ...linux, platform: 'darwin' })
    assert.ok(mac.includes('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'))
    assert.ok(mac.includes('/home/ada/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge'))
    assert.ok(browserPlaces(windows).includes('C:\\Programs\\Google\\Chrome\\Application\\chrome.exe'))
  })
})
