/**
 * TLS contexts, one per hostname, made when first needed.
 * @module
 */
import { createHash, randomBytes } from 'node:crypto'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import type { Faults } from '../faults.ts'
import { partner } from '../hostnames.ts'
import type { LabMaterial } from '../material.ts'
import { decoyOf } from './decoy.ts'
import type { EdgeHost } from './hosts.ts'
import { withoutTickets } from './tls-quirks.ts'

/** Contexts of one edge. */
export interface TlsContexts {
  /**
   * The context for a hostname; with `tickets`, one that honours that other hostname's tickets, with `only12` one that does not
   * know TLS 1.3 (faults).
   */
  get(host: EdgeHost, tickets?: EdgeHost, only12?: boolean): SecureContext
  /** Name that begins every ticket of a hostname. */
  ticketName(host: EdgeHost): Buffer
  /** Whether a hostname hands out tickets. */
  issuesTickets(host: EdgeHost): boolean
}

/** OpenSSL's default list without SHA-1, SHA-224 and DSA. */
const signatureAlgorithms = [
  'ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512:ed25519:ed448',
  'rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512',
  'RSA+SHA256:RSA+SHA384:RSA+SHA512',
].join(':')

/** SSL_OP_NO_EXTENDED_MASTER_SECRET of OpenSSL 3, which node:crypto does not name. */
const noExtendedMasterSecret = 1

/** Contexts for these certificates and faults. Ticket keys are fresh, and each hostname has its own. */
export function createTlsContexts(material: LabMaterial, faults: Faults): TlsContexts {
  const contexts = new Map<string, SecureContext>()
  const keys = new Map<string, Buffer>()
  const server = serverCertificate(material, faults)

  const ticketKeys = ({ hostname }: EdgeHost): Buffer => {
    const made = keys.get(hostname) ?? randomBytes(48)
    keys.set(hostname, made)
    return made
  }
  const issuesTickets = (host: EdgeHost): boolean =>
    host.mtls === undefined ||
    faults.has('edge.issues-tickets') ||
    faults.has('edge.long-ticket-lifetime') ||
    faults.has('edge.resumes-without-certificate') ||
    faults.has('edge.resumes-without-certificate-1.2') ||
    faults.has('edge.resumed-identity-of-another') ||
    faults.has('edge.resumes-revoked') ||
    ((faults.has('edge.ticket-across-hosts') || faults.has('edge.ticket-across-hosts-1.2')) &&
      host.hostname === partner.hostname)

  const build = (host: EdgeHost, tickets: EdgeHost | undefined, only12: boolean): SecureContext => {
    const source = tickets ?? host
    const resumes = tickets !== undefined || issuesTickets(host)
    const sha1 = faults.has('edge.offers-sha1') && host.mtls !== undefined
    const context = createSecureContext({
      ...server,
      ...(host.mtls === undefined ? {} : { ca: caNames(host.mtls.named, faults) }),
      minVersion: 'TLSv1.2',
      maxVersion: only12 ? 'TLSv1.2' : 'TLSv1.3',
      ...(host.mtls !== undefined && faults.has('edge.no-extended-master-secret')
        ? { secureOptions: noExtendedMasterSecret }
        : {}),
      sigalgs: sha1 ? `${signatureAlgorithms}:ECDSA+SHA1:RSA+SHA1` : signatureAlgorithms,
      // OpenSSL offers SHA-1 at security level 0 only.
      ...(sha1 ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {}),
      ticketKeys: ticketKeys(source),
      ...(faults.has('edge.long-ticket-lifetime') ? { sessionTimeout: 30 * 86_400 } : {}),
      sessionIdContext: createHash('sha256').update(source.hostname).digest('hex').slice(0, 32),
    })
    if (!resumes) withoutTickets(context)
    return context
  }

  return {
    get(host, tickets, only12 = false) {
      // The CAs can change while the lab runs.
      const key = [host.hostname, tickets?.hostname, only12, ...(host.mtls?.named ?? [])].join(' ')
      const context = contexts.get(key) ?? build(host, tickets, only12)
      if (contexts.size >= 1000) contexts.clear()
      contexts.set(key, context)
      return context
    },
    ticketName: (host) => ticketKeys(host).subarray(0, 16),
    issuesTickets,
  }
}

/** The server certificate, as the faults have it. */
export function serverCertificate({ server }: LabMaterial, faults: Faults): { cert: string; key: string } {
  if (faults.has('edge.server-certificate-expired')) return server.expired
  return faults.has('edge.server-certificate-other-name') ? server.otherName : server.good
}

/** PEM of stand-ins for the CAs that a CertificateRequest names. */
export function caNames(named: readonly string[], faults: Faults): string[] {
  const foreign = faults.has('edge.ca-names-of-system-roots') ? rootCertificates.slice(0, 3) : []
  return [...named, ...foreign].map(decoyOf)
}
