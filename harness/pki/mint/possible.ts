/**
 * What a deployment would have to give for an identity to be possible.
 * @module
 */
import type { DefectId } from '../types.ts'
import type { MintFacts } from './facts.ts'
import type { GoodId } from './recipe.ts'

const caKey = 'mtls.ca.key'
const caCert = 'mtls.ca.cert'

/** Words for the deployment file's missing part; undefined when the identity can be made. */
export function missingFor(id: DefectId | GoodId, facts: MintFacts): string | undefined {
  const { authority, identity, model } = facts
  switch (id) {
    case 'self-signed':
    case 'unknown-ca':
    case 'unknown-ca-with-root':
    case 'unknown-ca-with-intermediate':
      return undefined
    case 'impostor-ca-other-ski':
      return model === undefined ? caCert : undefined
    case 'impostor-ca':
    case 'impostor-ca-with-root':
      // A CA name from the wire says nothing about the key identifier.
      return model?.ski === undefined ? caCert : undefined
    case 'valid':
    case 'valid-with-extra-certificates':
    case 'signature-tampered':
    case 'tbs-tampered':
    case 'leaf-as-ca':
      return authority === undefined && identity === undefined ? 'mtls.identities' : undefined
    case 'valid-via-intermediate':
    case 'intermediate-missing':
    case 'intermediate-tampered':
      return authority === undefined && (identity?.chain.length ?? 0) > 0 ? undefined : depth(facts, 1)
    case 'intermediate-without-basic-constraints':
    case 'intermediate-without-key-cert-sign':
    case 'intermediate-expired':
    case 'name-constraint-broken':
      return depth(facts, 1)
    case 'path-length-exceeded':
      return depth(facts, 2)
    case 'sha1-signature':
      if (authority === undefined) return caKey
      return authority.key.asymmetricKeyType === 'ed25519'
        ? `${caKey} of type RSA or ECDSA (Ed25519 knows no SHA-1)`
        : undefined
    case 'revoked':
      return authority === undefined ? caKey : missingRevocation(facts, authority.subject)
    default:
      return authority === undefined ? caKey : undefined
  }
}

function depth({ authority }: MintFacts, intermediates: number): string | undefined {
  if (authority === undefined) return caKey
  if (authority.room >= intermediates) return undefined
  return `${caCert} with a path length of ${intermediates} or more (it allows ${authority.room})`
}

function missingRevocation({ crl }: MintFacts, issuer: Buffer): string | undefined {
  if (crl === undefined) return 'mtls.crl'
  if (!crl.issuer.equals(issuer)) return 'mtls.crl issued by mtls.ca'
  return crl.revoked.length === 0 ? 'mtls.crl with at least one revoked serial' : undefined
}
