/**
 * The deployment file of the lab: its primary hostname, with the others as siblings, and what is around them.
 * @module
 */
import { stringify } from 'yaml'
import type { LabAddresses } from './files.ts'
import {
  accounts,
  assertedPath,
  type ClientCaName,
  canaryPath,
  deploymentHostnames,
  drilled,
  forwardedHeaders,
  freeHostnames,
  type LabHostname,
  namedCertificate,
  payroll,
  primary,
  staff,
  strongroom,
  teamDomain,
  vault,
  zones,
} from './hostnames.ts'
import type { LabIdentityName, LabMaterial } from './material.ts'
import type { ContainerName } from './origins/containers/types.ts'
import { containerHostname } from './state/seed-containers.ts'

const goodIdentities: Record<ClientCaName, LabIdentityName[]> = {
  A: ['sensor-001', 'sensor-002'],
  B: ['partner-001'],
}

/** The strongroom lets one of them in only. */
const goodAt = (hostname: string, ca: ClientCaName): LabIdentityName[] =>
  goodIdentities[ca].filter((name) => hostname !== strongroom.hostname || name === namedCertificate)

type TokenName = keyof LabMaterial['serviceTokens']

/** Behind Access: the service token that each application accepts, and one of the same team that it does not. */
const tokens: readonly { host: LabHostname; own: TokenName; other: TokenName }[] = [
  { host: staff, own: 'ci', other: 'payroll' },
  { host: payroll, own: 'payroll', other: 'ci' },
  { host: vault, own: 'vault', other: 'ci' },
  { host: strongroom, own: 'vault', other: 'ci' },
]

/** Names of the files beside `harness.yaml` that hold what it refers to. */
export const secretFiles = {
  serviceToken: (name: string): string => `service-token-${name}.secret`,
  apiToken: 'api-token.secret',
  apiWriteToken: 'api-write-token.secret',
  session: 'team-session.secret',
  signingKey: 'team-signing-key.pem',
  pull: { cert: 'edge-pull.pem', key: 'edge-pull-key.pem' },
  drillPull: { cert: 'drill-pull.pem', key: 'drill-pull-key.pem' },
  otherPull: { cert: 'edge-pull-other.pem', key: 'edge-pull-other-key.pem' },
} as const

/** Text of `harness.yaml`; paths are relative to it. No secret is in it. */
export function deploymentYaml(addresses: LabAddresses, material: LabMaterial): string {
  const { edge, origins, api } = addresses
  const siblings = deploymentHostnames.filter(({ hostname }) => hostname !== primary.hostname)
  const described = tokens.map(({ host, own, other }) => ({
    hostname: host.hostname,
    mtls: mtlsOf(host, material),
    access: accessOf(host, { own, other }, addresses, material),
  }))
  const { guarded } = origins
  return stringify({
    hostname: primary.hostname,
    connect: `${edge.host}:${edge.port}`,
    trust: './server-ca.pem',
    canary: canaryPath,
    requests: [{ path: '/temps', method: 'GET', allowed: { status: 200, bodyContains: 'celsius' } }],
    mtls: mtlsOf(primary, material),
    siblings: [
      ...siblings.map((host) => ({ hostname: host.hostname, mtls: mtlsOf(host, material) })),
      ...described,
      // Open on purpose: an operator's playground.
      ...freeHostnames.map(({ hostname }) => ({ hostname, mtls: { mode: 'off' } })),
    ],
    ports: { plain: [edge.plainPort], tls: [edge.otherPort] },
    ...(guarded === undefined ? {} : { origin: originOf(guarded) }),
    ...(api === undefined ? {} : { controlPlane: controlPlaneOf(api), ...drillOf(origins.pulls) }),
  })
}

/** Name of the deployment file of a container. */
export const containerDeployment = (name: ContainerName): string => `${containerHostname(name)}.yaml`

/** Text of the deployment file of an origin in a container: a public hostname, its origin for the edge only. */
export function containerDeploymentYaml(
  { name, host, port, tlsPort }: { name: ContainerName; host: string; port: number; tlsPort: number },
  { edge }: Pick<LabAddresses, 'edge'>,
): string {
  // It is published for this machine alone: that is a list, too.
  const { validates: _, ...origin } = originOf({ host, port, tlsPort })
  return stringify({
    hostname: containerHostname(name),
    connect: `${edge.host}:${edge.port}`,
    trust: './server-ca.pem',
    canary: canaryPath,
    mtls: { mode: 'off' },
    origin,
  })
}

const originOf = ({ host, port, tlsPort }: LabAddresses['origins'][string]): Record<string, unknown> => ({
  address: `${host}:${tlsPort}`,
  tls: true,
  pulls: 'hostname',
  identity: { cert: `./${secretFiles.pull.cert}`, key: `./${secretFiles.pull.key}` },
  otherIdentity: { cert: `./${secretFiles.otherPull.cert}`, key: `./${secretFiles.otherPull.key}` },
  plainPorts: [port],
  allowList: true,
  validates: assertedPath,
})

