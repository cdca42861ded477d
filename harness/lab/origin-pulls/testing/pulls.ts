/**
 * Origin-pull certificates for tests, and a zone to put them into.
 * @module
 */
import { type Authority, createAuthority } from '../../../pki/authority.ts'
import type { Identity } from '../../../pki/types.ts'
import { emptyAccessObjects } from '../../access/initial.ts'
import { turning } from '../../state/lifecycle.ts'
import type { PullAssociation, PullCertificate, PullStatus } from '../../state/origin-pulls.ts'
import type { SslMode, ZoneState } from '../../state/types.ts'

/** CA of the operator, made once per process. */
export function pullCa(): Promise<Authority> {
  made ??= createAuthority({ name: 'CN=Pull Root,O=Example Inc.' })
  return made
}
let made: Promise<Authority> | undefined

/** A client certificate as the documented set-up makes it. */
export const pullIdentity = async (name: string, more: { notAfter?: Date } = {}): Promise<Identity> =>
  (await pullCa()).issue({ name, subject: `CN=${name}`, ...more })

const at = '2026-01-01T00:00:00.000Z'

/** As it is stored. */
export const pullCertificate = (
  id: string,
  { cert, key }: { cert: string; key: string },
  more: Partial<PullCertificate> = {},
): PullCertificate => ({
  id,
  certificate: cert,
  privateKey: key,
  issuer: 'Example Inc.',
  serialNumber: '1',
  signature: 'ECDSAWithSHA256',
  expiresOn: '2099-01-01T00:00:00.000Z',
  uploadedOn: at,
  updatedAt: at,
  deployedAt: 0,
  lifecycle: { status: 'active' },
  ...more,
})

/** As it is stored. */
export const pullAssociation = (
  hostname: string,
  certId: string,
  more: Partial<PullAssociation> = {},
): PullAssociation => ({
  hostname,
  certId,
  enabled: true,
  createdAt: at,
  updatedAt: at,
  lifecycle: { status: 'active' },
  ...more,
})

/** Deployed at a moment (epoch ms). */
export const deployedFrom = (moment: number): PullCertificate['lifecycle'] =>
  turning<PullStatus>('pending_deployment', 'active', 0, moment)

/** A zone without anything. */
export const emptyZone = (ssl: SslMode = 'full', global: 'on' | 'off' = 'off'): ZoneState => ({
  id: 'd00000000000000000000000000000aa',
  name: 'example.test',
  accountId: 'ac0000000000000000000000000000aa',
  createdOn: at,
  modifiedOn: at,
  settings: {
    ssl: { value: ssl, modifiedOn: null },
    tls_client_auth: { value: global, modifiedOn: null },
  },
  clientCertificates: {},
  hostnameAssociations: {},
  rulesets: {},
  managedRequestHeaders: [],
  originPulls: { enabled: false, zoneCertificates: {}, hostnameCertificates: {}, associations: {} },
  access: emptyAccessObjects(),
})
