/**
 * Traps: configurations that look protected and are not, each beside its good twin. They are written down from the rows of
 * the check catalogue and from incidents; nothing here is read from the harness.
 * @module
 */
import type { ServerName } from '../../../fixtures/servers/types.ts'

/** What a configuration may refer to. All are paths of PEM files, but for the ports. */
export interface Place {
  port: number
  /** A second port that nothing listens on. */
  otherPort: number
  serverCert: string
  serverKey: string
  /** The CA whose clients are let in. */
  ca: string
  /** Its CRL, with one certificate revoked. */
  crl: string
  /** The CA and every public one. */
  bundle: string
  /** Another client CA, of another hostname on the same server. */
  otherCa: string
  dir: string
}

/**
 * Entries of the deployment file beside the common ones. `crl`, `refusal`, `forwarded`, `statusValues` and
 * `commonNames` go below `mtls`; the text of a refusal is written to a file.
 */
export type Declares = (place: Place, other: { cert: string; key: string }) => Record<string, unknown>

/** A server of the table with what the deployment file says of it. */
export interface Subject {
  id: string
  server: ServerName
  declares?: Declares
  /** Addresses of the hostname; default: 127.0.0.1. */
  addresses?: readonly string[]
  /** Verified with the profile for hosts that may be disturbed. */
  staging?: true
}

/**
 * Manners: a configuration in which nothing is wrong, and which answers in a way of its own. What matters is that nothing is called
 * a finding, and nothing verified that was not.
 */
export interface Manner extends Subject {
  /** What is unusual, in one sentence. */
  how: string
  lines: (place: Place) => string
  /** Exit codes that are right, with a deployment file and from outside. */
  exit: { file: 0 | 3; outside: 0 | 3 }
}

/** A trap. */
export interface Trap extends Subject {
  /** What is wrong, in one sentence. */
  wrong: string
  /** Lines of the configuration; what they mean is up to the server's template. */
  bad: (place: Place) => string
  good: (place: Place) => string
  /** Checks of which at least one has to find it, with a deployment file. */
  finds: readonly string[]
  /**
   * Whether it can be seen by somebody who knows nothing but the hostname. What could also be another page (of a default
   * server, of ACME) is at most a warning there.
   */
  outside: 'found' | 'hidden'
}

/** One certificate of the CA is meant, no other. */
export const oneName: Declares = () => ({ commonNames: ['sensor-001'] })

/** Another protected one. */
export const otherHost = 'other.test'
