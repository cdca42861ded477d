/**
 * The hostname written otherwise, in Host and in SNI, as data.
 * @module
 */

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
