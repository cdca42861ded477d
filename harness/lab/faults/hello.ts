/**
 * Faults of an edge that reads the server name out of the ClientHello by itself, before TLS does, and misses it: the
 * connection then gets the default context, which asks for no certificate, and routes by Host.
 * @module
 */
import type { Fault } from './fault.ts'

const byDefault = 'gets the default context: no certificate, no policy.'

/** One per shape of the hello that is missed. */
export const helloFaults = [
  {
    id: 'edge.hello-in-records-default',
    sentence: `A ClientHello that is cut up over several TLS records ${byDefault}`,
    source: 'Traefik CVE-2026-32305: sniffing fails, the default TLS options are used',
  },
  {
    id: 'edge.hello-in-segments-default',
    sentence: `A ClientHello that does not come with the first bytes of the connection ${byDefault}`,
    source: 'Traefik CVE-2026-32305, one layer below; Traefik issue 12871',
  },
  {
    id: 'edge.large-hello-default',
    sentence: `A ClientHello of more than 4096 bytes ${byDefault}`,
    source: 'Traefik issue 12871: the sniffing buffer',
  },
  {
    id: 'edge.drops-large-hello',
    sentence: 'A ClientHello of more than 4096 bytes ends the connection.',
    source: 'Traefik issue 12871: connections with post-quantum key shares were dropped',
  },
  {
    id: 'edge.hello-retry-default',
    sentence: `A ClientHello of TLS 1.3 without a key share ${byDefault}`,
    source: 'RFC 8446 §4.1.4; TLS-Anvil HelloRetryRequest',
  },
  {
    id: 'edge.grease-default',
    sentence: `A ClientHello with reserved values (GREASE) ${byDefault}`,
    source: 'RFC 8701; TLS-Anvil',
  },
  {
    id: 'edge.record-version-default',
    sentence: `A ClientHello in a record of another version than 3.1 and 3.3 ${byDefault}`,
    source: 'RFC 8446 §5.1: legacy_record_version is to be ignored; appendix D',
  },
] as const satisfies readonly Fault[]
