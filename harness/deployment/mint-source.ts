/**
 * What identities can be made for a target.
 * @module
 */
import { commonNameIn } from '../pki/common-name.ts'
import type { MintSource } from '../pki/mint.ts'
import type { WireName } from '../wire/types.ts'
import { allowedNames } from './allowed-names.ts'
import type { Target } from './types.ts'

/** Everything a target gives to mint from, and the CA names its CertificateRequest showed. */
export function mintSource(target: Target, caNames: readonly WireName[]): MintSource {
  const { mtls } = target
  const names = allowedNames(target)
  const identities = mtls?.identities ?? []
  const listed = identities.find((one) => names?.includes(commonNameIn(one) ?? ''))
  const identity = listed ?? identities[0]
  const caCert = mtls?.ca?.cert ?? mtls?.caCert
  return {
    hostname: target.hostname,
    caNames: [...caNames],
    ...(names === undefined ? {} : { commonNames: names }),
    ...(mtls?.ca === undefined ? {} : { authority: mtls.ca }),
    ...(identity === undefined ? {} : { identity }),
    ...(caCert === undefined ? {} : { caCert }),
    ...(mtls?.crl === undefined ? {} : { crl: mtls.crl }),
  }
}
