/**
 * What a hostname shows about client certificates before any check runs: asked or not, required or not, enforced
 * or not, per TLS version. Two different questions (measured.md): "required" is about TLS, "enforced" about the
 * application.
 * @module
 */

import { X509Certificate } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { ClientCertificatePolicy, Facts } from '../../reports/types.ts'
import { mintSource } from '../deployment/mint-source.ts'
import { proofOf } from '../deployment/proof.ts'
import { asDeclaredRefusal, isDeclaredRefusal } from '../deployment/refusal.ts'
import type { Deployment } from '../deployment/types.ts'
import { createMint } from '../pki/mint.ts'
import { attempt } from '../probe/attempt.ts'
import { asWayIn, behindRefusal, type Comparison } from '../probe/behind-refusal.ts'
import { lateText } from '../probe/judge.ts'
import { nowhere } from '../probe/nowhere.ts'
import type { Attempt, Outcome } from '../probe/types.ts'
import type { WireName } from '../wire/types.ts'
import { explorationLimit, explore } from './explore.ts'
import { observeAccess } from './observe-access.ts'

type Version = 'TLSv1.2' | 'TLSv1.3'
const versions: readonly Version[] = ['TLSv1.2', 'TLSv1.3']

/** Facts, and what later stages need beside them. */
export interface Observation {
  facts: Facts
  /** CA names with their DER, for impostors. */
  caNames: WireName[]
  /** Some attempt got an answer that could be judged: a refusal in TLS, or HTTP of any kind. */
  reachable: boolean
  /** Why not, when not. */
  unreachable: string
  connections: number
}

/** Connections that {@link observe} makes at most. */
export const observationLimit = (deployment: Deployment): number =>
  20 + Math.min(deployment.target.requests.length, mostRequests) + explorationLimit(deployment)

/**
 * Looks at the deployment's hostname, at most {@link observationLimit} times, once of these with a valid identity. `known`: the
 * addresses of the hostname, where they are known already.
 */
