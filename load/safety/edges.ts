/**
 * Addresses that are not the user's to load: edges shared by many customers. Not complete, and cannot be: the published
 * lists change. What is here is refused; what is not here still needs a confirmation.
 * @module
 */
import { BlockList, isIP } from 'node:net'
import { type SharedEdge, sharedEdges } from './edge-ranges.ts'

const lists = sharedEdges.map((edge) => {
  const list = new BlockList()
  for (const range of edge.ranges) {
    const [network = '', prefix = ''] = range.split('/')
    list.addSubnet(network, Number(prefix), family(network))
  }
  return { edge, list }
})

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** The eight groups of an IPv6 address; a zone (`%eth0`) is none of it. */
function groupsOf(address: string): number[] {
  // The URL parser writes an embedded IPv4 address as groups too.
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const read = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [read(head), read(tail ?? '')]
  return tail === undefined
    ? before
    : [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
}

/**
 * Where an IPv6 address carries an IPv4 address that a translator or a relay takes the packets to: `at` is the group it begins
 * at, `prefix` what comes before. Mapped addresses Node sees through by itself.
 */
const carriers: readonly { prefix: readonly number[]; at: number }[] = [
  // NAT64: RFC 6052 §2.1, and RFC 8215 with the prefix length of 96 that translators use.
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 },
  { prefix: [0x64, 0xff9b, 1], at: 6 },
  // 6to4: RFC 3056 §2.
  { prefix: [0x2002], at: 1 },
  // Stateless translation (RFC 2765 §2.1), and the old "compatible" form (RFC 4291 §2.5.5.1).
  { prefix: [0, 0, 0, 0, 0xffff, 0], at: 6 },
  { prefix: [0, 0, 0, 0, 0, 0], at: 6 },
]

/** An address and the IPv4 addresses that it may lead to. */
function within(address: string): string[] {
  if (isIP(address) !== 6) return [address]
  const groups = groupsOf(address)
  const inside = carriers
    .filter(({ prefix }) => prefix.every((group, at) => groups[at] === group))
    .map(({ at }) => {
      const [high = 0, low = 0] = groups.slice(at)
      return [high >> 8, high & 255, low >> 8, low & 255].join('.')
    })
  return [address, ...inside]
}

/** The shared edge an address belongs to; IPv4 inside IPv6 (mapped, NAT64, 6to4) is seen through. */
export function sharedEdgeOf(address: string): SharedEdge | undefined {
  const all = within(address)
  return lists.find(({ list }) => all.some((one) => list.check(one, family(one))))?.edge
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether an address is this machine and nothing but: 127.0.0.0/8 and ::1. */
export const isLoopback = (address: string): boolean => loopback.check(address, family(address))

const nobody = new BlockList()
for (const [network, prefix, kind] of [
  // "This host" answers on loopback under Linux and means something else elsewhere; the others reach many machines.
  ['0.0.0.0', 8, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
] as const) {
  nobody.addSubnet(network, prefix, kind)
}

/** Whether an address is no single machine's: unspecified, multicast, broadcast, reserved. */
export const isNobody = (address: string): boolean => nobody.check(address, family(address))
