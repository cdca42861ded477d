/**
 * Addresses that are not the user's to load: edges shared by many customers. Not complete, and cannot be: the published
 * lists change. What is here is refused; what is not here still needs a confirmation.
 * @module
 */
import { BlockList, isIP } from 'node:net'

/** One operator's edge. */
export interface SharedEdge {
  operator: string
  /** Where the ranges come from. */
  source: string
  ranges: readonly string[]
}

/** The edges. */
export const sharedEdges: readonly SharedEdge[] = [
  {
    operator: 'Cloudflare',
    source: 'https://www.cloudflare.com/ips/ (whole list)',
    ranges: [
      '173.245.48.0/20',
      '103.21.244.0/22',
      '103.22.200.0/22',
      '103.31.4.0/22',
      '141.101.64.0/18',
      '108.162.192.0/18',
      '190.93.240.0/20',
      '188.114.96.0/20',
      '197.234.240.0/22',
      '198.41.128.0/17',
      '162.158.0.0/15',
      '104.16.0.0/13',
      '104.24.0.0/14',
      '172.64.0.0/13',
      '131.0.72.0/22',
      '1.1.1.0/24',
      '1.0.0.0/24',
      '2400:cb00::/32',
      '2606:4700::/32',
      '2803:f800::/32',
      '2405:b500::/32',
      '2405:8100::/32',
      '2a06:98c0::/29',
      '2c0f:f248::/32',
    ],
  },
  {
    operator: 'Fastly',
    source: 'https://api.fastly.com/public-ip-list (whole list, as copied in public repositories)',
    ranges: [
      '23.235.32.0/20',
      '43.249.72.0/22',
      '103.244.50.0/24',
      '103.245.222.0/23',
      '103.245.224.0/24',
      '104.156.80.0/20',
      '140.248.64.0/18',
      '140.248.128.0/17',
      '146.75.0.0/17',
      '151.101.0.0/16',
      '157.52.64.0/18',
      '167.82.0.0/17',
      '167.82.128.0/20',
      '167.82.160.0/20',
      '167.82.224.0/20',
      '172.111.64.0/18',
      '185.31.16.0/22',
      '199.27.72.0/21',
      '199.232.0.0/16',
      '2a04:4e40::/32',
      '2a04:4e42::/32',
    ],
  },
  {
    operator: 'Amazon CloudFront',
    source: 'https://ip-ranges.amazonaws.com/ip-ranges.json, service CLOUDFRONT (the large old blocks only)',
    ranges: [
      '13.32.0.0/15',
      '13.35.0.0/16',
      '13.224.0.0/14',
      '52.84.0.0/15',
      '54.182.0.0/16',
      '54.192.0.0/16',
      '54.230.0.0/16',
      '99.84.0.0/16',
      '143.204.0.0/16',
      '204.246.164.0/22',
      '205.251.192.0/19',
      '2600:9000::/28',
    ],
  },
]

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

/** The shared edge an address belongs to; IPv4 inside IPv6 (`::ffff:a.b.c.d`) is seen through. */
export function sharedEdgeOf(address: string): SharedEdge | undefined {
  return lists.find(({ list }) => list.check(address, family(address)))?.edge
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
