/**
 * What can be true of a server.
 * @module
 */
import type { Mode, ServerName, VersionSet } from '../../../fixtures/servers/types.ts'

/** Somebody without a valid certificate. */
export const strangers = ['nobody', 'self-signed', 'unknown-ca'] as const

/** One of the strangers: without a certificate, with one that vouches for itself, with one of a CA nobody knows. */
export type Stranger = (typeof strangers)[number]

/** A TLS version. */
export type Version = 'TLSv1.2' | 'TLSv1.3'

/** What is true of a server in a mode. */
export interface Truth {
  server: ServerName
  mode: Mode
  /** Version sets this is about; default: all. */
  versions?: readonly VersionSet[]
  /** Of every version that is spoken. */
  asks: 'off' | 'requested' | 'required' | 'late'
  /** Strangers who get the page; where the versions differ, per version. */
  admits: readonly Stranger[] | Record<Version, readonly Stranger[]>
  /** Where somebody without a certificate is refused. */
  refusedAt: 'tls' | 'http' | 'none'
  /** Exit codes of `harness verify` that are right, with a deployment file and without one. */
  exit: { file: 0 | 1 | 3; blackBox: 0 | 1 | 3 }
  /** Views from which nobody can know whether it is enforced: the right statement there is `unknown`. */
  unknowable?: readonly ('file' | 'blackBox')[]
  because: string
}

/** Exit codes where strangers get in. */
export const open = { refusedAt: 'none', exit: { file: 1, blackBox: 1 } } as const

/** Closed, by a refusal that can only be about the certificate. */
export const closed = { admits: [], exit: { file: 0, blackBox: 0 } } as const

/** Closed, but by an answer that does not say why: without a valid certificate to compare with nobody can know. */
export const closedSilently = {
  admits: [],
  exit: { file: 0, blackBox: 3 },
  unknowable: ['blackBox'],
} as const
