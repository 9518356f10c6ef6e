/** Which addresses a webhook may be at. */
import assert from 'node:assert/strict'
import { mayBeCalled } from './address.ts'

describe('webhooks/address', () => {
  const rows: readonly [address: string, https: boolean, http: boolean][] = [
    ['93.184.216.34', true, false],
    ['10.0.0.5', true, false],
    ['192.168.1.9', true, false],
    ['127.0.0.1', true, true],
    ['127.8.9.10', true, true],
    ['::1', true, true],
    ['::ffff:127.0.0.1', true, true],
    ['2606:2800:220:1::1', true, false],
    ['fd12:3456::1', true, false],
    ['169.254.169.254', false, false],
    ['169.254.0.1', false, false],
    ['::ffff:169.254.169.254', false, false],
    ['::ffff:a9fe:a9fe', false, false],
    ['64:ff9b::a9fe:a9fe', false, false],
    ['64:ff9b::5db8:d822', true, false],
    ['fe80::1', false, false],
    ['fe80::1%eth0', false, false],
    ['febf::1', false, false],
    ['fd00:ec2::254', false, false],
    ['100.100.100.200', false, false],
    ['192.0.0.192', false, false],
    ['0.0.0.0', false, false],
    ['::', false, false],
    ['224.0.0.1', false, false],
    ['255.255.255.255', false, false],
    ['ff02::1', false, false],
  ]
  for (const [address, https, http] of rows) {
    it(`${address}: ${https ? 'by https' : 'never'}${http ? ', and by http' : ''}`, () => {
      assert.deepEqual([mayBeCalled('https', address), mayBeCalled('http', address)], [https, http])
    })
  }
})
