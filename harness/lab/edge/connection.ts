/**
 * What is known of a connection when requests come in on it.
 * @module
 */
import type { EdgeHost } from './hosts.ts'
import type { Verdict } from './verdict.ts'

/** One connection of a client. */
export interface Connection {
  /** `misplaced`: HTTP without TLS on the TLS port. */
  transport: 'tls' | 'plain' | 'misplaced'
  /** The hostname chosen by SNI, as it was at the handshake; undefined without TLS. */
  host: EdgeHost | undefined
  loose: boolean
  originHostname: string | undefined
  version: 'TLSv1.2' | 'TLSv1.3' | undefined
  remoteAddress: string
  /** It came in on the second TLS port. */
  otherPort?: boolean
  /** Requests that came in on it so far, the present one included. */
  requests: number
  /** The verdict on this connection's certificates, now, on a hostname as it is now. */
  verdict(host: EdgeHost): Verdict
}
