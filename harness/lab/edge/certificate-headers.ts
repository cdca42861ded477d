/**
 * The certificate as headers to the origin.
 * @module
 */
import { createHash, type KeyObject } from 'node:crypto'
import type { FaultId, Faults } from '../faults.ts'
import { forwardedHeaders } from '../hostnames.ts'
import type { Certificate } from './certificate.ts'
import type { HeaderList } from './exchange.ts'
import type { EdgeHost } from './hosts.ts'
import type { Verdict } from './verdict.ts'

/** Header fields for a verdict; identity fields are there whatever the verdict, as on the real edge. */
export function certificateHeaders(verdict: Verdict, host: EdgeHost, faults: Faults): HeaderList {
  if (host.mtls === undefined) return []
  const omitted =
    verdict.status === 'none' && host.mtls.mode === 'report' && faults.has('edge.report-omits-status')
  return [
    [forwardedHeaders.presented, verdict.status === 'none' ? '0' : '1'],
    ...(omitted ? [] : ([[forwardedHeaders.status, statusText(verdict, host.mtls.mode, faults)]] as const)),
    ...(verdict.identity === undefined
      ? []
      : identityHeaders(verdict.identity, verdict.issuer, host.mtls.mode === 'report' ? faults : none)),
  ]
}

/** The faults about single fields bear on report mode only. */
const none: Faults = new Set()

/** `none`, `valid` or `invalid:<OpenSSL text>`. */
export function statusText(verdict: Verdict, mode: 'enforce' | 'report', faults: Faults): string {
  const reported = mode === 'report' ? misreported(verdict, faults) : verdict.status
  return reported === 'invalid' ? `invalid:${verdict.reason ?? 'certificate rejected'}` : reported
}

function misreported({ status, revoked }: Verdict, faults: Faults): Verdict['status'] {
  if (status === 'none' && faults.has('edge.report-none-as-valid')) return 'valid'
  if (status === 'valid' && faults.has('edge.report-valid-as-invalid')) return 'invalid'
  if (revoked && faults.has('edge.report-revoked-as-valid')) return 'valid'
  if (status === 'invalid' && faults.has('edge.report-invalid-as-valid')) return 'valid'
  return status
}

function identityHeaders(
  { facts, publicKey }: Certificate,
  issuer: Certificate | undefined,
  faults: Faults,
): HeaderList {
  const wrong = <T>(fault: FaultId, other: T, right: T): T => (faults.has(fault) ? other : right)
  const issuerSki = facts.aki ?? issuer?.facts.ski
  const { ski, subject, serial, fingerprint256, notBefore, notAfter } = facts
  const fields: [string, string | undefined][] = [
    [forwardedHeaders.ski, wrong('edge.report-wrong-ski', issuerSki, ski)],
    [forwardedHeaders.issuerSki, wrong('edge.report-wrong-issuer-ski', ski, issuerSki)],
    [forwardedHeaders.subject, wrong('edge.report-wrong-subject', facts.issuer, subject).rfc2253],
    [forwardedHeaders.issuer, wrong('edge.report-wrong-issuer', subject, facts.issuer).rfc2253],
    [forwardedHeaders.serial, wrong('edge.report-wrong-serial', serial.slice(0, -2), serial)],
    [
      forwardedHeaders.fingerprint,
      faults.has('edge.report-wrong-fingerprint') ? keyHash(publicKey) : fingerprint256,
    ],
    [forwardedHeaders.notBefore, wrong('edge.report-wrong-not-before', notAfter, notBefore)],
    [forwardedHeaders.notAfter, wrong('edge.report-wrong-not-after', notBefore, notAfter)],
  ]
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}

const keyHash = (publicKey: KeyObject | undefined): string =>
  createHash('sha256')
    .update(publicKey?.export({ type: 'spki', format: 'der' }) ?? '')
    .digest('hex')
