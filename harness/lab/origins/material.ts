/**
 * Certificates around the origins: those they show, the CA that mode strict trusts, and the client certificate that the
 * edge shares among all accounts.
 * @module
 */
import { createAuthority } from '../../pki/authority.ts'
import { buildCertificate } from '../../pki/certificate.ts'
import { basicConstraints, extendedKeyUsage, keyUsage, subjectAltName } from '../../pki/extensions.ts'
import { generateKey, keyToPem, publicKeyInfo } from '../../pki/keys.ts'
import { encodeName } from '../../pki/names.ts'
import { toPem } from '../../pki/pem.ts'
import type { CertificateAndKey } from '../material.ts'

/** What an origin can show. */
export type OriginServerCertificates = Record<
  'good' | 'selfSigned' | 'expired' | 'otherName',
  CertificateAndKey
>

/** All of it. Holds private keys. */
export interface OriginMaterial {
  origin: OriginServerCertificates
  /** PEM of the CA that signed them. */
  originCa: string
  /** The shared certificate of the global level; `ca` is what an origin trusts for it. */
  sharedPull: CertificateAndKey & { ca: string }
  /**
   * The operator's own origin-pull certificate, for the lab's hostnames. `subject` in
   * RFC 4514; `other`: another client's, of the same CA; `drill`: for the hostname that is drilled, not uploaded yet.
   */
  pulls: CertificateAndKey & {
    ca: string
    subject: string
    other: CertificateAndKey
    drill: CertificateAndKey
  }
}

const day = 86_400_000

/** Makes it, for these names (wildcards allowed). Keys are ECDSA P-256: some milliseconds each. */
export async function createOriginMaterial(hostnames: readonly string[]): Promise<OriginMaterial> {
  const [ca, pullCa, ownCa] = await Promise.all([
    createAuthority({ name: 'CN=Harness Lab Origin CA,O=Harness Lab' }),
    createAuthority({ name: 'CN=origin-pull.cloudflare.net,OU=Origin Pull,O=Harness Lab Edge' }),
    createAuthority({ name: 'CN=Harness Lab Origin Pull CA,O=Harness Lab' }),
  ])
  const subject = `CN=${hostnames[0] ?? 'origin.invalid'}`
  const san = { dns: [...hostnames] }
  const [good, expired, otherName, shared, own, other, drill] = await Promise.all([
    ca.issue({ purpose: 'server', subject, san }),
    ca.issue({
      purpose: 'server',
      subject,
      san,
      notBefore: new Date(Date.now() - 90 * day),
      notAfter: new Date(Date.now() - day),
    }),
    ca.issue({ purpose: 'server', subject: 'CN=other.invalid', san: { dns: ['other.invalid'] } }),
    pullCa.issue({ name: 'origin-pull', subject: 'CN=origin-pull.harness.invalid,O=Harness Lab Edge' }),
    ownCa.issue({ name: 'origin-pull', subject: 'CN=origin-pull.harness.test,O=Harness Lab' }),
    ownCa.issue({ name: 'monitoring', subject: 'CN=monitoring.harness.test,O=Harness Lab' }),
    ownCa.issue({ name: 'drill', subject: 'CN=drill.harness.test,O=Harness Lab' }),
  ])
  return {
    origin: { good, expired, otherName, selfSigned: await selfSigned(subject, hostnames) },
    originCa: ca.cert,
    sharedPull: { cert: shared.cert, key: shared.key, ca: pullCa.cert },
    pulls: {
      cert: own.cert,
      key: own.key,
      ca: ownCa.cert,
      subject: own.subject,
      other: { cert: other.cert, key: other.key },
      drill: { cert: drill.cert, key: drill.key },
    },
  }
}

/** Trusted by nobody, right otherwise. */
async function selfSigned(subject: string, names: readonly string[]): Promise<CertificateAndKey> {
  const key = await generateKey('ecdsa-p256')
  const publicKey = publicKeyInfo(key)
  const name = encodeName(subject)
  const san = subjectAltName({ dns: [...names] })
  const der = buildCertificate({
    subject: name,
    issuer: name,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 90 * day),
    publicKey,
    extensions: [
      basicConstraints(false),
      keyUsage(['digitalSignature']),
      extendedKeyUsage(['serverAuth']),
      ...(san === undefined ? [] : [san]),
    ],
    signer: key,
  })
  return { cert: toPem('CERTIFICATE', der), key: keyToPem(key) }
}
