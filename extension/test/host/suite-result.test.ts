/** A suite in the extension host is green only if everything says so. */
import assert from 'node:assert/strict'
import { judge, readResult, reportOf, type SuiteResult } from './suite-result.ts'

describe('the result of a suite in the extension host', () => {
  const result = (passed: number, failed: number): SuiteResult => ({
    passed: Array.from({ length: passed }, (_, index) => `p${index}`),
    failed: Array.from({ length: failed }, (_, index) => ({ title: `f${index}`, error: 'no\nat x' })),
  })

  it('counts what passed and failed', () => {
    assert.deepEqual(judge({ code: 0, result: result(3, 0), outside: [] }), { passed: 3, failed: 0, problems: [] })
    assert.deepEqual(judge({ code: 1, result: result(2, 1), outside: [] }), { passed: 2, failed: 1, problems: [] })
  })

  it('fails a host that exits with 0 and leaves no whole result', () => {
    for (const text of [undefined, '', '{"passed":[', 'null', '{"passed":1}']) {
      const { passed, failed } = judge({ code: 0, result: readResult(text), outside: [] })
      assert.deepEqual({ passed, failed }, { passed: 0, failed: 1 }, text)
    }
  })

  it('reads what a suite wrote', () => {
    assert.deepEqual(readResult(JSON.stringify(result(1, 1))), result(1, 1))
  })

  it('shows a person each test, and each failure with its error', () => {
    assert.equal(reportOf(result(1, 1)), '    ✔ p0\n    ✖ f0\n      no\n      at x')
  })

  it('fails a host that ends badly, or not at all, after a green suite', () => {
    assert.equal(judge({ code: 9, result: result(3, 0), outside: [] }).failed, 1)
    assert.equal(judge({ code: undefined, result: result(3, 0), outside: [] }).failed, 1)
  })

  it('fails each request that would have left the machine', () => {
    const { failed, problems } = judge({ code: 0, result: result(1, 0), outside: ['https://example.org/a'] })
    assert.equal(failed, 1)
    assert.match(problems[0] ?? '', /example\.org\/a/)
  })
})
