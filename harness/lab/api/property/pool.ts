/**
 * Certificates for generated sequences, made once: keys take long. What the API has to say about them is read by Node,
 * not by the parser under test.
 * @module
 */
import { createHash, X509Certificate } from 'node:crypto'
import { createAuthority } from '../../../pki/authority.ts'
import { makeCsr } from '../testing/csr.ts'

/** A leaf with its key and what has to be told about it. */
export interface Leaf {
  pem: string
  key: string
  serial: string
  expiresOn: string
}

/** All of it. */
export interface Pool {
  leaves: readonly Leaf[]
  /** CAs, with the MD5 fingerprint the API shows. */
  cas: readonly (Leaf & { fingerprint: string })[]
  csrs: readonly string[]
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Makes one. */
export async function createPool(leaves = 6): Promise<Pool> {
  const authority = await createAuthority({ name: 'CN=Pull Root,O=Example Inc.' })
  return {
    leaves: await Promise.all(
      range(leaves).map(async (index) => {
        const { cert, key } = await authority.issue({ subject: `CN=leaf-${index}` })
        const read = new X509Certificate(cert)
        return {
          ...{ pem: cert, key, serial: BigInt(`0x${read.serialNumber}`).toString() },
          expiresOn: read.validToDate.toISOString(),
        }
      }),
    ),
    cas: await Promise.all(
      range(3).map(async (index) => {
        const { cert, key } = await createAuthority({ name: `CN=Client Root ${index}` })
        const read = new X509Certificate(cert)
        const md5 = createHash('md5').update(read.raw).digest('hex').toUpperCase()
        return {
          ...{ pem: cert, key, serial: BigInt(`0x${read.serialNumber}`).toString() },
          ...{ fingerprint: (md5.match(/../g) ?? []).join(':') },
          expiresOn: read.validToDate.toISOString(),
        }
      }),
    ),
    csrs: await Promise.all(range(2).map(async (index) => (await makeCsr(`CN=device-${index}`)).csr)),
  }
}
