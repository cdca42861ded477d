/**
 * The deployment file of the lab: its primary hostname, with the others as siblings.
 * @module
 */
import { stringify } from 'yaml'
import {
  type ClientCaName,
  canaryPath,
  deploymentHostnames,
  forwardedHeaders,
  type LabHostname,
  primary,
} from './hostnames.ts'
import type { LabIdentityName, LabMaterial } from './material.ts'

const goodIdentities: Record<ClientCaName, LabIdentityName[]> = {
  A: ['sensor-001', 'sensor-002'],
  B: ['partner-001'],
}

/** Text of `harness.yaml`; paths are relative to it. */
export function deploymentYaml(
  edge: { host: string; port: number; plainPort: number },
  material: LabMaterial,
): string {
  const siblings = deploymentHostnames.filter(({ hostname }) => hostname !== primary.hostname)
  return stringify({
    hostname: primary.hostname,
    connect: `${edge.host}:${edge.port}`,
    trust: './server-ca.pem',
    canary: canaryPath,
    requests: [{ path: '/temps', method: 'GET', allowed: { status: 200, bodyContains: 'celsius' } }],
    mtls: mtlsOf(primary, material),
    siblings: siblings.map((host) => ({ hostname: host.hostname, mtls: mtlsOf(host, material) })),
    ports: { plain: [edge.plainPort] },
  })
}

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
    identities: mtls.clientCas.flatMap((name) =>
      goodIdentities[name].map((identity) => ({
        name: identity,
        cert: file(`${identity}.pem`),
        key: file(`${identity}-key.pem`),
      })),
    ),
    ca: {
      cert: file(`client-ca-${ca.toLowerCase()}.pem`),
      key: file(`client-ca-${ca.toLowerCase()}-key.pem`),
    },
    ...(clientCas[ca].crl === undefined ? {} : { crl: file(`clients-${ca.toLowerCase()}.crl`) }),
    forwarded,
    statusValues: { none: 'none', valid: 'valid', invalid: 'invalid' },
  }
}
