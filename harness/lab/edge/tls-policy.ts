/**
 * Per hostname: how TLS is terminated, and what a finished handshake says about the client.
 * @module
 */
import type { TLSSocket } from 'node:tls'
import { subjectsDer } from '../../pki/subject.ts'
import type { ClientHello } from '../../wire/hello.ts'
import type { FaultId, Faults } from '../faults.ts'
import { partner, primary, www } from '../hostnames.ts'
import type { LabMaterial } from '../material.ts'
import { type Certificate, readCertificate, readTrusted, sameCertificate } from './certificate.ts'
import { followUrls } from './certificate-urls.ts'
import type { HostChoice } from './choose-host.ts'
import type { Connection } from './connection.ts'
import type { EdgeHost, EdgeMtls, Hosts } from './hosts.ts'
import type { LenientTerms } from './lenient-tls/lenient-tls.ts'
import { sentCertificates, type TlsTerms } from './terminate.ts'
import { caNames, createTlsContexts, serverCertificate } from './tls-contexts.ts'
import { judge, noCertificate, type Verdict } from './verdict.ts'

/** Terms of one connection. */
export interface HostTerms extends TlsTerms {
  /** A ticket of another hostname is honoured (a fault). */
  foreignTicket: boolean
}

/** The TLS side of an edge. */
export interface TlsPolicy {
  terms(host: EdgeHost, first: { hello: ClientHello; bytes: Buffer }): HostTerms
  connection(tls: TLSSocket, choice: HostChoice & { kind: 'serve' }, terms: HostTerms): Connection
  /** For a handshake that OpenSSL has no part in (a fault). */
  lenient(host: EdgeHost): LenientTerms
}

const maxRemembered = 1000

/**
 * Makes the policy. Nothing expensive happens before the first connection.
 * @param now epoch milliseconds of the lab's clock: certificates are issued by it too.
 */
export function createTlsPolicy(
  material: LabMaterial,
  hosts: Hosts,
  faults: Faults,
  now: () => number,
  onCertificate: (leaf: Buffer) => void = () => undefined,
): TlsPolicy {
  const contexts = createTlsContexts(material, faults)
  /** What a full handshake sent, by leaf: a resumed session keeps the leaf only. */
  const chains = new Map<string, Buffer[]>()
  /** The clients of the last full handshakes, two different ones at most, latest last. */
  let latest: Certificate[] = []
  /** Proofs that were good once (a fault). */
  const seenProofs = new Set<string>()

  const presented = (tls: TLSSocket, resumed: boolean): Buffer[] => {
    const sent = sentCertificates(tls)
    const key = sent[0]?.toString('base64') ?? ''
    if (resumed) return chains.get(key) ?? sent
    if (sent[0] !== undefined) onCertificate(sent[0])
    if (chains.size >= maxRemembered) chains.clear()
    if (sent.length > 1) chains.set(key, sent)
    return sent
  }

  return {
    terms(host, { hello, bytes }) {
      const version = hello.versions.includes('TLSv1.3') ? '1.3' : '1.2'
      const tickets = foreignTickets(host, version, hosts, faults).find((other) =>
        bytes.includes(contexts.ticketName(other)),
      )
      return {
        context: contexts.get(host, tickets, version === '1.2' && faults.has('edge.no-downgrade-sentinel')),
        requestCertificate: asks(host, version, faults),
        foreignTicket: tickets !== undefined,
      }
    },
    connection(tls, { host, loose, originHostname }, { foreignTicket }) {
      const resumed = tls.isSessionReused()
      const version = tls.getProtocol() === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.3'
      const { mtls } = host
      const sent = mtls === undefined ? [] : presented(tls, resumed)
      followUrls(sent, faults)
      const judged = (current: EdgeHost): Verdict => {
        const verdict = judgeFor(current, sent, { faults, hosts, material, now: now() })
        if (!resumed || current.mtls === undefined) return verdict
        return mistaken(verdict, { version, foreignTicket, latest, faults })
      }
      if (!resumed && sent[0] !== undefined && mtls !== undefined) {
        const leaf = readCertificate(sent[0])
        if (typeof leaf !== 'string')
          latest = [...latest.filter((one) => !sameCertificate(one, leaf)), leaf].slice(-2)
      }
      return {
        transport: 'tls',
        host,
        loose,
        originHostname,
        version,
        remoteAddress: tls.remoteAddress ?? '',
        requests: 0,
        verdict: untilItChanges(judged, now),
      }
    },
    lenient(host) {
      const { mtls } = host
      const names = mtls === undefined ? [] : caNames(mtls.named, faults).flatMap(subjectsDer)
      return {
        server: {
          ...serverCertificate(material, faults),
          caNames: names.map((name) => Buffer.from(name, 'hex')),
          seenProofs,
        },
        judge: (sent) =>
          untilItChanges((current) => judgeFor(current, sent, { faults, hosts, material, now: now() }), now),
      }
    },
  }
}

