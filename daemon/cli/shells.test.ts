import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { commentLine, defaultShell, setLine } from './shells.ts'

/** What a shell could act on, more often than chance would have it. */
const value = fc
  .array(
    fc.oneof(fc.constantFrom(...'\'"`$\\%!^&|<>()#;~*? \t{}[]=\u2018\u2019\u201c'), fc.string({ unit: 'grapheme' })),
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))
const line = value.map((text) => text.replace(/[\r\n]/g, ''))

describe('settings as lines of a shell', () => {
  it('takes the one of the system', () => {
    assert.deepEqual([defaultShell('win32'), defaultShell('linux'), defaultShell('darwin')], ['powershell', 'sh', 'sh'])
  })

  it('quotes for sh: nothing but single quotes ends a quoted text', () => {
    assert.equal(setLine('sh', 'A', "it's $HOME"), "export A='it'\\''s $HOME'")
    fc.assert(
      fc.property(value, (text) => {
        const quoted = setLine('sh', 'A', text).slice('export A='.length)
        assert.match(quoted, /^('[^']*'|\\')+$/)
        assert.equal(quoted.replace(/'([^']*)'|\\(')/g, '$1$2'), text)
      }),
    )
  })

  it('gives a real sh the very value', function () {
    if (!existsSync('/bin/sh')) return
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 40 }), (texts) => {
        const script = texts.map((text, at) => `${setLine('sh', `V${at}`, text)}\nprintf '%s\\0' "$V${at}"`).join('\n')
        const { stdout, status } = spawnSync('/bin/sh', { input: script, env: {} })
        assert.equal(status, 0)
        assert.deepEqual(stdout.toString().split('\0').slice(0, -1), texts)
      }),
      { numRuns: 10 },
    )
  })

  it('quotes for PowerShell: every quote, a typographic one too, is doubled', () => {
    assert.equal(setLine('powershell', 'A', 'it\u2019s $x'), "$env:A = 'it\u2019\u2019s $x'")
    fc.assert(
      fc.property(value, (text) => {
        const quoted = /^\$env:A = '([\s\S]*)'$/.exec(setLine('powershell', 'A', text))?.[1] ?? ''
        assert.equal(/['\u2018-\u201b]/.test(quoted.replace(/(['\u2018-\u201b])\1/g, '')), false)
        assert.equal(quoted.replace(/(['\u2018-\u201b])\1/g, '$1'), text)
      }),
    )
  })

  it('quotes for cmd: as a .cmd file reads it, the value comes out and nothing is acted on', () => {
    assert.equal(setLine('cmd', 'A', 'a&b 100%'), 'set "A=a&b 100%%"')
    assert.equal(setLine('cmd', 'A', '{"a":"b&c","d&":1}'), 'set "A={"a":"b^&c","d^&":1}"')
    fc.assert(
      fc.property(line, (text) => {
        const { read, acted } = readByCmd(setLine('cmd', 'A', text))
        assert.deepEqual([read, acted], [`set "A=${text}"`, ''])
      }),
    )
    assert.match(setLine('cmd', 'A', 'a\nb'), /^rem A holds a line break/)
  })

  it('writes comments that stay on their line', () => {
    assert.equal(commentLine('sh', 'a\nexport B=1'), '# a\ufffdexport B=1')
    assert.equal(commentLine('powershell', 'a\r\nb'), '# a\ufffd\ufffdb')
    assert.equal(commentLine('cmd', '100%'), 'rem 100%%')
  })
})

/** A line of a `.cmd` file after cmd.exe's first two readings: percent signs, then quotes and carets. `acted`: what it would act on. */
function readByCmd(text: string): { read: string; acted: string } {
  let [read, acted, quoted] = ['', '', false]
  const expanded = text.replace(/%%|%/g, (mark) => (mark === '%%' ? '%' : '(a variable)'))
  for (let at = 0; at < expanded.length; at++) {
    const mark = expanded[at] as string
    if (mark === '"') quoted = !quoted
    else if (!quoted && mark === '^') {
      at++
      read += expanded[at] ?? ''
      continue
    } else if (!quoted && '&|<>()'.includes(mark)) acted += mark
    read += mark
  }
  return { read, acted }
}