/** The free hostname behind the origin that can ask the edge for a certificate. */
const drillOf = (pulls: LabAddresses['origins'][string] | undefined): Record<string, unknown> =>
  pulls === undefined
    ? {}
    : {
        drill: {
          hostname: drilled.hostname,
          origin: `${pulls.host}:${pulls.tlsPort}`,
          originMode: 'optional',
          identity: { cert: `./${secretFiles.drillPull.cert}`, key: `./${secretFiles.drillPull.key}` },
          originCommand: `"${process.execPath}" ./${originScript.name}`,
        },
      }

/** Changes how that origin treats client certificates, through the lab's own route. */
export const originScript = {
  name: 'origin-mode.mjs',
  /** @param labURL of the running lab. */
  content: (labURL: string): string => `import { readFileSync } from 'node:fs'
import { request } from 'node:http'
const token = readFileSync(new URL('${secretFiles.apiWriteToken}', import.meta.url), 'utf8').trim()
const headers = { authorization: \`Bearer \${token}\`, 'content-type': 'application/json' }
process.exitCode = 1
request('${labURL}/origins/pulls', { method: 'PATCH', headers }, (response) => {
  process.exitCode = response.resume().statusCode === 200 ? 0 : 1
}).end(JSON.stringify({ clientCertificates: process.env.HARNESS_ORIGIN_MODE }))
`,
}

const controlPlaneOf = ({ baseURL }: { baseURL: string }): Record<string, unknown> => ({
  baseURL,
  zone: zones.lab.id,
  account: accounts.lab.id,
  tokenFile: `./${secretFiles.apiToken}`,
  writeTokenFile: `./${secretFiles.apiWriteToken}`,
})

function accessOf(
  { hostname, mtls }: LabHostname,
  { own, other }: { own: TokenName; other: TokenName },
  { edge, store, session }: LabAddresses,
  { serviceTokens }: LabMaterial,
): Record<string, unknown> {
  const applications = store.state.accounts[accounts.lab.id]?.access.applications ?? {}
  const application = Object.values(applications).find(({ domains }) => domains.includes(hostname))
  const token = (name: TokenName): Record<string, string> => ({
    id: serviceTokens[name].clientId,
    secretFile: `./${secretFiles.serviceToken(name)}`,
  })
  return {
    team: teamDomain,
    connect: `${edge.host}:${edge.port}`,
    ...(application === undefined ? {} : { audience: application.aud }),
    serviceToken: token(own),
    otherServiceToken: token(other),
    ...(session === undefined || mtls !== undefined ? {} : { sessionFile: `./${secretFiles.session}` }),
    signing: { key: `./${secretFiles.signingKey}` },
    // Its jobs are meant to be answered with a session.
    strict: false,
    ...(mtls === undefined ? {} : { with: 'access-and-mtls' }),
    ...(hostname === strongroom.hostname ? { commonNames: [namedCertificate] } : {}),
  }
}

const identityFiles = (name: LabIdentityName): Record<string, string> => ({
  name,
  cert: `./${name}.pem`,
  key: `./${name}-key.pem`,
})

function mtlsOf({ hostname, mtls }: LabHostname, { clientCas }: LabMaterial): Record<string, unknown> {
  if (mtls === undefined) return { mode: 'off' }
  const [ca = 'A'] = mtls.clientCas
  const file = (name: string): string => `./${name}`
  const { presented: _, ...forwarded } = forwardedHeaders
  const { status, contentType } = mtls.refusal ?? { status: 403, contentType: 'text/html' }
  return {
    mode: mtls.mode,
    ...(mtls.mode === 'enforce'
      ? { refusal: { status, contentType, body: file(`refusal-${hostname}`) } }
      : {}),
    ...(mtls.named === undefined ? {} : { commonNames: [...mtls.named] }),
    identities: mtls.clientCas.flatMap((name) => goodAt(hostname, name).map(identityFiles)),
    // Where the rule names its CAs those of other accounts are strangers; elsewhere the managed CA is everybody's.
    ...(mtls.pinned === true ? { strangers: [identityFiles('neighbour-001')] } : {}),
    ...(hostname === primary.hostname ? { publicCertificates: [identityFiles('public-001')] } : {}),
    ca: {
      cert: file(`client-ca-${ca.toLowerCase()}.pem`),
      key: file(`client-ca-${ca.toLowerCase()}-key.pem`),
    },
    ...(clientCas[ca].crl === undefined ? {} : { crl: file(`clients-${ca.toLowerCase()}.crl`) }),
    forwarded,
    statusValues: { none: 'none', valid: 'valid', invalid: 'invalid' },
  }
}
