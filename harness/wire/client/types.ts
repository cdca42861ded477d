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
  /** Not sent at all, nor CertificateVerify, although the server asked. */
  | 'omitted'
  /** The true chain, then four bytes that belong to nothing. */
  | 'trailing-bytes'
  /** The true chain, then copies of its first certificate, {@link oversizedLength} bytes in all. */
  | 'oversized'

/** How the CertificateVerify message is made. */
export type VerifyMutation =
  /** Not sent at all. */
  | 'omitted'
  /** A correct signature, by a fresh key of the same type: the certificate was copied, its key was not. */
  | 'other-key'
  /** The last bit of the true signature is inverted. */
  | 'bit-flipped'
  /** The true signature without its last byte. */
  | 'truncated'
  /** The true signature with one byte of zero behind it. */
  | 'padded'
  /** A signature of no bytes. */
  | 'empty'
  /** 65,535 bytes in place of a signature: as long as its length field can say. */
  | 'longest'
  /** ECDSA with r = s = 0 (CVE-2022-21449); for other keys as many zero bytes as a signature has. */
  | 'zero'
  /** The true signature, said to be of a scheme that another type of key has. */
  | 'wrong-scheme'
  /** A true signature by a scheme with SHA-1, whatever was offered. */
  | 'sha1'
  /** A true signature over what the server's would cover: the context string of TLS 1.3, the transcript without the last message in 1.2. */
  | 'other-context'
  /** The body of a CertificateVerify that a connection sent before: {@link ScriptResult.proof}. */
  | { replayed: Buffer }

/** What happens to our Finished. */
export type FinishedMutation =
  /** The request goes out in its place, as application data under the keys there are by then. */
  'data-instead'

/** Everything the script does otherwise than an honest client. */
export interface Mutation {
  certificate?: CertificateMutation
  certificateVerify?: VerifyMutation
  finished?: FinishedMutation
}

/** How our bytes are cut up on their way. Legal, if unusual: every server has to put them together again. */
export interface Delivery {
  /** Most bytes of a handshake message in one record. */
  recordBytes?: number
  /** Most bytes of the stream in one write. */
  segmentBytes?: number
  /** Milliseconds between two writes. */
  delay?: number
  /** Default: the ClientHello alone. */
  all?: boolean
}

/** What is unusual about the ClientHello, and legal. */
export interface HelloShape {
  /** Bytes of padding (RFC 7685). */
  padding?: number
  /** Reserved values among suites, groups, schemes and extensions (RFC 8701). */
  grease?: boolean
  /** `legacy_record_version` of its records; default 0x0303. RFC 8446 §5.1: 0x0301 is usual, others are to be ignored. */
  recordVersion?: number
  /** TLS 1.3: groups that a key share is sent for; default: all of them. None: the server has to ask again. */
  keyShares?: GroupName[]
}

/** Length of an `oversized` Certificate message, in bytes. OpenSSL and BoringSSL read 100 KiB at most. */
export const oversizedLength = 200_000

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
  delivery?: Delivery
  hello?: HelloShape
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
  /** Body of the CertificateVerify that we sent, for {@link VerifyMutation} `replayed`. It proves nothing to anybody else. */
  proof: Buffer | undefined
  /** The server asked for another ClientHello (HelloRetryRequest). */
  retried: boolean
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
