/**
 * Which connections the lenient TLS implementation can serve, and how it opens them (RFC 5246 §7.4.1, RFC 8422).
 * @module
 */

import { extension, handshake, handshakeTypes, uint, vector } from '../../../wire/client/encode.ts'
import type { GroupName } from '../../../wire/client/types.ts'
import type { ClientHello } from '../../../wire/client-hello.ts'
import { suiteCode } from '../../../wire/suites.ts'
import type { Version } from '../../faults/possession.ts'

/** The only cipher suite of TLS 1.2. */
export const suiteName = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'

/** The only cipher suite of TLS 1.3. */
export const suiteName13 = 'TLS_AES_128_GCM_SHA256'

/** How the server signs: ecdsa_secp256r1_sha256. */
export const serverScheme = { name: 'ecdsa_secp256r1_sha256', code: 0x0403 } as const

/** The group for the key exchange, or undefined where none is shared. */
export const groupFor = ({ groups }: Pick<ClientHello, 'groups'>): GroupName | undefined =>
  (['x25519', 'secp256r1'] as const).find((group) => groups.includes(group))

/** The version a hello leads to here: a full handshake with the one suite there is. Undefined: it is for the normal edge. */
export function fitting(hello: ClientHello): Version | undefined {
  const { versions, cipherSuites, signatureSchemes, alpn, sessionTicket = 0, pskIdentities } = hello
  const plain =
    signatureSchemes.includes(serverScheme.name) &&
    (alpn.length === 0 || (alpn.includes('http/1.1') && !alpn.includes('h2')))
  if (!plain) return undefined
  if (versions.includes('TLSv1.3')) {
    const shared = cipherSuites.includes(suiteName13) && shareFor(hello) !== undefined
    return shared && pskIdentities === 0 ? 'TLSv1.3' : undefined
  }
  const only12 = versions.length > 0 && versions.every((version) => version === 'TLSv1.2')
  const shared = cipherSuites.includes(suiteName) && groupFor(hello) !== undefined
  return only12 && shared && sessionTicket === 0 ? 'TLSv1.2' : undefined
}

/** TLS 1.3: the group of a key share that came, or undefined where there is none that is known here. */
export const shareFor = ({ keyShares }: Pick<ClientHello, 'keyShares'>): GroupName | undefined =>
  (['x25519', 'secp256r1'] as const).find((group) => keyShares.includes(group))

/** ServerHello of TLS 1.2, without a session id: nothing can be resumed. */
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
