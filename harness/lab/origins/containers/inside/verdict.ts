/**
 * What a server tells the application about the client's certificate, in the words of each server. Nothing is verified
 * here: an application behind such a server believes it.
 * @module
 */
import { createHash, X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { ClientCertificate } from '../../client-certificate.ts'

type Reader = (header: (name: string) => string) => ClientCertificate | undefined

const none: ClientCertificate = { presented: false, verified: false }

const sha256 = (der: Buffer): string => createHash('sha256').update(der).digest('hex')

function facts(verified: boolean, subject: string, certificate: Buffer | string): ClientCertificate {
  let der: Buffer | undefined
  try {
    der = certificate.length === 0 ? undefined : new X509Certificate(certificate).raw
  } catch {
    // Told in a form that is none: the verdict stands without it.
  }
  return {
    presented: true,
    verified,
    ...(subject === '' ? {} : { subject }),
    ...(der === undefined ? {} : { fingerprint256: sha256(der) }),
  }
}

/** `decodeURIComponent` leaves "+" alone, as it has to be with both nginx and ALB. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** nginx and httpd: NONE, SUCCESS, FAILED:reason (httpd also GENEROUS); httpd writes spaces for the ends of lines. */
const likeOpenSsl: Reader = (header) => {
  const verdict = header('x-ssl-client-verify')
  if (verdict === '') return undefined
  if (verdict === 'NONE') return none
  const text = decoded(header('x-ssl-client-cert'))
  const body = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(text)?.[1] ?? ''
  return facts(verdict === 'SUCCESS', header('x-ssl-client-s-dn'), Buffer.from(body, 'base64'))
}

const readers: Readonly<Record<string, Reader>> = {
  nginx: likeOpenSsl,
  httpd: likeOpenSsl,
  haproxy: (header) => {
    const used = header('x-ssl-client-used')
    if (used === '') return undefined
    if (used !== '1') return none
    const der = Buffer.from(header('x-ssl-client-der'), 'base64')
    return facts(header('x-ssl-client-verify') === '0', header('x-ssl-client-dn'), der)
  },
  // Caddy has no word for the verdict: with verify_if_given and require_and_verify, one that arrives was verified. Without
  // a certificate its placeholders arrive as they stand in the configuration, braces and all.
  caddy: (header) => {
    const fingerprint256 = header('x-tls-client-fingerprint')
    if (fingerprint256 === '') return undefined
    if (!/^[0-9a-f]{64}$/.test(fingerprint256)) return none
    return { presented: true, verified: true, subject: header('x-tls-client-subject'), fingerprint256 }
  },
  alb: (header) => {
    const leaf = header('x-amzn-mtls-clientcert-leaf')
    if (leaf !== '') return facts(true, header('x-amzn-mtls-clientcert-subject'), decoded(leaf))
    const chain = header('x-amzn-mtls-clientcert')
    return chain === '' ? none : facts(false, '', decoded(chain))
  },
}

/** The certificate as a server told it; undefined where it said nothing, as on the plain port. */
export function toldVerdict(server: string, headers: IncomingHttpHeaders): ClientCertificate | undefined {
  const reader = Object.hasOwn(readers, server) ? readers[server] : undefined
  return reader?.((name) => {
    const value = headers[name]
    return typeof value === 'string' && value !== '(null)' ? value : ''
  })
}