function judgeFor(
  { hostname, mtls }: EdgeHost,
  sent: readonly Buffer[],
  { faults, hosts, material, now }: { faults: Faults; hosts: Hosts; material: LabMaterial; now: number },
): Verdict {
  if (mtls === undefined) return noCertificate
  const verdict = judge(sent, mtls, faults, new Date(now))
  if (verdict.status !== 'invalid' || hostname !== primary.hostname) return verdict
  const partners = faults.has('edge.accepts-sibling-ca') ? hosts.byName(partner.hostname)?.mtls : undefined
  const everybody = faults.has('edge.trusts-system-roots') ? systemStore(mtls, material) : undefined
  const others = [partners, everybody].flatMap((other) =>
    other === undefined ? [] : [judge(sent, other, faults, new Date(now))],
  )
  return others.find(({ status }) => status === 'valid') ?? verdict
}

/** Trust as it is where the system's store has taken the place of the hostname's (a fault). */
const systemStore = (mtls: EdgeMtls, { publicCa }: LabMaterial): EdgeMtls => ({
  ...mtls,
  trust: { anchors: readTrusted(publicCa), lists: [] },
})

/** The certificates do not change during a connection; time can change the verdict, and what holds for the hostname. */
function untilItChanges(judged: (host: EdgeHost) => Verdict, now: () => number): (host: EdgeHost) => Verdict {
  let last: { host: EdgeHost; verdict: Verdict } | undefined
  return (host) => {
    const until = last?.verdict.until
    if (last === undefined || last.host !== host || (until !== undefined && until.getTime() <= now()))
      last = { host, verdict: judged(host) }
    return last.verdict
  }
}

/** Hostnames whose tickets a fault honours on `host`. */
function foreignTickets(
  { hostname, mtls }: EdgeHost,
  version: '1.2' | '1.3',
  hosts: Hosts,
  faults: Faults,
): EdgeHost[] {
  const across: FaultId = version === '1.3' ? 'edge.ticket-across-hosts' : 'edge.ticket-across-hosts-1.2'
  const names = [
    ...(mtls !== undefined && faults.has('edge.ticket-from-public-host') ? [www.hostname] : []),
    ...(hostname === primary.hostname && faults.has(across) ? [partner.hostname] : []),
  ]
  return names.flatMap((name) => hosts.byName(name) ?? [])
}

/** Asked for where mTLS is associated; the fault bears on enforce mode only. */
function asks({ mtls }: EdgeHost, version: '1.2' | '1.3', faults: Faults): boolean {
  if (mtls === undefined) return false
  return mtls.mode === 'report' || !faults.has(`edge.no-certificate-request-${version}`)
}

/** What faults take a resumed session for. */
function mistaken(
  verdict: Verdict,
  session: {
    version: 'TLSv1.2' | 'TLSv1.3'
    foreignTicket: boolean
    latest: readonly Certificate[]
    faults: Faults
  },
): Verdict {
  const { version, foreignTicket, latest, faults } = session
  const fault: FaultId =
    version === 'TLSv1.3' ? 'edge.resumes-without-certificate' : 'edge.resumes-without-certificate-1.2'
  const forgetful = verdict.status === 'none' && faults.has(fault)
  const { identity: own } = verdict
  const another = latest.findLast((one) => own === undefined || !sameCertificate(one, own))
  if (verdict.revoked && faults.has('edge.resumes-revoked'))
    return { ...verdict, status: 'valid', revoked: false, reason: undefined }
  const identity = faults.has('edge.resumed-identity-of-another') ? (another ?? own) : own
  return { ...verdict, identity, status: foreignTicket || forgetful ? 'valid' : verdict.status }
}
