/**
 * Identities for tests of the lab, good and bad, under its own client CAs.
 * @module
 */
import { createMint, type Mint } from '../../pki/mint.ts'
import type { LabMaterial } from '../material.ts'

/** A mint for client CA A. */
export function mintFor({ clientCas: { A }, identities }: LabMaterial): Mint {
  return createMint({
    authority: { cert: A.cert, key: A.key },
    identity: identities['sensor-001'],
    caCert: A.cert,
    ...(A.crl === undefined ? {} : { crl: Buffer.from(A.crl) }),
  })
}
