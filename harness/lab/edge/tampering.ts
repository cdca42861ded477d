/**
 * Tells a tampered certificate from an impostor's: both carry a signature the CA never made, but undoing one changed bit
 * makes the tampered one genuine again. Needed only where a fault accepts one and must go on refusing the other.
 * @module
 */
import { children, expectTag, readWhole } from '../../pki/der/read.ts'
import { type Certificate, signatureVerifies } from './certificate.ts'

/** Where a bit was changed; `no` when the certificate is not one bit away from a genuine one. */
export type Tampering = 'signature' | 'tbs' | 'no'

const remembered = new Map<string, Tampering>()

/** Searches the signature and the serial number for one changed bit: at most some hundred verifications, remembered. */
export function tamperingOf(certificate: Certificate, issuer: Certificate): Tampering {
  const key = `${certificate.facts.fingerprint256} ${issuer.facts.fingerprint256}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  const found = search(certificate, issuer)
  if (remembered.size > 1000) remembered.clear()
  remembered.set(key, found)
  return found
}

function search({ der }: Certificate, issuer: Certificate): Tampering {
  const [tbs, , signature] = children(readWhole(der))
  const serial = children(expectTag(tbs, 0x30)).find(({ tag }) => tag === 0x02)
  if (serial !== undefined && genuineWithOneBit(der, serial.body, issuer)) return 'tbs'
  return signature !== undefined && genuineWithOneBit(der, signature.body, issuer) ? 'signature' : 'no'
}

/** `region` is a slice of `der`, so that flipping a bit of it can be found again in a copy. */
function genuineWithOneBit(der: Buffer, region: Buffer, issuer: Certificate): boolean {
  const start = region.byteOffset - der.byteOffset
  for (let at = start + region.length - 1; at >= start; at--) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      const copy = Buffer.from(der)
      copy[at] = (copy[at] ?? 0) ^ bit
      if (issuer.publicKey !== undefined && signatureVerifies(copy, issuer.publicKey)) return true
    }
  }
  return false
}
