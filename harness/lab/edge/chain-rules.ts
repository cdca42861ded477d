/**
 * What must hold for every certificate of a path, as a table. The texts are those of OpenSSL's X509_verify_cert_error_string
 * (3.x), because that is what the real edge puts behind `FAILED:`.
 * @module
 */
import { extendedKeyUsages } from '../../pki/oids.ts'
import type { Certificate } from './certificate.ts'
import { constraintViolation } from './name-constraints.ts'
import type { Path } from './path.ts'
import type { RevocationList } from './revocation.ts'

/** What a rule may look at. */
export interface RuleContext {
  path: Path
  lists: readonly RevocationList[]
  now: Date
}

/** One rule; `test` returns the text of the error, or undefined when the certificate at that depth obeys. */
interface ChainRule {
  id: string
  test(certificate: Certificate, depth: number, context: RuleContext): string | undefined
}

const isAnchor = (depth: number, { path }: RuleContext): boolean =>
  path.anchored && depth === path.certificates.length - 1 && depth > 0

const when = (broken: boolean, text: string): string | undefined => (broken ? text : undefined)

/** Signatures below this many bits of RSA, or made with these hashes, are refused. */
const minimumRsaBits = 2048
const weakHash = /sha1|md5/i

/** The rules in the order in which their texts are reported. */
export const chainRules = [
  {
    id: 'signature',
    test: (_, depth, { path }) => when(path.badSignatures.has(depth), 'certificate signature failure'),
  },
  {
    id: 'malformed',
    test: ({ facts, duplicateExtensions }) =>
      when(facts.problems.length > 0 || duplicateExtensions, 'invalid or inconsistent certificate extension'),
  },
  {
    id: 'not-yet-valid',
    test: ({ notBefore }, _, { now }) => when(now < notBefore, 'certificate is not yet valid'),
  },
  { id: 'expired', test: ({ notAfter }, _, { now }) => when(now > notAfter, 'certificate has expired') },
  {
    // RFC 5280 §4.2.1.12; a certificate without the extension may be used for everything.
    id: 'purpose',
    test: ({ facts: { eku } }, depth, context) =>
      when(
        !isAnchor(depth, context) && eku.length > 0 && !eku.some(isClientAuth),
        'unsuitable certificate purpose',
      ),
  },
  {
    // RFC 5280 would allow it; edges refuse it (Google Cloud load balancers document so).
    id: 'ca-as-leaf',
    test: ({ facts }, depth) => when(depth === 0 && facts.isCa, 'unsuitable certificate purpose'),
  },
  {
    id: 'issuer-not-ca',
    test: ({ facts }, depth, context) =>
      when(depth > 0 && !isAnchor(depth, context) && !facts.isCa, 'invalid CA certificate'),
  },
  {
    id: 'issuer-key-usage',
    test: ({ facts: { keyUsage } }, depth, context) =>
      when(
        depth > 0 && !isAnchor(depth, context) && keyUsage.length > 0 && !keyUsage.includes('keyCertSign'),
        'key usage does not include certificate signing',
      ),
  },
  {
    // Self-issued intermediates do not count (RFC 5280 §6.1.4 (l)).
    id: 'path-length',
    test: ({ facts: { pathLen } }, depth, { path }) => {
      const below = path.certificates.slice(1, depth).filter(({ facts }) => !facts.selfIssued).length
      return when(depth > 0 && pathLen !== undefined && below > pathLen, 'path length constraint exceeded')
    },
  },
  {
    id: 'name-constraints',
    test: ({ facts: { nameConstraints } }, depth, { path }) => {
      if (nameConstraints === undefined) return undefined
      const below = path.certificates.slice(0, depth)
      return below
        .map(({ facts }) => constraintViolation(nameConstraints, facts))
        .find((text) => text !== undefined)
    },
  },
  {
    id: 'unknown-critical-extension',
    test: ({ facts }) => when(facts.unknownCritical.length > 0, 'unhandled critical extension'),
  },
  {
    id: 'weak-signature',
    test: ({ facts }, depth, context) =>
      when(
        !isAnchor(depth, context) && weakHash.test(facts.signatureAlgorithm),
        'CA signature digest algorithm too weak',
      ),
  },
  {
    id: 'weak-key',
    test: ({ facts: { key } }, depth) =>
      when(
        key.type.startsWith('rsa') && (key.size ?? 0) < minimumRsaBits,
        depth === 0 ? 'EE certificate key too weak' : 'CA certificate key too weak',
      ),
  },
  {
    id: 'revoked',
    test: ({ issuer, facts }, depth, context) =>
      when(
        !isAnchor(depth, context) &&
          context.lists.some((list) => list.issuer.equals(issuer) && list.serials.has(facts.serial)),
        'certificate revoked',
      ),
  },
] as const satisfies readonly ChainRule[]

/** Rules about the path as a whole. */
export const endRules = {
  'self-signed': { leaf: 'self-signed certificate', chain: 'self-signed certificate in certificate chain' },
  'issuer-not-found': {
    leaf: 'unable to get local issuer certificate',
    chain: 'unable to get issuer certificate',
  },
  'too-long': { leaf: 'certificate chain too long', chain: 'certificate chain too long' },
} as const satisfies Record<Exclude<Path['end'], 'anchored'>, { leaf: string; chain: string }>

/** The id of a rule. */
export type RuleId = (typeof chainRules)[number]['id'] | keyof typeof endRules | 'unreadable'

const isClientAuth = (oid: string): boolean =>
  oid === extendedKeyUsages.clientAuth || oid === extendedKeyUsages.anyExtendedKeyUsage
