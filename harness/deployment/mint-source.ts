/**
 * What identities can be made for a target.
 * @module
 */
import type { MintSource } from '../pki/mint.ts'
import type { WireName } from '../wire/types.ts'
import type { Target } from './types.ts'

/** Everything a target gives to mint from, and the CA names its CertificateRequest showed. */
export function mintSource({ mtls }: Target, caNames: readonly WireName[]): MintSource {
  const identity = mtls?.identities[0]
  const caCert = mtls?.ca?.cert ?? mtls?.caCert
  return {
    caNames: [...caNames],
    ...(mtls?.ca === undefined ? {} : { authority: mtls.ca }),
    ...(identity === undefined ? {} : { identity }),
    ...(caCert === undefined ? {} : { caCert }),
    ...(mtls?.crl === undefined ? {} : { crl: mtls.crl }),
  }
}
