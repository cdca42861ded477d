/**
 * Which headers speak about a client certificate, in every spelling.
 * @module
 */
import { forwardedHeaders } from '../hostnames.ts'

/** How CGI-like applications see a name: case folded, everything but letters and digits the same. */
export const canonicalName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-')

/** Names that edges, proxies and applications use for certificates, beside the deployment's own. */
const prefixes = [
  'cf-cert-',
  'cf-client-cert-',
  'client-cert',
  'x-client-cert',
  'x-client-verify',
  'x-forwarded-client-cert',
  'x-forwarded-tls-client-cert',
  'ssl-client-',
  'x-ssl-client-',
  'x-ssl-cert',
  'x-arr-clientcert',
  'x-amzn-mtls-',
]

const deploymentNames: ReadonlySet<string> = new Set(Object.values(forwardedHeaders).map(canonicalName))

/** Headers the edge itself sets on every request to the origin. */
const edgeNames: ReadonlySet<string> = new Set([
  'cf-ray',
  'cf-connecting-ip',
  'cf-visitor',
  'cf-ipcountry',
  'cf-access-jwt-assertion',
  'cf-access-authenticated-user-email',
  'true-client-ip',
  'x-forwarded-proto',
  'x-forwarded-host',
])

/** The name claims something about a client certificate. */
export function isCertificateHeader(name: string): boolean {
  const canonical = canonicalName(name)
  return deploymentNames.has(canonical) || prefixes.some((prefix) => canonical.startsWith(prefix))
}

/** One of the names this deployment forwards. */
export const isDeploymentHeader = (name: string): boolean => canonicalName(name).startsWith('cf-cert-')

/** The name is the edge's to set. */
export const isEdgeHeader = (name: string): boolean => edgeNames.has(canonicalName(name))

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Headers of one connection (RFC 9110 §7.6.1, RFC 9113 §8.2.2). */
export const isHopByHop = (name: string): boolean => hopByHop.has(name.toLowerCase())
