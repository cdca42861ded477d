/**
 * How an origin speaks: what an operator can change while it runs.
 * @module
 */

/** Which server certificate it has. */
export const serverCertificateNames = ['good', 'self-signed', 'expired', 'other-name'] as const

/** TLS of an origin, and whether it speaks without. */
export interface OriginSettings {
  /** `optional`: a missing one is let through, a bad one is not (nginx `ssl_verify_client optional`). */
  clientCertificates: 'off' | 'optional' | 'required'
  /** PEM of the CAs that client certificates are verified against; '' trusts nobody. */
  trust: string
  /** RFC 4514 subject of the one client that is let in, of all that the CAs vouch for; '': all of them. */
  onlySubject: string
  /** IP addresses that are served; all others get 403, whatever they bring. []: all are served. */
  addresses: readonly string[]
  serverCertificate: (typeof serverCertificateNames)[number]
  /** `http-400`: like nginx, after the handshake. `alert`: the handshake fails, in TLS 1.3 after the client's last flight. */
  refusal: 'http-400' | 'alert'
  maxVersion: 'TLSv1.2' | 'TLSv1.3'
  /** `closed`: the plain port hangs up on everybody. */
  plain: 'open' | 'closed'
}

/** Asks for nothing. */
export const defaultSettings: OriginSettings = {
  clientCertificates: 'off',
  trust: '',
  onlySubject: '',
  addresses: [],
  serverCertificate: 'good',
  refusal: 'http-400',
  maxVersion: 'TLSv1.3',
  plain: 'open',
}

/** JSON Schema of a change: any part of the settings. */
export const settingsChangeSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    clientCertificates: { enum: ['off', 'optional', 'required'] },
    trust: { type: 'string', maxLength: 256 * 1024 },
    onlySubject: { type: 'string', maxLength: 1024 },
    addresses: { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 45 } },
    serverCertificate: { enum: serverCertificateNames },
    refusal: { enum: ['http-400', 'alert'] },
    maxVersion: { enum: ['TLSv1.2', 'TLSv1.3'] },
    plain: { enum: ['open', 'closed'] },
  },
} as const
