/**
 * The identities whose traffic runs through a drill: one request each per shot, on a connection of its own.
 * @module
 */

import type { Seen } from '../../reports/drill/types.ts'
import type { Identity } from '../pki/types.ts'
import { attempt } from '../probe/attempt.ts'
import type { Attempt, Endpoint, Outcome, Proof } from '../probe/types.ts'

/** What one request met. */
export interface Shot {
  seen: Seen
  /** For people, short; no credential. */
  answer: string
  /**
   * What the origin told about the certificate that came with the request: SHA-256 of a verified one, lower-case hex,
   * `none`, or `unverified`. Undefined: it told nothing.
   */
  presented?: string
}

/** One identity. */
export interface Lane {
  id: string
  /** For people. */
  label: string
  shoot(signal: AbortSignal): Promise<Shot>
}

/** Where a lane goes, and with what. */
export interface LaneOptions {
  id: string
  label: string
  endpoint: Endpoint
  /** Default: TLS. */
  tls?: boolean
  identity?: Identity | undefined
  proof: Proof
  deadline: number
  /** Asked for every request: secrets change. */
  headers?: () => [name: string, value: string][]
  /** The edge answers for the origin here: an error of the server is a visitor turned away. */
  visitor?: boolean
}

/** Makes a lane. */
export function createLane({
  id,
  label,
  headers,
  visitor = false,
  identity,
  tls,
  ...rest
}: LaneOptions): Lane {
  const fixed: Attempt = {
    ...rest,
    ...(identity === undefined ? {} : { identity }),
    ...(tls === undefined ? {} : { tls }),
  }
  return {
    id,
    label,
    async shoot(signal) {
      const sent = headers === undefined ? {} : { headers: headers() }
      return shotOf(await attempt({ ...fixed, ...sent, signal }), visitor)
    },
  }
}

/** Lanes of a drill of origin pulls: through the edge, and directly with each of the edge's certificates, and without. */
export function pullLanes(
  edge: Omit<LaneOptions, 'id' | 'label'>,
  origin: Omit<LaneOptions, 'id' | 'label' | 'identity'>,
  [first, second]: readonly Identity[],
): Lane[] {
  const direct = (id: string, label: string, identity?: Identity): Lane =>
    createLane({ ...origin, id, label, identity })
  return [
    createLane({ ...edge, id: 'visitor', label: 'visitor, through the edge', visitor: true }),
    direct('edge', 'directly at the origin, with the edge’s certificate', first),
    ...(second === undefined
      ? []
      : [direct('edge-new', 'directly at the origin, with the edge’s new certificate', second)]),
    direct('direct', 'directly at the origin, without a certificate'),
  ]
}

/** Secrets of a service token; they come with the drill's steps. */
export interface TokenSecrets {
  clientId: string
  old: string
  new: string
}

/** Lanes of a drill of a service token: old secret, new secret, none. */
export function tokenLanes(edge: Omit<LaneOptions, 'id' | 'label'>, secrets: TokenSecrets): Lane[] {
  const service = (id: 'old' | 'new', label: string): Lane =>
    createLane({
      ...edge,
      id,
      label,
      headers: () => [
        ['CF-Access-Client-Id', secrets.clientId],
        ['CF-Access-Client-Secret', secrets[id]],
      ],
    })
  return [
    service('old', 'service with the old secret'),
    service('new', 'service with the new secret'),
    createLane({ ...edge, id: 'none', label: 'visitor without a token' }),
  ]
}

function shotOf(outcome: Outcome, visitor: boolean): Shot {
  const { verdict, code, http, alert, canary } = outcome
  const answer =
    http === undefined ? (alert === undefined ? code : `alert ${alert.name}`) : `HTTP ${http.status}`
  if (verdict === 'allowed') {
    const told = canary === undefined ? undefined : presentedIn(http?.body)
    return { seen: 'allowed', answer, ...(told === undefined ? {} : { presented: told }) }
  }
  const locked = visitor && http !== undefined && http.status >= 500
  return { seen: verdict === 'refused' || locked ? 'refused' : 'unclear', answer }
}

/** What a canary that knows tells in `clientCertificate`. */
function presentedIn(body: Buffer | undefined): string | undefined {
  let reply: unknown
  try {
    reply = JSON.parse(body?.toString('utf8') ?? '')
  } catch {
    return undefined
  }
  const told = (reply as { clientCertificate?: unknown }).clientCertificate
  if (typeof told !== 'object' || told === null) return undefined
  const { presented, verified, fingerprint256 } = told as Record<string, unknown>
  if (presented === false) return 'none'
  if (verified !== true) return 'unverified'
  return typeof fingerprint256 === 'string' && /^[0-9a-f]{64}$/.test(fingerprint256)
    ? fingerprint256
    : undefined
}
