/** Where a desktop VS Code can open its window. */
import assert from 'node:assert/strict'
import { displayOf } from './display.ts'

describe('the display of a desktop VS Code', () => {
  const linux = { platform: 'linux', env: { PATH: '/usr/bin' }, home: '/' } as const

  it('is the user’s own where there is one', () => {
    assert.equal(
      displayOf({ ...linux, env: { DISPLAY: ':0' } }, () => false),
      'own',
    )
    assert.equal(
      displayOf({ ...linux, env: { WAYLAND_DISPLAY: 'wayland-0' } }, () => false),
      'own',
    )
    assert.equal(
      displayOf({ ...linux, platform: 'darwin' }, () => false),
      'own',
    )
  })

  it('is a virtual one where Xvfb is installed, else none', () => {
    assert.equal(
      displayOf(linux, (path) => path === '/usr/bin/Xvfb'),
      'virtual',
    )
    assert.equal(
      displayOf(linux, () => false),
      'none',
    )
  })
})
