/**
 * The client's proof that it holds the key of its certificate (RFC 5246 §7.4.8, RFC 8446 §4.4.3), and what passes for
 * one where there is a hole.
 * @module
 */
import { constants, createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { Cursor } from '../../../wire/bytes.ts'
import type { Version } from '../../faults/possession.ts'
import { alertCodes, FatalAlert } from './flight.ts'
import type { Holes } from './holes.ts'

interface Scheme {
  code: number
  keyType: 'ec' | 'rsa' | 'ed25519'
  hash: string | null
  pss: boolean
  /** Not in TLS 1.3 (RFC 8446 §4.2.3). */
  only12: boolean
}

const scheme = (
  code: number,
  keyType: Scheme['keyType'],
  hash: string | null,
  { pss = false, only12 = false } = {},
): Scheme => ({ code, keyType, hash, pss, only12 })

const schemes: readonly Scheme[] = [
  scheme(0x0403, 'ec', 'sha256'),
  scheme(0x0503, 'ec', 'sha384'),
  scheme(0x0603, 'ec', 'sha512'),
  scheme(0x0807, 'ed25519', null),
  scheme(0x0804, 'rsa', 'sha256', { pss: true }),
  scheme(0x0805, 'rsa', 'sha384', { pss: true }),
  scheme(0x0806, 'rsa', 'sha512', { pss: true }),
  scheme(0x0401, 'rsa', 'sha256', { only12: true }),
  scheme(0x0501, 'rsa', 'sha384', { only12: true }),
  scheme(0x0601, 'rsa', 'sha512', { only12: true }),
]

const sha1Schemes: readonly Scheme[] = [scheme(0x0203, 'ec', 'sha1'), scheme(0x0201, 'rsa', 'sha1')]

/** Codes of the schemes that clients may sign with. */
export const clientSchemes = (version: Version): number[] =>
  schemes.filter(({ only12 }) => version === 'TLSv1.2' || !only12).map(({ code }) => code)

/** The public key of a certificate, or undefined where it cannot be read. */
export function publicKeyOf(der: Buffer): KeyObject | undefined {
  try {
    return new X509Certificate(der).publicKey
  } catch {
    return undefined
  }
}

/** How proofs are judged on one connection. */
export interface ProofRules {
  version: Version
  holes: Holes
  /** Hashes of proofs that were good before, for the hole about replays. */
  seen: Set<string>
}

const mostRemembered = 1000

/** Whether the body of a CertificateVerify is a signature over `content` by the leaf's key. Throws FatalAlert where not. */
export function checkProof(body: Buffer, leaf: Buffer, content: Buffer, rules: ProofRules): void {
  const key = publicKeyOf(leaf)
  if (key === undefined) throw new FatalAlert(alertCodes.badCertificate)
  const { holes, seen } = rules
  if (holes.ignoredProof) return
  const digest = createHash('sha256').update(body).digest('hex')
  if (holes.replayedProof && seen.has(digest)) return
  if (!proves(body, key, content, rules)) throw new FatalAlert(alertCodes.decryptError)
  if (!holes.replayedProof) return
  if (seen.size >= mostRemembered) seen.clear()
  seen.add(digest)
}

/** SEQUENCE { INTEGER 0, INTEGER 0 }. */
const zero = Buffer.from('3006020100020100', 'hex')

function proves(body: Buffer, key: KeyObject, content: Buffer, { version, holes }: ProofRules): boolean {
  const cursor = new Cursor(body, 'CertificateVerify')
  const code = cursor.uint(2)
  const signature = cursor.vector(2)
  cursor.end()
  if (signature.length === 0) return holes.emptyProof
  if (holes.zeroProof && key.asymmetricKeyType === 'ec' && signature.equals(zero)) return true
  const known = [...schemes, ...(holes.sha1Proof ? sha1Schemes : [])]
  const fits = (one: Scheme): boolean =>
    one.keyType === key.asymmetricKeyType && (version === 'TLSv1.2' || !one.only12)
  const used = known.find((one) => fits(one) && (one.code === code || holes.ignoredScheme))
  if (used === undefined) return false
  if (!used.pss) return verify(used.hash, content, key, signature)
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return verify(used.hash, content, { key, padding, saltLength }, signature)
}
