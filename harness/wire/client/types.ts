/**
 * A TLS client that follows a script, message by message, honest or with one deliberate fault. It exists for what
 * OpenSSL refuses to send. It does not authenticate the server and must never carry anything worth protecting.
 * @module
 */
import type { Chunk } from '../types.ts'

/** How the Certificate message is made. */
export type CertificateMutation =
  /** One entry, of length zero. RFC 8446 §4.4.2 and RFC 5246 §7.4.2 demand at least one byte. */
  | 'empty-entry'
  /** The true chain, then an entry of length zero. */
  | 'chain-then-empty-entry'
  /** An entry of length zero, then the true chain. */
  | 'empty-entry-then-chain'

/** How the CertificateVerify message is made. */
export type VerifyMutation =
  /** Not sent at all. */
  | 'omitted'
  /** A correct signature, by a fresh key of the same type: the certificate was copied, its key was not. */
  | 'other-key'
  /** The last bit of the true signature is inverted. */
  | 'bit-flipped'

/** Everything the script does otherwise than an honest client. */
export interface Mutation {
  certificate?: CertificateMutation
  certificateVerify?: VerifyMutation
}

/** A connection to make. */
export interface Script {
  host: string
  port: number
  /** SNI; absent: none is sent. */
  serverName?: string
  version: 'TLSv1.2' | 'TLSv1.3'
  /** Leaf first, PEM; the key unencrypted PKCS#8 PEM: ECDSA P-256/384/521, RSA or Ed25519. */
  identity?: { cert: string; key: string }
  alpn?: string[]
  /** Cipher suites by IANA name, in order; default: all that {@link suites12} or {@link suites13} name. */
  cipherSuites?: string[]
  /** Default: X25519, then P-256. */
  groups?: GroupName[]
  mutate?: Mutation
  /** Sent as application data once our Finished is out. */
  request: Buffer
  /** Milliseconds for all of it; default 5000. */
  deadline?: number
  /** Ends the script at once, as the deadline does. */
  signal?: AbortSignal
  /** Ends the reading as soon as it says so; default: read until the server closes or the deadline comes. */
  done?: (response: Buffer) => boolean
}

export type GroupName = 'x25519' | 'secp256r1'

/** How the script came to its end. */
export type ScriptEnd =
  /** The server ended the connection (close_notify, FIN or RST). */
  | 'closed'
  /** The server sent a fatal alert. */
  | 'alert'
  /** {@link Script.done} said so. */
  | 'done'
  /** {@link Script.deadline} came, or {@link Script.signal} fired. */
  | 'deadline'
  /** No TCP connection. */
  | 'unreachable'
  /** The server did what this client does not follow; `reason` says what. */
  | 'unsupported'

/** What happened. `readTranscript(result)` reads the connection. */
export interface ScriptResult {
  chunks: Chunk[]
  dropped: number
  keylog: string[]
  closedBy: 'fin' | 'rst' | undefined
  closedAt: number | undefined
  /** Application data from the server, at most 1 MiB. */
  response: Buffer
  /** The server asked for a certificate. */
  asked: boolean
  /** Both Finished messages were exchanged and the server's was right. */
  handshake: boolean
  end: ScriptEnd
  reason: string
}

/** TLS 1.3 suites this client can follow. */
export const suites13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']

/** TLS 1.2 suites this client can follow. */
export const suites12 = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
]
