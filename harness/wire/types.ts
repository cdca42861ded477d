/**
 * What a TLS connection looked like from outside, decrypted as far as the key log allows.
 * @module
 */

/** Who sent a message. */
export type Direction = 'client' | 'server'

/** A chunk of bytes as it crossed the socket, in order; `at` is milliseconds since the connection began. */
export interface Chunk {
  from: Direction
  at: number
  bytes: Buffer
}

/** The four content types of TLS records (RFC 8446 §5.1). */
export type ContentType = 'change_cipher_spec' | 'alert' | 'handshake' | 'application_data'

/** A distinguished name as RFC 4514 text with its DER, as found in `certificate_authorities`. */
export interface WireName {
  /** RFC 4514 text, e.g. `CN=Lab Client CA,O=Example`. */
  text: string
  /** DER of the Name, lower-case hex. */
  der: string
}

/** A CertificateRequest: RFC 8446 §4.3.2, RFC 5246 §7.4.4. */
export interface CertificateRequest {
  /** CA names; empty when the server sent none, which is legal and says nothing. */
  caNames: WireName[]
  /** IANA names of the signature schemes offered, e.g. `ecdsa_secp256r1_sha256`; unknown ones as `0x1234`. */
  signatureAlgorithms: string[]
  /** TLS 1.2 only: names of ClientCertificateType, e.g. `rsa_sign`, `ecdsa_sign`. */
  certificateTypes: string[]
  /** TLS 1.3: asked after the handshake; TLS 1.2: asked in a renegotiation. */
  late: boolean
}

/** One certificate seen on the wire. */
export interface WireCertificate {
  /** SHA-256 over the DER, lower-case hex. */
  fingerprint256: string
  /** Length of the DER in bytes. */
  length: number
  /** Subject as RFC 4514 text, or a note that it could not be parsed. */
  subject: string
  issuer: string
}

/** An alert (RFC 8446 §6, RFC 5246 §7.2). */
export interface Alert {
  from: Direction
  at: number
  level: 'warning' | 'fatal' | `unknown (${number})`
  code: number
  /** IANA name, e.g. `certificate_required`; unknown codes as `unknown (200)`. */
  name: string
  encrypted: boolean
}

/** One protocol message, in the order it crossed the wire. */
export interface Message {
  from: Direction
  at: number
  content: ContentType
  /** Field name of the message: `ClientHello`, `Certificate`, `alert certificate_required`, `ChangeCipherSpec`, `ApplicationData`, … */
  name: string
  /** Length of the message body (handshake) or plaintext (others) in bytes. */
  length: number
  /** It crossed the wire encrypted. */
  encrypted: boolean
  /** It was encrypted and no secret was available (or decryption failed): `name` is then a guess from outside. */
  opaque: boolean
  /** The parts worth showing, JSON-serialisable: SNI, ALPN, versions, CA names, … Values never hold a secret. */
  detail: Record<string, unknown>
}

/** Where the server's verdict on the client certificate fell. */
export type VerdictPoint =
  /** No CertificateRequest was seen and nothing was refused. */
  | 'none'
  /** Refused (alert, FIN or RST) before the server's handshake was complete from the client's view. */
  | 'in-handshake'
  /** TLS 1.3: refused after the client had finished, before any application byte came. */
  | 'after-handshake'
  /** Application data came from the server: TLS itself let the connection through. */
  | 'application'

/** A connection, read. */
export interface Transcript {
  /** Negotiated version, or undefined where no ServerHello came. */
  version: 'TLSv1.2' | 'TLSv1.3' | `unknown (${string})` | undefined
  /** IANA cipher suite name. */
  cipher: string | undefined
  serverName: string | undefined
  alpn: string | undefined
  /** A session (1.2) or PSK (1.3) was accepted by the server. */
  resumed: boolean
  messages: Message[]
  /** The first CertificateRequest of the connection, if any. */
  certificateRequest: CertificateRequest | undefined
  /** Every Certificate message of the client: an empty list inside means "Certificate sent, empty". */
  clientCertificates: WireCertificate[][]
  /** The client proved possession (CertificateVerify sent), with its scheme. */
  clientVerify: string | undefined
  serverCertificates: WireCertificate[]
  /** NewSessionTicket messages from the server. */
  tickets: { lifetime: number; maxEarlyData: number | undefined; length: number }[]
  alerts: Alert[]
  verdictPoint: VerdictPoint
  /** What could not be read and why: truncation, oversize, garbage, missing secrets. Empty for a clean read. */
  problems: string[]
}
