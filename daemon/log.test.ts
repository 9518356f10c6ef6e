/** The form of a log line, and that no way into it leads around the scrubbing. */
import { strict as assert } from 'node:assert'
import { openLog } from './log.ts'
import { openRepeats } from './log-repeats.ts'

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

  it('takes out values that it is told of, also those told of later', () => {
    const { log, lines } = opened()
    const values = new Set(['hunter2-and-more'])
    log.hide(values)
    log.info('it is hunter2-and-more')
    values.add('another-odd-value')
    log.info('or another-odd-value')
    assert.match(lines[0] ?? '', /"msg":"it is \[secret\]"/)
    assert.match(lines[1] ?? '', /"msg":"or \[secret\]"/)
  })

  it('changes its level as it goes, and back to the one that it was opened with', () => {
    const { log, lines } = opened('info')
    for (const level of ['debug', 'error', undefined] as const) {
      log.keepTo(level)
      log.debug('d')
      log.info('i')
    }
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ['d', 'i', 'i'],
    )
  })

  it('writes five equal lines a minute, and then how many more there were', () => {
    const lines: string[] = []
    let now = 0
    const log = openLog({ write: (line) => lines.push(line), level: 'info', repeats: openRepeats(() => now) })
    const told = () => lines.splice(0).map((line) => JSON.parse(line) as { msg: string; leftOut?: number; of?: number })
    for (let i = 0; i < 100; i++) log.warn('again', { of: 1 })
    log.warn('again', { of: 2 })
    log.error('again', { of: 1 })
    assert.equal(told().length, 7)
    assert.deepEqual(log.figures(), { lost: 0, leftOut: 95 })
    now = 60_000
    log.warn('again', { of: 1 })
    const [summed, next, ...more] = told()
    assert.deepEqual([summed?.leftOut, summed?.msg, summed?.of], [95, 'again', 1])
    assert.deepEqual([next?.leftOut, next?.msg, more.length], [undefined, 'again', 0])
    for (let i = 0; i < 6; i++) log.warn('again', { of: 1 })
    assert.equal(told().length, 4)
    log.close()
    assert.deepEqual(
      told().map((line) => line.leftOut),
      [2],
    )
    for (let i = 0; i < 6; i++) log.info('again', { of: 1 })
    assert.equal(told().length, 6)
  })

  it('tells of what was left out also when the line does not come again', async () => {
    const written: number[] = []
    const repeats = openRepeats(() => performance.now(), { most: 1, windowMs: 20, lines: 4 })
    const told = new Promise<void>((resolve) => {
      const write = (leftOut: number) => {
        written.push(leftOut)
        if (leftOut > 0) resolve()
      }
      for (let i = 0; i < 3; i++) repeats.take('line', write)
    })
    await told
    assert.deepEqual(written, [0, 2])
    assert.equal(repeats.leftOut(), 2)
  })

  it('remembers a bounded number of lines, and not those that come once', () => {
    const written: string[] = []
    const repeats = openRepeats(() => 0, { most: 1, windowMs: 1000, lines: 2 })
    const take = (line: string) => repeats.take(line, (leftOut) => written.push(`${line}${leftOut}`))
    for (const line of ['again', 'again', 'b', 'again', 'c', 'again', 'd', 'again']) take(line)
    assert.deepEqual(written, ['again0', 'b0', 'c0', 'd0'])
    take('e')
    take('f')
    assert.deepEqual(written.slice(4), ['e0', 'f0', 'again4'])
  })
})
