/** The form of a log line, and that no way into it leads around the scrubbing. */
import { strict as assert } from 'node:assert'
import { scrubber } from '../shared/scrub.ts'
import { openLog } from './log.ts'

const secret = 'sk-ant-api03-Zq9x7Kd2Lm4Np6Rs8'

function opened(level: 'debug' | 'info' | 'warn' = 'debug') {
  const lines: string[] = []
  return { log: openLog({ write: (line) => lines.push(line), level }), lines }
}

describe('the log', () => {
  it('writes a JSON line with level, time and message, at once', () => {
    const { log, lines } = opened()
    log.info('Ready', { url: 'http://127.0.0.1:8655', providers: ['openai'] })
    assert.equal(lines.length, 1)
    assert.ok(lines[0]?.endsWith('}\n'))
    const { time, ...rest } = JSON.parse(lines[0] ?? '') as { time: string }
    assert.deepEqual(rest, { level: 'info', url: 'http://127.0.0.1:8655', providers: ['openai'], msg: 'Ready' })
    assert.equal(new Date(time).toISOString(), time)
  })

  it('keeps to its level', () => {
    const { log, lines } = opened('warn')
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { level: string }).level),
      ['warn', 'error'],
    )
  })

  it('lets no field take the place of its own', () => {
    const { log, lines } = opened()
    log.info('mine', { msg: 'theirs', level: 'fatal', time: 0 })
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    assert.equal(line.msg, 'mine')
    assert.equal(line.level, 'info')
    assert.equal(lines[0]?.match(/"msg":/g)?.length, 1)
  })

  it('tells errors with their causes', () => {
    const { log, lines } = opened()
    log.error('It broke', { error: new Error('outer', { cause: new Error('inner') }) })
    assert.match(lines[0] ?? '', /outer/)
    assert.match(lines[0] ?? '', /inner/)
  })

  it('survives what JSON cannot hold', () => {
    const { log, lines } = opened()
    const circle: Record<string, unknown> = { n: 1n, f: () => 1, u: undefined }
    circle.self = circle
    log.info('odd', { circle, big: 1n, plain: 'as it is' })
    assert.equal(lines.length, 1)
    const line = JSON.parse(lines[0] ?? '') as Record<string, string>
    assert.equal(line.msg, 'odd')
    assert.match(line.circle ?? '', /Circular/)
    assert.match(line.plain ?? '', /as it is/)
  })

  it('tells errors whose causes go round', () => {
    const { log, lines } = opened()
    const error = new Error('round')
    error.cause = error
    log.error('It broke', { error })
    assert.equal((JSON.parse(lines[0] ?? '') as { msg: string }).msg, 'It broke')
  })

  it('is free of secrets in messages, fields, errors, their stacks, causes and nested headers', () => {
    const { log, lines } = opened()
    const error = Object.assign(new Error(`refused ${secret}`, { cause: new Error(`again ${secret}`) }), {
      config: { headers: { 'x-api-key': secret, authorization: `Bearer ${secret}` } },
      [`odd ${secret}`]: [[secret]],
    })
    log.error(`failed with ${secret}`, { error, err: error, deep: { a: [{ b: `\n${secret}` }] }, [secret]: 1 })
    assert.equal(lines.length, 1)
    assert.ok(!lines[0]?.includes('Zq9x7Kd2'), lines[0])
    JSON.parse(lines[0] ?? '')
  })

  it('uses a scrubber that knows more, if it is given one', () => {
    const lines: string[] = []
    const clean = scrubber(new Set(['hunter2-and-more']))
    openLog({ write: (line) => lines.push(line), level: 'info', clean }).info('it is hunter2-and-more')
    assert.match(lines[0] ?? '', /"msg":"it is \[secret\]"/)
  })
})
