/**
 * Which connections the lenient TLS implementation can serve, and how it opens them (RFC 5246 §7.4.1, RFC 8422).
 * @module
 */

import { extension, handshake, handshakeTypes, uint, vector } from '../../../wire/client/encode.ts'
import type { GroupName } from '../../../wire/client/types.ts'
import type { ClientHello } from '../../../wire/client-hello.ts'
import { suiteCode } from '../../../wire/suites.ts'

/** The only cipher suite. */
export const suiteName = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'

/** How the server signs: ecdsa_secp256r1_sha256. */
export const serverScheme = { name: 'ecdsa_secp256r1_sha256', code: 0x0403 } as const

/** The group for the key exchange, or undefined where none is shared. */
export const groupFor = ({ groups }: Pick<ClientHello, 'groups'>): GroupName | undefined =>
  (['x25519', 'secp256r1'] as const).find((group) => groups.includes(group))

/** TLS 1.2 and nothing else, a full handshake, with the one suite there is. Everything else is for the normal edge. */
export function fits(hello: ClientHello): boolean {
  const { versions, cipherSuites, signatureSchemes, alpn, sessionTicket = 0 } = hello
  return (
    versions.length > 0 &&
    versions.every((version) => version === 'TLSv1.2') &&
    cipherSuites.includes(suiteName) &&
    signatureSchemes.includes(serverScheme.name) &&
    groupFor(hello) !== undefined &&
    sessionTicket === 0 &&
    (alpn.length === 0 || (alpn.includes('http/1.1') && !alpn.includes('h2')))
  )
}

/** ServerHello without a session id: nothing can be resumed. */
export function serverHello(hello: ClientHello, random: Buffer): Buffer {
  const offers = (name: string): boolean => hello.extensions.includes(name)
  const renegotiation =
    offers('renegotiation_info') || hello.cipherSuites.includes('TLS_EMPTY_RENEGOTIATION_INFO_SCSV')
  const extensions = [
    ...(renegotiation ? [extension(0xff01, vector(1))] : []),
    ...(offers('ec_point_formats') ? [extension(11, vector(1, uint(1, 0)))] : []),
    ...(offers('extended_master_secret') ? [extension(23)] : []),
    ...(hello.alpn.length === 0 ? [] : [extension(16, vector(2, vector(1, Buffer.from('http/1.1'))))]),
  ]
  return handshake(
    handshakeTypes.serverHello,
    uint(2, 0x0303),
    random,
    vector(1),
    uint(2, suiteCode(suiteName)),
    uint(1, 0),
    vector(2, ...extensions),
  )
}
