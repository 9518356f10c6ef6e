import assert from 'node:assert/strict'
import { curlLine } from './curl-line.ts'

describe('dashboard first call', () => {
  it('quotes the body for a shell of the system', () => {
    const start = 'curl -N http://127.0.0.1:8655/p/sandbox/v1/chat/completions -H "content-type: application/json" -d '
    const posix = curlLine('http://127.0.0.1:8655', false)
    assert.ok(posix.startsWith(`${start}'{"model":"sandbox-small",`) && posix.endsWith("}'"), posix)
    const windows = curlLine('http://127.0.0.1:8655', true)
    assert.ok(windows.startsWith(`${start}"{\\"model\\":\\"sandbox-small\\",`) && windows.endsWith('}"'), windows)
  })
})
