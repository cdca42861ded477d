/**
 * Every good identity and every defect. A defect differs from its twin in one thing; where the twin is not one of the
 * good identities, both share the parts of the chain that are not the defect.
 * @module
 */
import { flipBit } from '../certificate.ts'
import { commonNames, withCommonName } from '../common-name.ts'
import {
  basicConstraints,
  type Extension,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
} from '../extensions.ts'
import { algorithmLike } from '../keys.ts'
import { encodeName } from '../names.ts'
import { extensionOids } from '../oids.ts'
import type { DefectId } from '../types.ts'
import { dnsName, type MintFacts } from './facts.ts'
import type { Defect, GoodId, Recipe, Table, Validity } from './recipe.ts'

const second = 1000
const hour = 3600 * second
const day = 24 * hour

/** From one hour ago, for clocks that differ, to 30 days from now. */
export const usualValidity: Validity = () => between(-hour, 30 * day)

const between = (from: number, to: number): [Date, Date] => [
  new Date(Date.now() + from),
  new Date(Date.now() + to),
]
const until =
  (notAfter: Date): Validity =>
  () => [new Date(Date.now() - hour), notAfter]

/** An OID under the enterprise number that RFC 5612 sets aside for documentation: no verifier knows it. */
const unknownExtension = (critical: boolean): Extension => ({
  oid: '1.3.6.1.4.1.32473.1',
  critical,
  value: Buffer.from('0500', 'hex'),
})

/** The table for one deployment. */
export function tableOf(facts: MintFacts): Table {
  return { good: goodIdentities(facts), defects: { ...leafDefects(), ...chainDefects(facts) } }
}

function goodIdentities(facts: MintFacts): Record<GoodId, Recipe> {
  return {
    valid: {},
    'valid-rsa': { leaf: { key: 'rsa-2048' } },
    // RFC 5280 §4.1.2.5: "no well-defined expiration date".
    'valid-long': { leaf: { validity: until(new Date('9999-12-31T23:59:59Z')) } },
    // The first second that is a GeneralizedTime.
    'valid-2050': { leaf: { validity: until(new Date('2050-01-01T00:00:00Z')) } },
    'valid-via-intermediate': { intermediates: [{}] },
    'valid-with-extra-certificates': { withUnrelated: true },
    'valid-other': {
      leaf: {
        subject: otherSubject(facts),
        extensions: dnsName('harness-other-client', facts),
      },
    },
  }
}

/** Somebody else who is let in: by another of the listed names, by the same where there is one only. */
const otherSubject = ({ commonNames: listed, template: { subject } }: MintFacts): Buffer => {
  if (listed === undefined) return encodeName('CN=harness-other-client')
  const [own] = commonNames(subject)
  const other = listed.find((name) => name !== own)
  return other === undefined ? subject : withCommonName(subject, other)
}

type ChainDefectId =
  | 'unknown-ca-with-intermediate'
  | 'leaf-as-ca'
  | 'path-length-exceeded'
  | 'name-constraint-broken'
  | 'revoked'
  | `intermediate-${'without-basic-constraints' | 'without-key-cert-sign' | 'missing' | 'expired' | 'tampered'}`

