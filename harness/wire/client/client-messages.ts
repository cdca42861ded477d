/**
 * The messages the client writes that are alike in both versions.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import { suiteCode } from '../suites.ts'
import { extension, handshake, handshakeTypes, uint, vector } from './encode.ts'
import { groupCodes, type KeyShare } from './key-share.ts'
import { type CertificateMutation, oversizedLength, type Script } from './types.ts'

// What servers may sign with; the client does not check it.
const serverSchemes = [0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601]

const list16 = (codes: number[]): Buffer => vector(2, ...codes.map((code) => uint(2, code)))

/** ClientHello for the script's one version. */
export function clientHello(
  script: Script,
  random: Buffer,
  suites: string[],
  shares: KeyShare[],
  sessionId: Buffer,
  { sent = shares, cookie }: { sent?: KeyShare[]; cookie?: Buffer } = {},
): Buffer {
  const is13 = script.version === 'TLSv1.3'
  const { grease = false, padding } = script.hello ?? {}
  const reserved = grease ? [0x0a0a] : []
  const extensions = [
    ...(grease ? [extension(0x1a1a)] : []),
    ...(script.serverName === undefined ? [] : [serverName(script.serverName)]),
    extension(10, list16([...reserved, ...shares.map((share) => groupCodes[share.group])])),
    extension(13, list16([...reserved, ...serverSchemes])),
    ...(script.alpn === undefined
      ? []
      : [extension(16, vector(2, ...script.alpn.map((name) => vector(1, Buffer.from(name)))))]),
    ...(is13 ? extensions13(sent, grease) : extensions12),
    ...(cookie === undefined ? [] : [extension(44, vector(2, cookie))]),
    ...(padding === undefined ? [] : [extension(21, Buffer.alloc(padding))]),
    ...(grease ? [extension(0x2a2a, Buffer.alloc(1))] : []),
  ]
  const suiteCodes = [...reserved, ...suites.map(suiteCode)]
  const body = [
    uint(2, 0x0303),
    random,
    vector(1, sessionId),
    list16(suiteCodes),
    vector(1, uint(1, 0)),
    vector(2, ...extensions),
  ]
  return handshake(handshakeTypes.clientHello, ...body)
}

const serverName = (name: string): Buffer =>
  extension(0, vector(2, uint(1, 0), vector(2, Buffer.from(name, 'latin1'))))

const extensions12 = [
  extension(11, vector(1, uint(1, 0))), // ec_point_formats: uncompressed
  extension(23), // extended_master_secret
  extension(0xff01, vector(1)), // renegotiation_info: first handshake
]

const extensions13 = (shares: KeyShare[], grease: boolean): Buffer[] => [
  extension(43, vector(1, ...(grease ? [uint(2, 0x3a3a)] : []), uint(2, 0x0304))),
  extension(45, vector(1, uint(1, 1))), // psk_dhe_ke: without it some servers send no ticket
  extension(
    51,
    vector(
      2,
      ...(grease ? [Buffer.concat([uint(2, 0x0a0a), vector(2, Buffer.alloc(1))])] : []),
      ...shares.map((share) => Buffer.concat([uint(2, groupCodes[share.group]), vector(2, share.publicKey)])),
    ),
  ),
]

/** DER of each certificate in a PEM text. Throws where one is none. */
export function chainOf(pem: string): Buffer[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block).raw)
}

/** Certificate message; `context` is that of the request (TLS 1.3), undefined in 1.2. */
export function certificate(
  chain: Buffer[],
  context: Buffer | undefined,
  mutation: CertificateMutation | undefined,
): Buffer {
  const entries = entriesOf(chain, mutation)
  // Each entry of 1.3 carries extensions of its own: none.
  const written = entries.map((der) =>
    Buffer.concat([vector(3, der), ...(context === undefined ? [] : [uint(2, 0)])]),
  )
  return handshake(
    handshakeTypes.certificate,
    ...(context === undefined ? [] : [vector(1, context)]),
    vector(3, ...written),
    ...(mutation === 'trailing-bytes' ? [Buffer.alloc(4)] : []),
  )
}

function entriesOf(chain: Buffer[], mutation: CertificateMutation | undefined): Buffer[] {
  const empty = Buffer.alloc(0)
  if (mutation === 'empty-entry') return [empty]
  if (mutation === 'chain-then-empty-entry') return [...chain, empty]
  if (mutation === 'empty-entry-then-chain') return [empty, ...chain]
  const [leaf] = chain
  if (mutation !== 'oversized' || leaf === undefined) return chain
  return [...chain, ...Array<Buffer>(Math.ceil(oversizedLength / leaf.length)).fill(leaf)]
}
