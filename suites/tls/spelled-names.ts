/**
 * The hostname written otherwise, in Host and in SNI, as data.
 * @module
 */
import { isIP } from 'node:net'
import { bracketed } from '../../harness/deployment/connect.ts'
import type { Facts } from '../../reports/types.ts'

/** One spelling. */
export interface Spelling {
  id: string
  what: string
  write: (name: string) => string
  /** The fault of the lab that opens to it. */
  fault: string
  grounds: string[]
}

/** … of the Host. */
export const hostSpellings: readonly Spelling[] = [
  {
    id: 'host-trailing-dot',
    what: 'with a trailing dot',
    write: (name) => `${name}.`,
    fault: 'edge.host-trailing-dot',
    grounds: ['CVE-2022-23632 (Traefik: the dot skips the router’s TLS options)'],
  },
  {
    id: 'host-upper-case',
    what: 'in upper case',
    write: (name) => name.toUpperCase(),
    fault: 'edge.host-upper-case',
    grounds: ['RFC 9110 §4.2.3', 'CVE-2026-27588 (Caddy)'],
  },
  {
    id: 'host-with-port',
    what: 'with another port',
    write: (name) => `${name}:444`,
    fault: 'edge.host-with-port',
    grounds: ['RFC 9110 §7.2'],
  },
]

/** … of the SNI. */
export const sniSpellings: readonly Spelling[] = [
  {
    id: 'sni-upper-case',
    what: 'in upper case',
    write: (name) => name.toUpperCase(),
    fault: 'edge.sni-upper-case',
    grounds: ['CVE-2026-53622 (Traefik, HTTP/3)'],
  },
  {
    id: 'sni-trailing-dot',
    what: 'with a trailing dot',
    write: (name) => `${name}.`,
    fault: 'edge.sni-trailing-dot',
    grounds: ['RFC 6066 §3 (no trailing dot)'],
  },
]

/** The first address of the hostname, as Host has it; undefined: none is known. */
export function addressAsHost({ addresses }: Facts): string | undefined {
  const address = addresses.find((one) => isIP(one) !== 0)
  return address === undefined ? undefined : bracketed(address)
}
