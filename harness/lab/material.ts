/**
 * Certificates and keys of the lab: made once, used by any number of labs.
 * @module
 */
import { type Authority, createAuthority } from '../pki/authority.ts'
import { randomSerial } from '../pki/certificate.ts'
import type { Identity } from '../pki/types.ts'
import { labHostnames } from './hostnames.ts'

/** A certificate with its key, PEM. */
export interface CertificateAndKey {
  cert: string
  key: string
}

/** Everything a lab needs that takes time to make. Holds private keys: never print it. */
export interface LabMaterial {
  /** PEM of the CA that signs the server certificates. */
  serverCa: string
  server: { good: CertificateAndKey; expired: CertificateAndKey; otherName: CertificateAndKey }
  clientCas: Record<'A' | 'B', CertificateAndKey & { crl: string | undefined }>
  /** By name: `sensor-001` and `sensor-002` of CA A, `partner-001` of CA B, `revoked-001` of CA A, on its CRL. */
  identities: Readonly<Record<LabIdentityName, Identity>>
}

/** Names of the identities of the lab. */
export type LabIdentityName = 'sensor-001' | 'sensor-002' | 'partner-001' | 'revoked-001'

const day = 86_400_000

/** Makes all certificates: ECDSA P-256 throughout, some tens of milliseconds. */
export async function createLabMaterial(): Promise<LabMaterial> {
  const [serverCa, a, b] = await Promise.all([
    createAuthority({ name: 'CN=Harness Lab Server CA,O=Harness Lab' }),
    createAuthority({ name: 'CN=Harness Lab Client CA A,O=Harness Lab' }),
    createAuthority({ name: 'CN=Harness Lab Client CA B,O=Harness Lab Partners' }),
  ])
  const revokedSerial = randomSerial()
  const [server, sensor1, sensor2, partner1, revoked] = await Promise.all([
    serverCertificates(serverCa),
    issue(a, 'sensor-001'),
    issue(a, 'sensor-002'),
    issue(b, 'partner-001'),
    issue(a, 'revoked-001', revokedSerial),
  ])
  return {
    serverCa: serverCa.cert,
    server,
    clientCas: {
      A: { cert: a.cert, key: a.key, crl: await a.crl({ revoked: [{ serial: revokedSerial }] }) },
      B: { cert: b.cert, key: b.key, crl: undefined },
    },
    identities: {
      'sensor-001': sensor1,
      'sensor-002': sensor2,
      'partner-001': partner1,
      'revoked-001': revoked,
    },
  }
}

function issue(authority: Authority, name: LabIdentityName, serial?: string): Promise<Identity> {
  return authority.issue({
    name,
    subject: `CN=${name},OU=Devices,O=Harness Lab`,
    san: { dns: [`${name}.devices.harness.test`] },
    ...(serial === undefined ? {} : { serial }),
  })
}

/** The good one has every hostname and the wildcard: sharing one certificate is what makes SNI and Host worth comparing. */
async function serverCertificates(ca: Authority): Promise<LabMaterial['server']> {
  const dns = [...labHostnames.map(({ hostname }) => hostname), '*.harness.test']
  const [good, expired, otherName] = await Promise.all([
    ca.issue({ purpose: 'server', subject: 'CN=*.harness.test', san: { dns } }),
    ca.issue({
      purpose: 'server',
      subject: 'CN=*.harness.test',
      san: { dns },
      notBefore: new Date(Date.now() - 90 * day),
      notAfter: new Date(Date.now() - day),
    }),
    ca.issue({ purpose: 'server', subject: 'CN=other.invalid', san: { dns: ['other.invalid'] } }),
  ])
  return { good, expired, otherName }
}
