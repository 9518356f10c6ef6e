import assert from 'node:assert/strict'
import { safeName, safeNameOr } from './names.ts'

describe('proxy/names', () => {
  it('cuts, and replaces what could break a terminal or turn a line around', () => {
    assert.equal(safeName('a'.repeat(500)).length, 200)
    assert.equal(safeName('a\u001b[31mb\u202ec\nd'), 'a\ufffd[31mb\ufffdc\ufffdd')
    assert.equal(safeName('x\ud800y'), 'x\ufffdy')
    assert.equal(safeName('  gpt-4o  '), 'gpt-4o')
    assert.equal(safeName('日本 ✓'), '日本 ✓')
    assert.equal(safeName('tool/sk-ant-api03-0123456789abcdef'), 'tool/[secret]')
  })
  it('says null for nothing', () => {
    assert.equal(safeNameOr(''), null)
    assert.equal(safeNameOr('   '), null)
    assert.equal(safeNameOr(undefined), null)
  })
})
