/**
 * Published ranges of edges that many customers share: a snapshot, since the lists change. Each with its source and how far it
 * goes; where an operator publishes none, what third parties say is marked so.
 * @module
 */

/** One operator's edge. */
export interface SharedEdge {
  operator: string
  /** Where the ranges come from, and as of when. */
  source: string
  ranges: readonly string[]
}

const listed = (text: string): string[] => text.trim().split(/\s+/)

/** The edges. */
export const sharedEdges: readonly SharedEdge[] = [
  {
    operator: 'Cloudflare',
    source: 'https://www.cloudflare.com/ips/ (whole list), and its resolvers',
    ranges: listed(`
      173.245.48.0/20 103.21.244.0/22 103.22.200.0/22 103.31.4.0/22 141.101.64.0/18 108.162.192.0/18 190.93.240.0/20
      188.114.96.0/20 197.234.240.0/22 198.41.128.0/17 162.158.0.0/15 104.16.0.0/13 104.24.0.0/14 172.64.0.0/13 131.0.72.0/22
      1.1.1.0/24 1.0.0.0/24
      2400:cb00::/32 2606:4700::/32 2803:f800::/32 2405:b500::/32 2405:8100::/32 2a06:98c0::/29 2c0f:f248::/32`),
  },
  {
    operator: 'Fastly',
    source:
      'https://api.fastly.com/public-ip-list (whole list, as copied in public repositories by November 2026)',
    ranges: listed(`
      23.235.32.0/20 43.249.72.0/22 103.244.50.0/24 103.245.222.0/23 103.245.224.0/24 104.156.80.0/20 140.248.64.0/18
      140.248.128.0/17 146.75.0.0/17 151.101.0.0/16 157.52.64.0/18 167.82.0.0/17 167.82.128.0/20 167.82.160.0/20
      167.82.224.0/20 172.111.64.0/18 185.31.16.0/22 199.27.72.0/21 199.232.0.0/16
      2a04:4e40::/32 2a04:4e42::/32`),
  },
  {
    operator: 'Amazon CloudFront',
    source:
      'https://ip-ranges.amazonaws.com/ip-ranges.json, service CLOUDFRONT (as copied in public repositories by November 2026; blocks of /20 and larger, neighbours joined)',
    ranges: listed(`
      3.160.0.0/14 3.164.0.0/14 3.168.0.0/14 3.172.0.0/14 13.32.0.0/15 13.35.0.0/16 13.224.0.0/14 13.249.0.0/16 15.158.0.0/16
      18.64.0.0/14 18.68.0.0/16 18.154.0.0/15 18.160.0.0/15 18.164.0.0/15 18.172.0.0/15 18.238.0.0/15 18.244.0.0/15
      23.91.0.0/19 24.110.32.0/19 24.110.128.0/17 51.74.192.0/18 52.46.0.0/18 52.82.128.0/19 52.84.0.0/15 52.124.128.0/17
      52.222.128.0/17 54.182.0.0/16 54.192.0.0/16 54.230.0.0/16 54.239.128.0/18 54.239.192.0/19 54.240.128.0/18 64.252.64.0/18
      64.252.128.0/18 65.8.0.0/16 65.9.0.0/16 70.132.0.0/18 71.152.0.0/17 99.84.0.0/16 99.86.0.0/16 108.138.0.0/15
      108.156.0.0/14 130.176.0.0/16 143.204.0.0/16 144.220.0.0/16 204.246.160.0/19 205.251.192.0/18 216.137.32.0/19
      2600:9000::/28`),
  },
  {
    operator: 'Akamai',
    source:
      'no whole list is published; the blocks of Origin IP ACL (https://techdocs.akamai.com/origin-ip-acl/docs) as third parties copied them, by November 2026',
    ranges: listed(`
      2.16.0.0/13 23.0.0.0/12 23.32.0.0/11 23.64.0.0/14 23.72.0.0/13 23.192.0.0/11 69.192.0.0/16 72.246.0.0/15 88.221.0.0/16
      92.122.0.0/15 95.100.0.0/15 96.6.0.0/15 96.16.0.0/15 104.64.0.0/10 118.214.0.0/16 172.224.0.0/12 173.222.0.0/15
      184.24.0.0/13 184.50.0.0/15 184.84.0.0/14
      2405:9600::/32 2600:1400::/24 2a02:26f0::/32`),
  },
  {
    operator: 'Azure Front Door',
    source:
      'Azure IP Ranges and Service Tags, AzureFrontDoor.Frontend (changeNumber 411, 2026-07-27, as copied in public repositories; without the many /29 and smaller of single regions). IPv6: 2620:1ec::/36 is of a third party',
    ranges: listed(`
      13.105.221.0/24 13.107.208.0/24 13.107.213.0/24 13.107.224.0/24 13.107.226.0/24 13.107.231.0/24 13.107.234.0/23
      13.107.237.0/24 13.107.238.0/23 13.107.246.0/24 13.107.253.0/24 40.90.64.0/22 40.90.68.0/24 40.90.70.0/23
      104.212.67.0/24 104.212.68.0/24 150.171.1.16/28 150.171.22.0/23 150.171.26.0/24 150.171.84.0/22 150.171.88.0/23
      150.171.109.0/24 150.171.110.0/23 150.171.112.0/24 204.79.197.0/24
      2620:1ec::/36`),
  },
  {
    operator: 'Google',
    source:
      'its own services and the shared front ends of its load balancers: https://www.gstatic.com/ipranges/goog.json and cloud.json, scope "global" (from memory and third parties, November 2026; not the whole lists)',
    ranges: listed(`
      8.8.4.0/24 8.8.8.0/24 64.233.160.0/19 66.102.0.0/20 74.125.0.0/16 108.177.0.0/17 142.250.0.0/15 172.217.0.0/16
      172.253.0.0/16 173.194.0.0/16 209.85.128.0/17 216.58.192.0/19 216.239.32.0/19
      34.8.0.0/16 34.36.0.0/16 34.49.0.0/16 34.54.0.0/16 34.96.64.0/18 34.98.64.0/18 34.102.128.0/17 34.107.128.0/17
      34.110.128.0/17 34.111.0.0/16 34.117.0.0/16 34.120.0.0/16 34.128.128.0/18 34.144.192.0/18 34.149.0.0/16 34.160.0.0/16
      35.186.192.0/18 35.190.0.0/17 35.201.64.0/18 35.227.192.0/18 35.241.0.0/18 35.244.128.0/17 107.178.240.0/20 130.211.0.0/18
      2001:4860::/32 2404:6800::/32 2607:f8b0::/32 2800:3f0::/32 2a00:1450::/32 2c0f:fb50::/32 2600:1901::/48`),
  },
]
