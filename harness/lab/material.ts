/**
 * Certificates and keys of the lab: made once, used by any number of labs.
 * @module
 */

import { randomBytes } from 'node:crypto'
import { type Authority, createAuthority } from '../pki/authority.ts'
import { parseCertificate, randomSerial } from '../pki/certificate.ts'
import { buildCsr } from '../pki/csr.ts'
import { readPrivateKey } from '../pki/keys.ts'
import { certificatesIn } from '../pki/pem.ts'
import type { Identity } from '../pki/types.ts'
import { createAccessState } from './access/initial.ts'
import { newClientSecret } from './api/access/client-secret.ts'
import {
  type AccountName,
  accounts,
  type ClientCaName,
  labHostnames,
  teamDomain,
  transferDomain,
  type ZoneName,
} from './hostnames.ts'
import { createOriginMaterial, type OriginMaterial } from './origins/material.ts'
import type { AccessState } from './state/access-types.ts'
import { newId, newUuid } from './state/ids.ts'

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
  /** A is the managed CA of the operator's account; its CRL lists what was revoked through the API at the start. */
  clientCas: Record<ClientCaName, CertificateAndKey & { crl: string | undefined }>
  /** PEM of a CA that stands for those of the system's trust store. */
  publicCa: string
  /** The managed CA of each account, by account id. They are verified against together: the managed CA is shared. */
  managedCas: Readonly<Record<string, CertificateAndKey>>
  /**
   * By name: `sensor-001` and `sensor-002` of CA A, `partner-001` of CA B, `revoked-001` of CA A, revoked,
   * `neighbour-001` of the other account's managed CA, `public-001` of {@link LabMaterial.publicCa}.
   */
  identities: Readonly<Record<LabIdentityName, Identity>>
  /** What the managed CAs have issued at the start. */
  issued: readonly { zone: ZoneName; certificate: string; csr: string; revoked: boolean }[]
  /** Around the origins. */
  origin: OriginMaterial['origin']
  originCa: string
  sharedPull: OriginMaterial['sharedPull']
  pulls: OriginMaterial['pulls']
  /** Of the control plane. */
  credentials: { token: string; readToken: string; email: string; key: string }
  /** Of Access, with their secrets. */
  serviceTokens: Record<'ci' | 'payroll' | 'vault', { id: string; clientId: string; secret: string }>
  /** Access at the start: the keys take time to make. */
  access: Readonly<Record<AccountName, AccessState>>
}

/** Names of the identities of the lab. */
export type LabIdentityName =
  | 'sensor-001'
  | 'sensor-002'
  | 'partner-001'
  | 'revoked-001'
  | 'neighbour-001'
  | 'public-001'

const day = 86_400_000

/** Makes all certificates and keys: some hundreds of milliseconds. */
export async function createLabMaterial(): Promise<LabMaterial> {
  const now = Date.now()
  const names = [...labHostnames.map(({ hostname }) => hostname), '*.harness.test', '*.neighbour.test']
  const [originMaterial, serverCa, a, b, neighbour, publicCa, labAccess, neighbourAccess] = await Promise.all(
    [
      createOriginMaterial(names),
      createAuthority({ name: 'CN=Harness Lab Server CA,O=Harness Lab' }),
      createAuthority({ name: 'CN=Harness Lab Client CA A,O=Harness Lab' }),
      createAuthority({ name: 'CN=Harness Lab Client CA B,O=Harness Lab Partners' }),
      createAuthority({ name: 'CN=Harness Lab Client CA N,O=Neighbour' }),
      createAuthority({ name: 'CN=Harness Lab Public CA,O=Everybody' }),
      createAccessState({ authDomain: teamDomain, name: 'Harness Lab', now }),
      createAccessState({ authDomain: 'neighbour.cloudflareaccess.com', name: 'Neighbour', now }),
    ],
  )
  const revokedSerial = randomSerial()
  const [server, sensor1, sensor2, partner1, revoked, neighbour1, public1] = await Promise.all([
    serverCertificates(serverCa, names),
    issue(a, 'sensor-001'),
    issue(a, 'sensor-002'),
    issue(b, 'partner-001'),
    issue(a, 'revoked-001', revokedSerial),
    issue(neighbour, 'neighbour-001'),
    issue(publicCa, 'public-001'),
  ])
  const issued = (identity: Identity, zone: ZoneName, isRevoked = false): LabMaterial['issued'][number] => ({
    zone,
    certificate: identity.cert,
    csr: csrOf(identity),
    revoked: isRevoked,
  })
  return {
    serverCa: serverCa.cert,
    ...originMaterial,
    server,
    clientCas: {
      A: { cert: a.cert, key: a.key, crl: await a.crl({ revoked: [{ serial: revokedSerial }] }) },
      B: { cert: b.cert, key: b.key, crl: undefined },
    },
    publicCa: publicCa.cert,
    managedCas: {
      [accounts.lab.id]: { cert: a.cert, key: a.key },
      [accounts.neighbour.id]: { cert: neighbour.cert, key: neighbour.key },
    },
    identities: {
      'sensor-001': sensor1,
      'sensor-002': sensor2,
      'partner-001': partner1,
      'revoked-001': revoked,
      'neighbour-001': neighbour1,
      'public-001': public1,
    },
    issued: [
      issued(sensor1, 'lab'),
      issued(sensor2, 'lab'),
      issued(revoked, 'lab', true),
      issued(neighbour1, 'neighbour'),
    ],
    credentials: {
      token: randomBytes(30).toString('base64url'),
      readToken: randomBytes(30).toString('base64url'),
      email: 'operator@harness.test',
      key: randomBytes(19).toString('hex').slice(0, 37),
    },
    serviceTokens: { ci: newServiceToken(), payroll: newServiceToken(), vault: newServiceToken() },
    access: { lab: labAccess, neighbour: neighbourAccess },
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

function newServiceToken(): LabMaterial['serviceTokens']['ci'] {
  return { id: newUuid(), clientId: `${newId()}.access`, secret: newClientSecret() }
}

/** The request that led to an identity. */
function csrOf({ cert, key, name }: Identity): string {
  const [der] = certificatesIn(cert)
  if (der === undefined) throw new Error(`lab identity ${name}: no certificate`)
  return buildCsr(parseCertificate(der).subject, readPrivateKey(key))
}

/** The good one has every hostname and the wildcard: sharing one certificate is what makes SNI and Host worth comparing. */
async function serverCertificates(ca: Authority, names: readonly string[]): Promise<LabMaterial['server']> {
  const dns = [...names, teamDomain, 'neighbour.cloudflareaccess.com', transferDomain]
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
