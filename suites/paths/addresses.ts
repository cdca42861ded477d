/**
 * Headers in which the address of a client is told, as a stranger would claim to be of the own network.
 * @module
 */
import type { Variant } from './closed.ts'

/** This machine, and one address of each private network (RFC 1918, RFC 4193). */
export const ownNetwork: readonly string[] = [
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '::1',
  'fd00::1',
]

/** Headers that proxies set and applications read: of nginx, httpd, Envoy, HAProxy, load balancers, and CDNs. */
const names: readonly string[] = [
  'X-Forwarded-For',
  'X-Real-IP',
  'X-Client-IP',
  'Client-IP',
  'X-Cluster-Client-IP',
  'X-Forwarded',
  'Forwarded-For',
  'X-Original-Forwarded-For',
  'X-Originating-IP',
  'X-Remote-IP',
  'X-Remote-Addr',
  'X-Envoy-External-Address',
  'Fastly-Client-IP',
  'X-Azure-ClientIP',
]

/** Cloudflare's own: an edge of theirs may refuse a request for them alone, which would hide the others. */
const ofCloudflare: readonly string[] = ['CF-Connecting-IP', 'True-Client-IP']

/** `for` of RFC 7239 §6: an IPv6 address in brackets and quotes. */
const forwarded = (address: string): string =>
  `for=${address.includes(':') ? `"[${address}]"` : address};proto=https`

/** Two requests that claim to come from `address`. */
export const claimedAddresses = (path: string, address: string): Variant[] => [
  {
    path,
    headers: [...names.map((name): [string, string] => [name, address]), ['Forwarded', forwarded(address)]],
    together: `as ${address} by ${names.length + 1} headers`,
  },
  {
    path,
    headers: ofCloudflare.map((name): [string, string] => [name, address]),
    together: `as ${address} by ${ofCloudflare.join(' and ')}`,
  },
]
