/**
 * An edge that follows the URLs in client certificates (faults). It asks loopback addresses only: whoever sends the lab a
 * certificate does not send it into the network.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import { get } from 'node:http'
import { extensionValue, parseCertificate } from '../../pki/certificate.ts'
import { extensionOids } from '../../pki/oids.ts'
import type { Faults } from '../faults.ts'

const fetching = ['edge.fetches-issuer', 'edge.fetches-crl', 'edge.fetches-ocsp'] as const

/** Requests every URL that the faults follow, and waits for none of them. */
export function followUrls(sent: readonly Buffer[], faults: Faults): void {
  for (const der of sent) for (const url of urlsIn(der, faults)) request(url)
}

/** The URLs of a certificate that an edge with these faults follows. None of a certificate that cannot be read. */
export function urlsIn(der: Buffer, faults: Faults): string[] {
  if (!fetching.some((id) => faults.has(id))) return []
  try {
    const access = new X509Certificate(der).infoAccess ?? ''
    const points = extensionValue(parseCertificate(der), extensionOids.crlDistributionPoints)
    return [
      ...(faults.has('edge.fetches-issuer') ? matches(access, /^CA Issuers - URI:(.+)$/gm) : []),
      ...(faults.has('edge.fetches-ocsp') ? matches(access, /^OCSP - URI:(.+)$/gm) : []),
      ...(faults.has('edge.fetches-crl')
        ? matches(points?.toString('latin1') ?? '', /(http:[\x21-\x7e]+)/g)
        : []),
    ]
  } catch {
    return []
  }
}

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, url]) => (url === undefined ? [] : [url.replaceAll('"', '')]))

function request(url: string): void {
  if (!URL.canParse(url)) return
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'http:' || !/^127(\.\d+){3}$/.test(hostname)) return
  const asked = get(url, { agent: false, timeout: 2_000 }, (answer) => answer.resume())
  asked.on('error', () => {}).on('timeout', () => asked.destroy())
}