export async function observe(
  deployment: Deployment,
  signal?: AbortSignal,
  known?: readonly string[],
): Promise<Observation> {
  const { target } = deployment
  let connections = 0
  let alpn: Pick<Attempt, 'alpn'> = {}
  const probe = (extra: Partial<Attempt>): Promise<Outcome> => {
    connections += 1
    return attempt({
      endpoint: target,
      proof: proofOf(target),
      deadline: deployment.deadline,
      ...alpn,
      ...(signal === undefined ? {} : { signal }),
      ...extra,
    }).then((outcome) => asDeclaredRefusal(outcome, target.mtls))
  }
  const addresses = known === undefined ? await resolve(target.address ?? target.hostname) : [...known]
  const plain = (): Promise<Outcome[]> => Promise.all(versions.map((version) => probe({ version })))
  const [first, h2] = await Promise.all([plain(), probe({ alpn: 'h2' })])
  const onlyHttp2 = first.some(isAlpnRefusal) && !isAlpnRefusal(h2)
  if (onlyHttp2) alpn = { alpn: 'h2' }
  const [none12 = h2, none13 = h2] = onlyHttp2 ? await plain() : first
  const none: Record<Version, Outcome> = { 'TLSv1.2': none12, 'TLSv1.3': none13 }
  const policies = { 'TLSv1.2': policyOf(none12), 'TLSv1.3': policyOf(none13) }
  const heard = [none12, none13, h2].filter(
    (one) => one.transcript !== undefined && one.transcript.messages.length > 1,
  )
  const requests = heard.flatMap(({ transcript }) => transcript?.certificateRequest ?? [])
  const caNames = unique(requests.flatMap((request) => request.caNames))
  const mint = createMint(mintSource(target, caNames))
  const spoken = versions.filter(
    (version) => policies[version] !== 'unsupported' && policies[version] !== 'unknown',
  )
  // A version that began and gave no verdict is no proof of anything: it counts, and leaves the question open.
  const begun = versions.filter((version) => policies[version] !== 'unsupported' && hasBegun(none[version]))
  const tried: Outcome[] = begun.map((version) => none[version])
  for (const id of ['self-signed', 'unknown-ca', 'impostor-ca', 'impostor-ca-other-ski'] as const) {
    if (requests.length === 0 || mint.missing(id) !== undefined) continue
    const identity = await mint.get(id)
    tried.push(...(await Promise.all(spoken.map((version) => probe({ version, identity })))))
  }
  tried.push(
    ...[h2, ...(await otherWays(deployment, addresses, probe))].filter(
      ({ verdict }) => verdict !== 'inconclusive',
    ),
  )
  const valid =
    mint.missing('valid') === undefined ? await probe({ identity: await mint.get('valid') }) : undefined
  const comparison = { proof: proofOf(target), valid }
  const isVague = tried.some((one) => behindRefusal(one, comparison) === 'perhaps')
  const missed = valid !== undefined && isVague ? await probe({ path: nowhere() }) : undefined
  const enforcement = judgeEnforcement(
    tried.map((one) =>
      isDeclaredRefusal(one, target.mtls)
        ? one
        : seenThrough(one, missed === undefined ? comparison : { ...comparison, nowhere: missed }),
    ),
    spoken.map((version) => none[version]),
    valid,
    requests.length > 0,
  )
  const all = [none13, none12, h2, ...(valid === undefined ? [] : [valid])]
  const access = await observeAccess(target, all, probe)
  const server = serverOf(all)
  const elsewhere = await explore({
    deployment,
    addresses,
    answers: all.flatMap(({ http }) => http ?? []),
    certificate: all.find(({ tls }) => tls?.certificate !== undefined)?.tls?.certificate,
    probe,
  })
  return {
    facts: {
      clientCertificate: { ...policies, ...enforcement, caNames: caNames.map(({ text }) => text) },
      addresses,
      ...server,
      access,
      elsewhere,
      alpn: [
        onlyHttp2 || h2.tls?.alpn === 'h2' ? ['h2'] : [],
        spoken.length > 0 && !onlyHttp2 ? ['http/1.1'] : [],
      ].flat(),
    },
    caNames,
    reachable: heard.some(({ verdict, http }) => verdict !== 'inconclusive' || http !== undefined),
    unreachable: ([none13, none12].find(({ code }) => code !== 'version-unsupported') ?? none13).summary,
    connections,
  }
}

/** no_application_protocol: HTTP/1.1 is not spoken (RFC 7301 §3.2). */
const isAlpnRefusal = ({ transcript }: Outcome): boolean =>
  transcript?.alerts.some(({ from, code }) => from === 'server' && code === 120) === true

/** What one connection without a certificate says about a TLS version (definitions: DESIGN 4.6). */
export function policyOf(none: Outcome): ClientCertificatePolicy {
  const { transcript, http } = none
  if (none.code === 'version-unsupported') return 'unsupported'
  if (transcript === undefined || transcript.version === undefined) return 'unknown'
  const request = transcript.certificateRequest
  if (request?.late === true) return 'late'
  if (request === undefined) {
    if (http === undefined) return 'unknown'
    // httpd without post_handshake_auth in our ClientHello: it wanted to ask after the request and says so.
    return lateText.test(http.body.toString('latin1')) ? 'late' : 'off'
  }
  if (http !== undefined) return 'requested'
  return none.verdict === 'refused' && none.layer === 'tls' ? 'required' : 'unknown'
}

/** A ServerHello came, or nothing at all until the deadline. */
const hasBegun = ({ transcript, code }: Outcome): boolean =>
  transcript?.version !== undefined || code === 'timeout'

/** An answer by what stands behind it. */
function seenThrough(outcome: Outcome, comparison: Comparison): Outcome {
  const behind = behindRefusal(outcome, comparison)
  if (behind === 'closed') return outcome
  if (behind === 'open') return asWayIn(outcome)
  return { ...outcome, verdict: 'inconclusive', code: 'http-unproven', layer: 'http' }
}

type Enforcement = Pick<Facts['clientCertificate'], 'enforced' | 'enforcedAt' | 'because'>

