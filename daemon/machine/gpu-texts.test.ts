import assert from 'node:assert/strict'
import { readApple, readNvidia, together } from './gpu-texts.ts'

const card = (more = {}) => ({
  device_name: 'A',
  utilization_pct: 50,
  memory_used_gb: 1.5,
  memory_total_gb: 6,
  temperature_c: 40,
  power_draw_w: 100.04,
  power_limit_w: 170,
  ...more,
})

describe('what tools say of GPUs', () => {
  it('reads NVIDIA’s line of figures', () => {
    const text = 'NVIDIA GeForce RTX 3060, 52, 6554, 12288, 57, 115.23, 170.00\r\n'
    assert.deepEqual(readNvidia(text), [
      {
        device_name: 'NVIDIA GeForce RTX 3060',
        utilization_pct: 52,
        memory_used_gb: 6554 / 1024,
        memory_total_gb: 12,
        temperature_c: 57,
        power_draw_w: 115.23,
        power_limit_w: 170,
      },
    ])
  })

  it('takes for unknown what a GPU does not know', () => {
    const text = 'NVIDIA GB10, [Unknown Error], [N/A], [Not Supported], N/A, 4.5, [GPU requires reset]\n'
    assert.deepEqual(readNvidia(text), [
      {
        ...{ device_name: 'NVIDIA GB10', utilization_pct: null, memory_used_gb: null, memory_total_gb: null },
        ...{ temperature_c: null, power_draw_w: 4.5, power_limit_w: null },
      },
    ])
  })

  it('reads a name with a comma', () => {
    assert.equal(readNvidia('Tesla, old, 1, 2, 3, 4, 5, 6')?.[0]?.device_name, 'Tesla, old')
  })

  for (const text of [
    '',
    '\n',
    'No devices were found',
    'a, b, c, d, e, f, g',
    'A, 1, 2, 3, 4, 5',
    'A, 1, 2, 3, 4, 5, -6',
    'ok, 1, 2, 3, 4, 5, 6\nrubbish',
  ])
    it(`does not take ${JSON.stringify(text)} for figures of NVIDIA`, () => assert.equal(readNvidia(text), null))

  it('reads what a Mac says of its graphics', () => {
    const text = `+-o AGXAcceleratorG14X  <class AGXAcceleratorG14X, id 0x1, registered, matched, active>
    {
      "model" = "Apple M2 Pro"
      "PerformanceStatistics" = {"In use system memory (driver)"=0,"Alloc system memory"=3393896448,"Tiler Utilization %"=4,"Device Utilization %"=7,"In use system memory"=536870912}
    }
`
    assert.deepEqual(readApple(text), [
      {
        ...{ device_name: 'Apple M2 Pro', utilization_pct: 7, memory_used_gb: 0.5, memory_total_gb: null },
        ...{ temperature_c: null, power_draw_w: null, power_limit_w: null },
      },
    ])
    assert.equal(readApple('nothing of the kind'), null)
  })

  it('tells several as one', () => {
    const two = together([card(), card({ utilization_pct: 0, temperature_c: 57, power_draw_w: 50 })])
    assert.deepEqual(two, {
      available: true,
      device_name: '2 × A',
      utilization_pct: 25,
      memory_used_gb: 3,
      memory_total_gb: 12,
      memory_usage_pct: 25,
      temperature_c: 57,
      power_draw_w: 150.04,
      power_limit_w: 340,
    })
  })

  it('knows of several only what each of them says', () => {
    const two = together([card(), card({ device_name: 'B', memory_used_gb: null, memory_total_gb: 0 })])
    assert.ok(two.available)
    assert.deepEqual([two.device_name, two.memory_used_gb, two.memory_usage_pct], ['A, B', null, null])
    const one = together([card({ memory_total_gb: 0 })])
    assert.ok(one.available && one.memory_usage_pct === null)
  })
})
