/**
 * The state a lab starts with: what an operator would have set up for the hostnames of `hostnames.ts`.
 * @module
 */
import { emptyAccessObjects } from '../access/initial.ts'
import { readUpload } from '../api/origin-pulls/upload.ts'
import { uploadedCertificate } from '../api/uploaded-certificate.ts'
import {
  type AccountName,
  accounts,
  type ClientCaName,
  type LabHostname,
  labHostnames,
  primary,
  type ZoneName,
  zones,
} from '../hostnames.ts'
import type { LabMaterial } from '../material.ts'
import { clientAuthHeadersId } from '../rules/managed-transforms.ts'
import { hashOf, newId } from './ids.ts'
import { issuerPin } from './issuer-pin.ts'
import { namedOnly } from './named-only.ts'
import type { OriginPulls, PullAssociation, PullCertificate } from './origin-pulls.ts'
import type {
  AccountState,
  ApiCredential,
  ClientCertificate,
  Delays,
  HostnameState,
  LabState,
  Rule,
  Ruleset,
  WorkerRoute,
  ZoneState,
} from './types.ts'

/** Everything takes effect at once, except what a client could not notice otherwise. */
export const noDelays: Delays = {
  deployment: 0,
  deletion: 0,
  revocation: 0,
  sessionRevocation: 0,
  certificateSettings: 0,
}

/** As long as the real edge was seen to take, where that is known (research: deletion about 10 s, logout 20 to 30 s). */
export const realisticDelays: Delays = {
  deployment: 5_000,
  deletion: 10_000,
  revocation: 5_000,
  sessionRevocation: 25_000,
  certificateSettings: 5_000,
}

/** A fresh initial state. */
export function seedState(material: LabMaterial, now: Date, delays: Delays = noDelays): LabState {
  const at = now.toISOString()
  const uploaded = uploadedCertificate(
    { ca: true, certificates: material.clientCas.B.cert, name: 'Partners' },
    at,
  )
  const accountOf = (name: AccountName): AccountState => ({
    ...accounts[name],
    createdOn: at,
    mtlsCertificates: name === 'lab' ? { [uploaded.id]: uploaded } : {},
    access: structuredClone(material.access[name]),
  })
  const zoneOf = (name: ZoneName): ZoneState => seedZone(name, material, uploaded.id, now)
  return {
    schemaVersion: 1,
    accounts: byId([accountOf('lab'), accountOf('neighbour')]),
    zones: byId([zoneOf('lab'), zoneOf('neighbour')]),
    hostnames: Object.fromEntries(labHostnames.map((host) => [host.hostname, hostnameOf(host)])),
    credentials: byId(credentialsOf(material)),
    delays: { ...delays },
  }
}

const byId = <Item extends { id: string }>(items: readonly Item[]): Record<string, Item> =>
  Object.fromEntries(items.map((item) => [item.id, item]))

const hostnameOf = ({ hostname, what, zone = 'lab', origin = 'main' }: LabHostname): HostnameState => ({
  hostname,
  zoneId: zones[zone].id,
  what,
  origin,
})

function credentialsOf({ credentials }: LabMaterial): ApiCredential[] {
  return [
    {
      id: newId(),
      name: 'operator',
      kind: 'token',
      hash: hashOf(credentials.token),
      access: 'edit',
      status: 'active',
    },
    {
      id: newId(),
      name: 'auditor',
      kind: 'token',
      hash: hashOf(credentials.readToken),
      access: 'read',
      status: 'active',
    },
    {
      id: newId(),
      name: 'operator’s global key',
      kind: 'key',
      email: credentials.email,
      hash: hashOf(credentials.key),
      access: 'edit',
      status: 'active',
    },
  ]
}

