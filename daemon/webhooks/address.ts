/** Which addresses a webhook may be at: none at which a machine or a cloud tells its own secrets, and without TLS only this machine. */
import { BlockList, isIPv6 } from 'node:net'

const never = new BlockList()
/** "This network"; link-local, where clouds tell machines their credentials; multicast and reserved: RFC 6890. */
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  never.addSubnet(net, prefix)
/** Where Oracle's and Alibaba's clouds do the same. */
for (const address of ['192.0.0.192', '100.100.100.200']) never.addAddress(address)
for (const [net, prefix] of [
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  never.addSubnet(net, prefix, 'ipv6')
/** Nowhere; and where Amazon's cloud does it. */
for (const address of ['::', 'fd00:ec2::254']) never.addAddress(address, 'ipv6')

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** RFC 6052: an IPv4 address as networks without IPv4 write it. */
const translated = new BlockList()
translated.addSubnet('64:ff9b::', 96, 'ipv6')

/** `address`: an IP address, without brackets. */
export function mayBeCalled(scheme: 'http' | 'https', address: string): boolean {
  const plain = withoutZone(address)
  if (isIn(never, plain)) return false
  if (scheme === 'http') return isIn(loopback, plain)
  return !isIPv6(plain) || !translated.check(plain, 'ipv6') || !isIn(never, lastFourOf(plain))
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '')
}

/** The last four bytes of an IPv6 address, as IPv4. */
function lastFourOf(address: string): string {
  // written out as RFC 5952 wants it, by whoever knows best
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':')
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group === '' ? '0' : group, 16))
  return [high, low].flatMap((part = 0) => [part >> 8, part & 255]).join('.')
}
