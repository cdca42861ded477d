/**
 * Which violations a fault overlooks. Each row is one situation, so that a fault disturbs no check but its own.
 * @module
 */
import { extendedKeyUsages } from '../../pki/oids.ts'
import type { AcceptFaultId } from '../faults/client-certificate.ts'
import type { Faults } from '../faults.ts'
import type { Certificate } from './certificate.ts'
import { type Tampering, tamperingOf } from './tampering.ts'
import type { ChainReport, Violation } from './verify-chain.ts'

/** What a row may look at beside the violation. */
interface Situation {
  report: ChainReport
  anchors: readonly Certificate[]
  now: Date
}

type Overlooks = (violation: Violation, situation: Situation) => boolean

const minute = 60_000
const twoDays = 2 * 86_400_000

const leafRule =
  (rule: Violation['rule']): Overlooks =>
  (violation) =>
    violation.rule === rule && violation.depth === 0

const anyRule =
  (rule: Violation['rule']): Overlooks =>
  (violation) =>
    violation.rule === rule

/** Expired by at least `from` and less than `to` milliseconds. */
const expiredBetween =
  (from: number, to: number): Overlooks =>
  ({ rule, depth, certificate }, { now }) => {
    const age = now.getTime() - (certificate?.notAfter.getTime() ?? 0)
    return rule === 'expired' && depth === 0 && age >= from && age < to
  }

/** A signature that fails under a client CA, with or without a bit changed. */
const badLeafSignature =
  (tampering: Tampering): Overlooks =>
  ({ rule, depth, certificate }, { report }) => {
    const issuer = report.path?.certificates[1]
    if (rule !== 'signature' || depth !== 0 || certificate === undefined || issuer === undefined) return false
    return tamperingOf(certificate, issuer) === tampering
  }

const hasName = (name: Buffer | undefined, anchors: readonly Certificate[]): boolean =>
  anchors.some(({ subject }) => name !== undefined && subject.equals(name))

/** An issuer that was not sent and does not have the name of a client CA. */
const foreignIssuer: Overlooks = ({ rule, depth, certificate }, { anchors }) =>
  rule === 'issuer-not-found' && depth === 0 && !hasName(certificate?.issuer, anchors)

/** From a leaf alone an unknown CA and an intermediate that was not sent differ in nothing but their name. */
const intermediateByName = (certificate: Certificate | undefined): boolean =>
  /intermediate|issuing|subordinate/i.test(certificate?.facts.issuer.rfc4514 ?? '')

const purpose =
  (oid: string): Overlooks =>
  ({ rule, depth, certificate }) =>
    rule === 'purpose' && depth === 0 && certificate?.facts.eku.includes(oid) === true

const signs = (certificate: Certificate | undefined): boolean =>
  certificate?.facts.keyUsage.includes('keyCertSign') === true

/** Situation per fault. Where the client certificate alone decides, the row is one rule. */
const overlooked: Readonly<Record<AcceptFaultId, Overlooks>> = {
  'edge.accepts-expired-second': expiredBetween(0, minute),
  'edge.accepts-expired-day': expiredBetween(minute, twoDays),
  'edge.accepts-expired-years': expiredBetween(twoDays, Number.POSITIVE_INFINITY),
  'edge.accepts-not-yet-valid': leafRule('not-yet-valid'),
  'edge.accepts-unknown-ca': (violation, situation) =>
    foreignIssuer(violation, situation) && !intermediateByName(violation.certificate),
  'edge.accepts-unknown-ca-with-root': ({ rule, depth, certificate }, { anchors }) =>
    rule === 'self-signed' && depth > 0 && !hasName(certificate?.subject, anchors),
  'edge.accepts-unknown-ca-with-intermediate': ({ rule, depth }) => rule === 'issuer-not-found' && depth > 0,
  'edge.accepts-impostor-ca': badLeafSignature('no'),
  'edge.accepts-impostor-ca-other-ski': ({ rule, depth, certificate }, { anchors }) =>
    rule === 'issuer-not-found' && depth === 0 && hasName(certificate?.issuer, anchors),
  'edge.accepts-impostor-ca-with-root': ({ rule, depth, certificate }, { anchors }) =>
    rule === 'self-signed' && depth > 0 && hasName(certificate?.subject, anchors),
  'edge.accepts-self-signed': leafRule('self-signed'),
  'edge.accepts-server-auth-only': purpose(extendedKeyUsages.serverAuth),
  'edge.accepts-code-signing-only': purpose(extendedKeyUsages.codeSigning),
  'edge.accepts-ca-as-leaf': leafRule('ca-as-leaf'),
  'edge.accepts-leaf-as-ca': ({ rule, certificate }) =>
    (rule === 'issuer-not-ca' || rule === 'issuer-key-usage') &&
    certificate?.facts.isCa === false &&
    !signs(certificate),
  'edge.accepts-intermediate-without-basic-constraints': ({ rule, certificate }) =>
    rule === 'issuer-not-ca' && signs(certificate),
  'edge.accepts-intermediate-without-key-cert-sign': ({ rule, certificate }) =>
    rule === 'issuer-key-usage' && certificate?.facts.isCa === true,
  'edge.accepts-path-length-exceeded': anyRule('path-length'),
  'edge.accepts-name-constraint-broken': anyRule('name-constraints'),
  'edge.accepts-intermediate-missing': (violation, situation) =>
    foreignIssuer(violation, situation) && intermediateByName(violation.certificate),
  'edge.accepts-intermediate-expired': ({ rule, depth }) => rule === 'expired' && depth > 0,
  'edge.accepts-intermediate-tampered': ({ rule, depth }) => rule === 'signature' && depth > 0,
  'edge.accepts-signature-tampered': badLeafSignature('signature'),
  'edge.accepts-tbs-tampered': badLeafSignature('tbs'),
  'edge.accepts-sha1-signature': anyRule('weak-signature'),
  'edge.accepts-rsa-1024': anyRule('weak-key'),
  'edge.accepts-unknown-critical-extension': anyRule('unknown-critical-extension'),
  'edge.accepts-revoked': anyRule('revoked'),
}

const rows = Object.entries(overlooked) as [AcceptFaultId, Overlooks][]

/** The violations that the faults leave standing. */
export function standingViolations(situation: Situation, faults: Faults): readonly Violation[] {
  const active = rows.filter(([id]) => faults.has(id))
  if (active.length === 0) return situation.report.violations
  return situation.report.violations.filter(
    (violation) => !active.some(([, overlooks]) => overlooks(violation, situation)),
  )
}

/** Good chains that a fault refuses, with the text it gives. */
const wronglyRefused = [
  { fault: 'edge.refuses-valid', text: 'certificate rejected', test: () => true },
  {
    fault: 'edge.refuses-long-validity',
    text: 'format error in certificate notAfter field',
    test: ({ leaf }: ChainReport) => (leaf?.notAfter.getUTCFullYear() ?? 0) > 2049,
  },
  {
    fault: 'edge.refuses-intermediates',
    text: 'unable to get local issuer certificate',
    test: ({ path }: ChainReport) => (path?.certificates.length ?? 0) > 2,
  },
  {
    fault: 'edge.refuses-extra-certificates',
    text: 'certificate chain too long',
    test: ({ path, sent }: ChainReport) => sent.some((one) => path?.certificates.includes(one) === false),
  },
] as const

/** Why a valid chain is refused by a fault, undefined when it is not. */
export const wrongRefusal = (report: ChainReport, faults: Faults): string | undefined =>
  wronglyRefused.find(({ fault, test }) => faults.has(fault) && test(report))?.text