function seedZone(name: ZoneName, material: LabMaterial, uploadedId: string, now: Date): ZoneState {
  const at = now.toISOString()
  const own = labHostnames.filter(({ zone = 'lab' }) => zone === name)
  const withCa = (ca: ClientCaName): string[] =>
    own.filter(({ mtls }) => mtls?.clientCas.includes(ca) === true).map(({ hostname }) => hostname)
  const rules = own.flatMap((host) => blockRule(host, material, at) ?? [])
  const { account, ...zone } = zones[name]
  return {
    ...zone,
    accountId: accounts[account].id,
    createdOn: at,
    modifiedOn: at,
    settings: {
      ssl: { value: 'strict', modifiedOn: at },
      tls_client_auth: { value: 'off', modifiedOn: null },
    },
    clientCertificates: byId(
      material.issued.filter(({ zone: of }) => of === name).map((issued) => clientCertificate(issued, at)),
    ),
    hostnameAssociations: name === 'lab' ? { managed: withCa('A'), [uploadedId]: withCa('B') } : {},
    rulesets: rules.length === 0 ? {} : { http_request_firewall_custom: ruleset(rules, at) },
    managedRequestHeaders: own.some(({ mtls }) => mtls !== undefined) ? [clientAuthHeadersId] : [],
    originPulls: seedPulls(
      own.filter(({ origin }) => origin === 'guarded').map(({ hostname }) => hostname),
      material,
      now,
    ),
    workerRoutes: name === 'lab' ? byId([reportsRoute()]) : {},
    access: emptyAccessObjects(),
  }
}

/** Something for an audit to look at. */
const reportsRoute = (): WorkerRoute => ({
  id: newId(),
  pattern: `${primary.hostname}/reports/*`,
  script: 'reports',
  failOpen: false,
})

/** The operator's certificate, associated with the hostnames whose origin insists on it. */
function seedPulls(hostnames: readonly string[], { pulls }: LabMaterial, now: Date): OriginPulls {
  const none = { enabled: false, zoneCertificates: {}, hostnameCertificates: {}, associations: {} }
  if (hostnames.length === 0) return none
  const facts = readUpload(pulls.cert, pulls.key, new Set())
  if (typeof facts === 'string') throw new Error(`lab origin-pull certificate: ${facts}`)
  const at = now.toISOString()
  const certificate: PullCertificate = {
    ...facts,
    id: newId(),
    uploadedOn: at,
    updatedAt: at,
    deployedAt: now.getTime(),
    lifecycle: { status: 'active' },
  }
  const associations = hostnames.map((hostname): [string, PullAssociation] => [
    hostname,
    {
      hostname,
      certId: certificate.id,
      enabled: true,
      createdAt: at,
      updatedAt: at,
      lifecycle: { status: 'active' },
    },
  ])
  return {
    ...none,
    hostnameCertificates: { [certificate.id]: certificate },
    associations: Object.fromEntries(associations),
  }
}

function clientCertificate(
  { certificate, csr, revoked }: LabMaterial['issued'][number],
  at: string,
): ClientCertificate {
  return {
    id: newId(),
    certificate,
    csr: csr.replace(/\r?\n/g, '\r\n'),
    validityDays: 90,
    issuedOn: at,
    lifecycle: { status: revoked ? 'revoked' : 'active' },
  }
}

const ruleset = (rules: Rule[], at: string): Ruleset => ({
  id: newId(),
  name: 'default',
  description: '',
  version: 1,
  lastUpdated: at,
  rules,
})

/**
 * The rule that makes a hostname enforce. Where the issuer is not pinned certificates of intermediates pass; on the managed
 * CA another account's certificates pass then too, as on the real edge.
 */
function blockRule(
  { hostname, mtls }: LabHostname,
  { clientCas, identities }: LabMaterial,
  at: string,
): Rule | undefined {
  if (mtls?.mode !== 'enforce') return undefined
  const pin = mtls.pinned === true ? ` or ${issuerPin(mtls.clientCas.map((ca) => clientCas[ca].cert))}` : ''
  const named = mtls.named === undefined ? '' : ` or ${namedOnly(mtls.named.map((name) => identities[name]))}`
  const id = newId()
  return {
    id,
    version: 1,
    ref: id,
    description: `${hostname}: a valid certificate that is not revoked`,
    expression: `(http.host eq "${hostname}" and (not cf.tls_client_auth.cert_verified or cf.tls_client_auth.cert_revoked${pin}${named}))`,
    enabled: true,
    lastUpdated: at,
    action: 'block',
    ...(mtls.refusal === undefined
      ? {}
      : {
          actionParameters: {
            response: {
              status_code: mtls.refusal.status,
              content_type: mtls.refusal.contentType,
              content: mtls.refusal.body.toString('utf8'),
            },
          },
        }),
  }
}
