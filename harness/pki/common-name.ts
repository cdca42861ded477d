/**
 * Common names inside a DER name, read and replaced; everything else of the name stays byte for byte.
 * @module
 */
import { children, type DerNode, readOid, readWhole } from './der/read.ts'
import { oid, sequence, setOf, utf8String } from './der/write.ts'
import { readCertificates } from './identity.ts'
import { characterString } from './names.ts'
import type { Identity } from './types.ts'

const commonNameOid = '2.5.4.3'
const isCommonName = (attribute: DerNode): boolean => readOid(children(attribute)[0]) === commonNameOid

/**
 * The common names of a name, the most specific one first, as RFC 4514 §2.1 has them. One that is no character string is left out.
 * @throws DerError when it is not a Name.
 */
export const commonNames = (name: Buffer): string[] =>
  children(readWhole(name))
    .toReversed()
    .flatMap((rdn) => children(rdn))
    .filter(isCommonName)
    .flatMap((attribute) => {
      const [, value] = children(attribute)
      return value === undefined ? [] : (characterString(value.raw) ?? [])
    })

/** The most specific common name of a certificate's subject; undefined where it has none. */
export const commonNameIn = ({ cert }: Pick<Identity, 'cert'>): string | undefined =>
  commonNames(readCertificates(cert)[0].subject)[0]

/**
 * A name with another common name in the place of the most specific one, or behind everything where there is none.
 * @throws DerError when it is not a Name.
 */
export function withCommonName(name: Buffer, text: string): Buffer {
  const rdns = children(readWhole(name))
  const at = rdns.findLastIndex((rdn) => children(rdn).some(isCommonName))
  const own = sequence(oid(commonNameOid), utf8String(text))
  const changed = rdns.map((rdn, index) =>
    index === at ? setOf(...children(rdn).map((one) => (isCommonName(one) ? own : one.raw))) : rdn.raw,
  )
  return sequence(...changed, ...(at < 0 ? [setOf(own)] : []))
}