function leafDefects(): Record<Exclude<DefectId, ChainDefectId>, Defect> {
  const validity = (from: number, to: number): Defect => ({
    bad: { leaf: { validity: () => between(from, to) } },
    twin: 'valid',
  })
  const extension = (changed: Extension): Defect => ({
    bad: { leaf: { extensions: [changed] } },
    twin: 'valid',
  })
  return {
    'expired-second': validity(-hour, -second),
    'expired-day': validity(-day - hour, -day),
    'expired-years': validity(-4 * 365 * day, -3 * 365 * day),
    'not-yet-valid': validity(day, 30 * day),
    'unknown-ca': { bad: { signer: 'unknown' }, twin: 'valid' },
    'unknown-ca-with-root': { bad: { signer: 'unknown', withRoot: true }, twin: 'valid' },
    'impostor-ca': { bad: { signer: 'impostor' }, twin: 'valid' },
    'impostor-ca-other-ski': { bad: { signer: 'impostor-other-ski' }, twin: 'valid' },
    'impostor-ca-with-root': { bad: { signer: 'impostor', withRoot: true }, twin: 'valid' },
    'self-signed': { bad: { signer: 'self' }, twin: 'valid' },
    'server-auth-only': extension(extendedKeyUsage(['serverAuth'])),
    'code-signing-only': extension(extendedKeyUsage(['codeSigning'])),
    'ca-as-leaf': extension(basicConstraints(true)),
    'signature-tampered': { bad: { of: 'valid', change: flipIn(0, 'signature') }, twin: 'valid' },
    'tbs-tampered': { bad: { of: 'valid', change: flipIn(0, 'tbs') }, twin: 'valid' },
    'sha1-signature': { bad: { leaf: { hash: 'sha1' } }, twin: 'valid', weak: true },
    'rsa-1024': { bad: { leaf: { key: 'rsa-1024' } }, twin: 'valid-rsa', weak: true },
    'unknown-critical-extension': {
      bad: { leaf: { extensions: [unknownExtension(true)] } },
      twin: { leaf: { extensions: [unknownExtension(false)] } },
    },
  }
}

function chainDefects(facts: MintFacts): Record<ChainDefectId, Defect> {
  const deep = (facts.authority?.room ?? 0) >= 1
  const intermediate = (changes: NonNullable<Recipe['intermediates']>[number]): Defect => ({
    bad: { intermediates: [changes] },
    twin: 'valid-via-intermediate',
  })
  // Shared objects are made once: bad and twin hang under the same certificate.
  const constrained = [{ extensions: [nameConstraints({ permitted: [`permitted.${facts.domain}`] })] }]
  const lower = {}
  const revoked = facts.crl?.revoked[0]
  return {
    'unknown-ca-with-intermediate': {
      bad: { signer: 'unknown', intermediates: [{}] },
      twin: deep ? 'valid-via-intermediate' : 'valid',
    },
    'leaf-as-ca':
      facts.authority === undefined
        ? { bad: { signer: 'leaf', leaf: forged(facts) }, twin: 'valid' }
        : { bad: { intermediates: [{ endEntity: true }] }, twin: deep ? 'valid-via-intermediate' : 'valid' },
    'path-length-exceeded': {
      bad: { intermediates: [{ extensions: [basicConstraints(true, 0)] }, lower] },
      twin: { intermediates: [{ extensions: [basicConstraints(true, 1)] }, lower] },
    },
    'name-constraint-broken': {
      bad: { intermediates: constrained, leaf: { extensions: dnsName('client.elsewhere', facts) } },
      twin: { intermediates: constrained, leaf: { extensions: dnsName('client.permitted', facts) } },
    },
    'intermediate-without-basic-constraints': intermediate({ without: [extensionOids.basicConstraints] }),
    'intermediate-without-key-cert-sign': intermediate({ extensions: [keyUsage(['cRLSign'])] }),
    'intermediate-expired': intermediate({ validity: () => between(-2 * day, -day) }),
    'intermediate-missing': {
      bad: { of: 'valid-via-intermediate', change: (chain) => chain.slice(0, 1) },
      twin: 'valid-via-intermediate',
    },
    'intermediate-tampered': {
      bad: { of: 'valid-via-intermediate', change: flipIn(1, 'signature') },
      twin: 'valid-via-intermediate',
    },
    revoked: { bad: { leaf: revoked === undefined ? {} : { serial: revoked.serial } }, twin: 'valid' },
  }
}

/** Under the leaf's own key the new certificate must not share its name, or it would be self-signed. */
const forged = (facts: MintFacts): NonNullable<Recipe['leaf']> => ({
  subject:
    facts.commonNames?.[0] === undefined
      ? encodeName('CN=harness-forged-client')
      : withCommonName(encodeName('OU=harness-forged'), facts.commonNames[0]),
  ...(facts.identity === undefined ? {} : { key: algorithmLike(facts.identity.key) }),
})

/** One bit of the certificate at `position` changed. */
const flipIn =
  (position: number, where: 'signature' | 'tbs') =>
  (chain: readonly Buffer[]): Buffer[] =>
    chain.map((der, at) => (at === position ? flipBit(der, where) : der))
