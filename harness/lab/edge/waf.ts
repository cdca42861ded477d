/**
 * WAF custom rules at a request (phase `http_request_firewall_custom`).
 * @module
 */
import type { Faults } from '../faults.ts'
import { www } from '../hostnames.ts'
import { type BlockDecision, decideCustomRules } from '../rules/decide.ts'
import { type RuleFields, ruleFields } from '../rules/fields.ts'
import type { ZoneState } from '../state/types.ts'
import { type CertificateFields, certificateFields } from './certificate-fields.ts'
import type { Connection } from './connection.ts'
import type { Exchange } from './exchange.ts'
import type { EdgeHost } from './hosts.ts'
import { noCertificate, type Verdict } from './verdict.ts'

/** The answer of a rule that says no; without a response of its own, the edge's page is shown. */
export type Block = Pick<BlockDecision, 'response'>

/** A request as rules look at it. */
export interface RuledRequest {
  request: Pick<Exchange, 'method' | 'http' | 'headers'>
  /** Origin-form target. */
  path: string
  connection: Pick<Connection, 'remoteAddress' | 'transport'>
  verdict: Verdict
}

/** The fields of a request. */
export function fieldsOf(
  { hostname }: Pick<EdgeHost, 'hostname'>,
  { request, path, connection, verdict }: RuledRequest,
  faults: Faults,
): RuleFields {
  return ruleFields({
    host: hostname,
    method: request.method,
    target: path,
    http: request.http,
    headers: request.headers,
    remoteAddress: connection.remoteAddress,
    tls: connection.transport === 'tls',
    certificate: certificateOf(verdict, faults),
  })
}

const computed = new WeakMap<Verdict, CertificateFields>()

/** The fields of a certificate. A verdict belongs to one connection of one lab: they are worked out once. */
export function certificateOf(verdict: Verdict, faults: Faults): CertificateFields {
  const known = computed.get(verdict)
  if (known !== undefined) return known
  const sent = verdict.sent.map(({ der }) => der)
  const fields = certificateFields(verdict, sent, faults)
  computed.set(verdict, fields)
  return fields
}

/** The first rule that blocks a request; undefined: none does. */
export function blockedBy(
  { hostname, zone }: Pick<EdgeHost, 'hostname' | 'zone'>,
  request: RuledRequest,
  faults: Faults,
): Block | undefined {
  if (hostname === www.hostname && request.verdict.status !== 'valid' && faults.has('edge.public-refused'))
    return { response: undefined }
  if (zone?.rulesets.http_request_firewall_custom === undefined) return undefined
  return decideCustomRules(zone, fieldsOf({ hostname }, request, faults), faults)
}

/** Whether the rules of a zone stop whoever shows no certificate: `enforce`. What a fault makes of it does not matter. */
export const blocksWithoutCertificate = (zone: ZoneState, hostname: string): boolean =>
  blockedBy({ hostname, zone }, { ...anyRequest, verdict: noCertificate }, new Set()) !== undefined

const anyRequest = {
  request: { method: 'GET', http: 1, headers: [] },
  path: '/',
  connection: { remoteAddress: '127.0.0.1', transport: 'tls' },
} as const
