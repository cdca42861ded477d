/**
 * The profiles: what kinds of client a load is made of, what should become of each, and how its certificate is made.
 * Every certificate is one that Go's TLS client really sends: it sends one only when some certificate of the chain has an
 * issuer that the server named in its CertificateRequest (load-anchors 1.2), so the bad ones carry the CA's own name.
 * @module
 */
import type { OutcomeKind, Style } from '../flood/types.ts'

/** Every profile. */
export const profileIds = [
  'valid',
  'none',
  'expired',
  'unknown-ca-by-impostor-name',
  'self-signed',
  'forged-chain',
  'long-chain',
  'rsa-4096',
  'revoked',
] as const

/** One of the profiles. */
export type ProfileId = (typeof profileIds)[number]

/** What should become of it. `depends`: the server's own limits (depth, CRL) decide, and both are right. */
export type Verdict = 'accept' | 'refuse' | 'depends'

/** One profile. */
export interface Profile {
  id: ProfileId
  /** For people. */
  what: string
  /** How it is made and why a Go client sends it. */
  made: string
  verdict: Verdict
  certificate: boolean
  /** The CA's key is needed for it. */
  needsKey: boolean
}

/** The table. */
export const profiles: Readonly<Record<ProfileId, Profile>> = {
  valid: {
    id: 'valid',
    what: 'a good certificate',
    made: 'issued by the CA, or the one that was given',
    verdict: 'accept',
    certificate: true,
    needsKey: true,
  },
  none: {
    id: 'none',
    what: 'no certificate',
    made: 'no key pair is configured: an empty Certificate message',
    verdict: 'refuse',
    certificate: false,
    needsKey: false,
  },
  expired: {
    id: 'expired',
    what: 'a certificate that expired yesterday',
    made: 'issued by the CA; Go does not look at the dates of its own certificate',
    verdict: 'refuse',
    certificate: true,
    needsKey: true,
  },
  'unknown-ca-by-impostor-name': {
    id: 'unknown-ca-by-impostor-name',
    what: "a certificate of another CA with the CA's name and key identifier",
    made: 'signed by a key of ours under the name of the CA, byte for byte; no secret of the deployment is needed',
    verdict: 'refuse',
    certificate: true,
    needsKey: false,
  },
  'self-signed': {
    id: 'self-signed',
    what: 'a certificate that vouches for itself',
    made: 'subject and issuer are the name of the CA, byte for byte, or it would not be sent',
    verdict: 'refuse',
    certificate: true,
    needsKey: false,
  },
  'forged-chain': {
    id: 'forged-chain',
    what: 'a leaf with a false signature under three real intermediates',
    made: 'the intermediates are issued by the CA, one bit of the signature of the leaf is turned',
    verdict: 'refuse',
    certificate: true,
    needsKey: true,
  },
  'long-chain': {
    id: 'long-chain',
    what: 'a good certificate under six intermediates',
    made: 'issued through six real intermediates; refused where the depth is limited (nginx: 1 by default)',
    verdict: 'depends',
    certificate: true,
    needsKey: true,
  },
  'rsa-4096': {
    id: 'rsa-4096',
    what: 'a good certificate with an RSA key of 4096 bits',
    made: 'issued by the CA',
    verdict: 'accept',
    certificate: true,
    needsKey: true,
  },
  revoked: {
    id: 'revoked',
    what: 'a certificate that the CRL names',
    made: 'issued by the CA with a serial of the CRL; let in by servers that read no CRL',
    verdict: 'depends',
    certificate: true,
    needsKey: true,
  },
}

/** Whether a text is the id of a profile. */
export const isProfileId = (text: string): text is ProfileId =>
  (profileIds as readonly string[]).includes(text)

/**
 * How a refusal looks in each style (load-anchors 3.2). In TLS 1.3 an alert can be lost to the reset that follows it: a
 * style of alerts has closures too. A server that closes silently still says in an alert that a certificate is missing.
 */
const refusals: Readonly<Record<Style, readonly OutcomeKind[]>> = {
  alert: ['alert', 'closed'],
  'http-400': ['http-400'],
  closed: ['closed'],
  'http-403': ['http-403'],
}

/** The outcomes that are right for a profile on a server of that style. */
export function expectedOutcomes(id: ProfileId, style: Style): readonly OutcomeKind[] {
  const refused =
    id === 'none' && style === 'closed' ? [...refusals.closed, 'alert' as const] : refusals[style]
  const { verdict } = profiles[id]
  if (verdict === 'accept') return ['accepted']
  return verdict === 'refuse' ? refused : ['accepted', ...refused]
}
