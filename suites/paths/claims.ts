/**
 * What terminators of TLS tell the next one about a verified client certificate, in the words of each: as a stranger would claim
 * it. Who somebody is stands on their certificate, which is public: the valid one is claimed where there is one.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import type { Identity } from '../../harness/pki/types.ts'
import type { Variant } from './closed.ts'

type Header = [name: string, value: string]

/** Who is claimed. */
interface Claimed {
  name: string
  /** RFC 4514; as OpenSSL writes it in one line. */
  subject: string
  oneLine: string
  serial: string
  /** Hex, lower case. */
  sha1: string
  sha256: string
  /** Absent: nobody in particular. */
  certificate?: { der: string; pem: string }
}

const stranger: Claimed = {
  name: 'admin',
  subject: 'CN=admin,O=harness',
  oneLine: '/O=harness/CN=admin',
  serial: '01',
  sha1: '0'.repeat(40),
  sha256: '0'.repeat(64),
}

function asClaimed({ cert, subject, fingerprint256 }: Identity): Claimed {
  const leaf = new X509Certificate(cert)
  const parts = leaf.subject.split('\n')
  return {
    name: parts.findLast((part) => part.startsWith('CN='))?.slice('CN='.length) ?? stranger.name,
    subject,
    oneLine: `/${parts.join('/')}`,
    serial: leaf.serialNumber,
    sha1: leaf.fingerprint.replaceAll(':', '').toLowerCase(),
    sha256: fingerprint256,
    certificate: { der: leaf.raw.toString('base64'), pem: leaf.toString() },
  }
}

/** How one kind of product writes it. */
interface Words {
  result: string
  subject: keyof Pick<Claimed, 'subject' | 'oneLine'>
  fingerprint: (claimed: Claimed) => string
}

const words: readonly [Words, ...Words[]] = [
  // nginx and its ingress, httpd
  { result: 'SUCCESS', subject: 'subject', fingerprint: ({ sha1 }) => sha1 },
  // HAProxy tells ssl_c_verify, a number: 0 is success.
  { result: '0', subject: 'oneLine', fingerprint: ({ sha1 }) => sha1.toUpperCase() },
  { result: 'SUCCESS', subject: 'subject', fingerprint: ({ sha256 }) => sha256 },
]

/** Headers of everybody’s, but for the certificate itself. */
function told(claimed: Claimed, { result, subject: form, fingerprint }: Words): Header[] {
  const subject = claimed[form]
  return [
    // nginx, httpd, and what is copied from their manuals
    ['X-SSL-Client-Verify', result],
    ['X-SSL-Client-Verified', result],
    ['X-Client-Verify', result],
    ['X-SSL-Client-S-DN', subject],
    ['X-SSL-Client-DN', subject],
    ['X-Client-DN', subject],
    ['X-SSL-Client-CN', claimed.name],
    ['X-Client-CN', claimed.name],
    ['X-SSL-Client-Serial', claimed.serial],
    ['X-SSL-Client-Fingerprint', fingerprint(claimed)],
    ['X-Client-Fingerprint', fingerprint(claimed)],
    // ingress-nginx
    ['ssl-client-verify', result],
    ['ssl-client-subject-dn', subject],
    // HAProxy
    ['X-SSL', '1'],
    ['X-SSL-Client-SHA1', claimed.sha1.toUpperCase()],
    // Envoy
    ['X-Forwarded-Client-Cert', `Hash=${claimed.sha256};Subject="${claimed.subject}"`],
    // AWS load balancers in verify mode
    ['X-Amzn-Mtls-Clientcert-Subject', claimed.subject],
    ['X-Amzn-Mtls-Clientcert-Serial-Number', claimed.serial],
    // Google’s load balancers
    ['X-Client-Cert-Present', 'true'],
    ['X-Client-Cert-Chain-Verified', 'true'],
    // Cloudflare
    ['Cf-Cert-Presented', 'true'],
    ['Cf-Cert-Verified', 'true'],
    ['Cf-Client-Cert-Sha256', claimed.sha256],
  ]
}

/** Headers that carry the certificate: of each product in its own form, and names that are everybody’s in every form. */
function whole({ certificate, sha256, subject }: Claimed): Header[] {
  if (certificate === undefined) return []
  const { der, pem } = certificate
  const encoded = encodeURIComponent(pem)
  const forms = [encoded, der, pem.trim().replaceAll('\n', ' ')]
  return [
    ...forms.flatMap((form) =>
      ['X-SSL-Client-Cert', 'X-Client-Cert', 'ssl-client-cert'].map((name): Header => [name, form]),
    ),
    // Envoy
    ['X-Forwarded-Client-Cert', `Hash=${sha256};Cert="${encoded}";Subject="${subject}"`],
    // AWS, in passthrough and in verify mode; it leaves + = / as they are.
    ...['X-Amzn-Mtls-Clientcert', 'X-Amzn-Mtls-Clientcert-Leaf'].map(
      (name): Header => [name, encoded.replace(/%(?:2B|3D|2F)/g, decodeURIComponent)],
    ),
    // RFC 9440 §2.1: a byte sequence of structured fields
    ['Client-Cert', `:${der}:`],
    // Azure, Traefik, Cloudflare
    ['X-ARR-ClientCert', der],
    ['X-Forwarded-Tls-Client-Cert', der],
    ['Cf-Client-Cert-Der-Base64', der],
  ]
}

/** Characters of certificates in one request, and requests that they may take where certificates are large. */
const room = { characters: 6000, requests: 7 }

/** Parts the headers into requests that no server finds too large; none has a name twice. */
function parted(headers: readonly Header[]): Header[][] {
  const total = headers.reduce((sum, [, value]) => sum + value.length, 0)
  const most = Math.max(room.characters, Math.ceil(total / room.requests))
  const parts: Header[][] = []
  let size = 0
  for (const header of headers) {
    const last = parts.at(-1)
    const [name, { length }] = header
    size += length
    if (last === undefined || size > most || last.some(([known]) => known === name)) {
      parts.push([header])
      size = length
    } else last.push(header)
  }
  return parts
}

const underscored = ([name, value]: Header): Header => [name.replaceAll('-', '_'), value]

/** Requests at most that {@link claimedCertificates} gives. */
export const mostClaims = 24

/** Requests that claim to come from `identity`, else from an admin: spelled with hyphens, and with underscores, which CGI takes for the same. */
export function claimedCertificates(path: string, identity?: Identity): Variant[] {
  const claimed = identity === undefined ? stranger : asClaimed(identity)
  const parts = parted(whole(claimed))
  return Array.from({ length: Math.max(parts.length, words.length) }, (_, index): Variant[] => {
    const part = parts[index] ?? []
    const names = new Set(part.map(([name]) => name))
    const said = told(claimed, words[index % words.length] ?? words[0]).filter(([name]) => !names.has(name))
    const headers = [...part, ...said]
    const as = `as CN=${claimed.name} by ${headers.length} headers`
    return [
      { path, headers, together: as },
      { path, headers: headers.map(underscored), together: `${as} with underscores` },
    ]
  }).flat()
}