/** Whether anything without a valid certificate reached the application, and where the refusal fell. */
export function judgeEnforcement(
  tried: readonly Outcome[],
  none: readonly Outcome[],
  valid: Outcome | undefined,
  asked: boolean,
): Enforcement {
  const open = tried.find(({ verdict }) => verdict === 'allowed')
  if (open !== undefined)
    return { enforced: false, enforcedAt: 'none', because: `without a valid certificate: ${open.summary}` }
  const unknown = (because: string): Enforcement => ({ enforced: 'unknown', enforcedAt: 'unknown', because })
  const unclear = tried.find(({ verdict }) => verdict === 'inconclusive')
  if (unclear !== undefined) return unknown(unclear.summary)
  if (none.length === 0) return unknown('no TLS connection gave an answer')
  if (!asked) return unknown('no certificate was asked for, so no refusal can be about one')
  // Without a valid certificate to compare with, only a refusal that is about the certificate counts; where the valid
  // one is refused too, only a refusal that says so or follows right on our Certificate.
  if (valid === undefined) {
    const vague = tried.find((one) => !isCertificateRefusal(one, none))
    if (vague !== undefined) return unknown(`refused, but perhaps for another reason: ${vague.summary}`)
  } else if (valid.verdict !== 'allowed' && tried.some((one) => !isCertificateRefusal(one, none))) {
    return unknown(`the valid certificate was not let in either: ${valid.summary}`)
  }
  const layers = new Set(none.map(({ layer }) => layer))
  const enforcedAt = layers.has('http') ? 'http' : 'tls'
  const because = `every way in without a valid certificate was refused (${none[0]?.summary ?? ''})`
  return { enforced: true, enforcedAt, because }
}

/**
 * The refusal is about the certificate: it says so, or it came right after ours on a server that says so to those who
 * send none. A connection that is merely closed may be closed to everybody.
 */
function isCertificateRefusal(one: Outcome, none: readonly Outcome[]): boolean {
  if (one.attribution === 'explicit') return true
  const usual = none.find(({ transcript }) => transcript?.version === one.transcript?.version)
  return one.attribution === 'positional' && usual?.attribution === 'explicit'
}

/** Addresses and declared requests that are tried, at most. */
const mostAddresses = 4
const mostRequests = 20

/** Requests without a certificate that leave the beaten track: the name's other addresses, the other declared requests. */
function otherWays(
  { target }: Deployment,
  addresses: readonly string[],
  probe: (extra: Partial<Attempt>) => Promise<Outcome>,
): Promise<Outcome[]> {
  const elsewhere = addresses
    .slice(1, mostAddresses)
    .map((address) => probe({ endpoint: { ...target, address } }))
  const first = proofOf(target).request
  const requests = target.requests
    .filter((request) => request !== first)
    .slice(0, mostRequests)
    .map((request) => probe({ proof: { request } }))
  return Promise.all([...elsewhere, ...requests])
}

async function resolve(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch {
    return []
  }
}

function serverOf(outcomes: readonly Outcome[]): Pick<Facts, 'serverCertificate' | 'server'> {
  const one = outcomes.find(({ tls }) => tls !== undefined)
  const server = outcomes
    .flatMap(({ http }) => http?.headers ?? [])
    .find(([name]) => name.toLowerCase() === 'server')?.[1]
  const certificate =
    one?.tls?.certificate === undefined ? undefined : new X509Certificate(one.tls.certificate)
  return {
    ...(server === undefined ? {} : { server }),
    ...(certificate === undefined || one?.tls === undefined
      ? {}
      : {
          serverCertificate: {
            subject: certificate.subject.replaceAll('\n', ', '),
            issuer: certificate.issuer.replaceAll('\n', ', '),
            notAfter: certificate.validToDate.toISOString(),
            fingerprint256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
            trusted: one.tls.trusted,
            ...(one.tls.trustError === undefined ? {} : { trustError: one.tls.trustError }),
          },
        }),
  }
}

const unique = (names: readonly WireName[]): WireName[] => [
  ...new Map(names.map((name) => [name.der, name])).values(),
]
