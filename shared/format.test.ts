/** Numbers as people read them, as tables of what is and what is shown. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  ago,
  bytes,
  clockTime,
  countdown,
  duration,
  measured,
  money,
  paceText,
  percent,
  price,
  priceAtLeast,
  tokens,
  took,
} from './format.ts'

function table<Input>(format: (input: Input) => string, rows: readonly (readonly [Input, string])[]) {
  for (const [input, text] of rows) {
    it(`${String(input)} is ${text}`, () => assert.equal(format(input), text))
  }
}

describe('format', () => {
  describe('bytes', () => {
    table(bytes, [
      [0, '0 B'],
      [412, '412 B'],
      [12_400, '12.4 kB'],
      [999_960, '1 MB'],
      [3.4e9, '3.4 GB'],
    ])
  })

  describe('tokens', () => {
    table(tokens, [
      [0, '0'],
      [412, '412'],
      [999, '999'],
      [1000, '1k'],
      [12_400, '12.4k'],
      [999_949, '999.9k'],
      [999_950, '1M'],
      [1_200_000, '1.2M'],
      [412_000, '412k'],
      [3_000_000_000, '3B'],
      [Number.NaN, '–'],
    ])
  })

  describe('price', () => {
    table(price, [
      [0, '$0.00'],
      [1e-10, '<$0.01'],
      [1e-9, '$0.000000001'],
      [4e-7, '$0.0000004'],
      [0.000001, '$0.000001'],
      [0.000245, '$0.00024'],
      [0.0042, '$0.0042'],
      [0.009, '$0.009'],
      [0.09, '$0.09'],
      [0.0912, '$0.091'],
      [0.0949, '$0.095'],
      [0.095, '$0.10'],
      [4.2134, '$4.21'],
      [1234.5, '$1,234.50'],
      [NaN, '–'],
    ])
  })

  it('never shows what no price is known for as $0.00', () => {
    assert.equal(priceAtLeast(0.012, { requests: 3, unpriced_requests: 0 }), '$0.012')
    assert.equal(priceAtLeast(0.012, { requests: 3, unpriced_requests: 1 }), '≥ $0.012')
    assert.equal(priceAtLeast(0, { requests: 3, unpriced_requests: 3 }), '?')
  })

  describe('countdown', () => {
    table(countdown, [
      [-5, '0s'],
      [0, '0s'],
      [1, '1s'],
      [22_000, '22s'],
      [94_001, '95s'],
      [119_999, '120s'],
      [120_000, '2m'],
      [2_820_000, '47m'],
      [7_800_000, '2h 10m'],
    ])
  })

  describe('paceText', () => {
    const now = Date.UTC(2026, 10, 20, 14)
    const later = now + 1_200_000
    const rows: [number | null, number | string | null, string][] = [
      [null, null, ''],
      [null, later, ''],
      [Number.NaN, later, ''],
      [0, null, 'on pace'],
      [-1.9, null, 'on pace'],
      [1.9, null, 'on pace'],
      [9.4, null, '+9%'],
      [-30.2, null, '-30%'],
      [9.4, later, '+9%, out 14:20'],
      [9.4, '2026-11-22T14:20:00Z', '+9%, out Sun 14:20'],
      [9.4, now, '+9%'],
    ]
    for (const [points, runsOutAt, text] of rows) {
      it(`${points}, out at ${runsOutAt} is "${text}"`, () => {
        assert.equal(paceText({ points, runsOutAt }, now, 'UTC'), text)
      })
    }
  })

  describe('took', () => {
    table(took, [
      [0, '0s'],
      [639.6, '640ms'],
      [999.9, '1s'],
      [1568.3, '1.6s'],
      [4123, '4.1s'],
      [59_600, '1m'],
    ])
  })

  describe('money', () => {
    table(money, [
      [0, '$0.00'],
      [0.000123, '<$0.01'],
      [0.00999, '<$0.01'],
      [0.01, '$0.01'],
      [0.42, '$0.42'],
      [1234.5, '$1,234.50'],
      [1_000_000, '$1,000,000.00'],
      [-2.5, '-$2.50'],
      [Number.POSITIVE_INFINITY, '–'],
    ])
  })

  describe('percent', () => {
    table(percent, [
      [0, '0%'],
      [0.2, '<1%'],
      [1, '1%'],
      [38.4, '38%'],
      [99.6, '>99%'],
      [100, '100%'],
      [115, '115%'],
    ])
  })

  describe('duration', () => {
    table(duration, [
      [-5, '0s'],
      [0, '0s'],
      [850.7, '850ms'],
      [1000, '1s'],
      [4100, '4.1s'],
      [9999, '9.9s'],
      [22_000, '22s'],
      [59_999, '59s'],
      [60_000, '1m'],
      [47 * 60_000, '47m'],
      [7_800_000, '2h 10m'],
      [7_200_000, '2h'],
      [76 * 3_600_000, '3d 4h'],
      [72 * 3_600_000, '3d'],
    ])
  })

  describe('ago and measured', () => {
    const now = Date.UTC(2026, 10, 22, 12)
    table(
      (ms: number) => measured(now - ms, now),
      [
        [-60_000, 'measured just now'],
        [999, 'measured just now'],
        [20_000, 'measured 20 s ago'],
        [190_000, 'measured 3 min ago'],
        [7_300_000, 'measured 2 h ago'],
        [200_000_000, 'measured 2 d ago'],
      ],
    )
    it('takes ISO 8601 as well', () => assert.equal(ago('2026-11-22T11:59:40Z', now), '20 s ago'))
    it('says so where there is no instant', () => assert.equal(measured('soon', now), 'not measured'))
  })

  describe('clockTime', () => {
    const now = '2026-11-22T12:00:00Z' // a Sunday
    const rows = [
      ['2026-11-22T15:10:00Z', 'Europe/Berlin', '16:10'],
      ['2026-11-22T23:30:00Z', 'Europe/Berlin', 'Mon 00:30'],
      ['2026-11-22T11:04:00Z', 'UTC', '11:04'],
      ['2026-11-22T20:00:00Z', 'Asia/Kolkata', 'Mon 01:30'],
      ['2026-11-28T09:00:00Z', 'UTC', 'Sat 09:00'],
      ['2026-11-29T09:00:00Z', 'UTC', '29 Nov 09:00'],
      ['2027-11-28T09:00:00Z', 'UTC', '28 Nov 2027'],
      ['never', 'UTC', '–'],
    ] as const
    for (const [at, zone, text] of rows) {
      it(`${at} in ${zone} is ${text}`, () => assert.equal(clockTime(at, now, zone), text))
    }
    it('takes epoch ms as well', () => assert.equal(clockTime(Date.parse(now), Date.parse(now), 'UTC'), '12:00'))
  })

  it('never shows more than five significant places of tokens, nor a unit of a thousand', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 50), (count) => {
        assert.match(tokens(count), /^\d{1,3}(\.\d)?[kMBT]?$|^\d{4}(\.\d)?T$/)
      }),
    )
  })
})
