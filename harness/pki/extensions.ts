/**
 * X.509 v3 extensions as DER (RFC 5280 §4.2).
 * @module
 */
import { isIP } from 'node:net'
import { HarnessError } from '../errors.ts'
import {
  boolean,
  constructed,
  integer,
  namedBits,
  octetString,
  oid,
  primitive,
  sequence,
} from './der/write.ts'
import { extendedKeyUsages, extensionOids, type KeyUsage, keyUsages } from './oids.ts'

/** One extension: `value` is the DER inside its OCTET STRING. */
export interface Extension {
  oid: string
  critical: boolean
  value: Buffer
}

/** Alternative names; IP addresses as text. */
export interface SubjectAltNames {
  dns?: string[]
  uri?: string[]
  email?: string[]
  ip?: string[]
}

/** DER of one extension; DER leaves out `critical` when it is false. */
export const encodeExtension = ({ oid: id, critical, value }: Extension): Buffer =>
  critical ? sequence(oid(id), boolean(true), octetString(value)) : sequence(oid(id), octetString(value))

/** basicConstraints, critical; `pathLength` only for a CA. */
export function basicConstraints(ca: boolean, pathLength?: number): Extension {
  const parts = ca ? [boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])] : []
  return { oid: extensionOids.basicConstraints, critical: true, value: sequence(...parts) }
}

/** keyUsage, critical. */
export const keyUsage = (usages: readonly KeyUsage[]): Extension => ({
  oid: extensionOids.keyUsage,
  critical: true,
  value: namedBits(usages.map((usage) => keyUsages.indexOf(usage))),
})

/**
 * extKeyUsage from names (`clientAuth`) or dotted OIDs.
 * @throws HarnessError ERR_USAGE for a name that is not known.
 */
export function extendedKeyUsage(usages: readonly string[]): Extension {
  const ids = usages.map((usage) => {
    const known = Object.entries(extendedKeyUsages).find(
      ([name]) => name.toLowerCase() === usage.toLowerCase(),
    )
    if (known === undefined && !/^[0-2](\.\d+)+$/.test(usage)) {
      throw new HarnessError('ERR_USAGE', `extended key usage "${usage}" is not known`, {
        hint: `use a dotted OID or one of: ${Object.keys(extendedKeyUsages).join(', ')}`,
      })
    }
    return oid(known?.[1] ?? usage)
  })
  return { oid: extensionOids.extendedKeyUsage, critical: false, value: sequence(...ids) }
}

/** subjectAltName; undefined when there is no name to put in. */
export function subjectAltName(names: SubjectAltNames): Extension | undefined {
  const encoded = [
    ...(names.email ?? []).map((name) => primitive(1, asciiName(name, 'e-mail address'))),
    ...(names.dns ?? []).map((name) => primitive(2, asciiName(name, 'DNS name'))),
    ...(names.uri ?? []).map((name) => primitive(6, asciiName(name, 'URI'))),
    ...(names.ip ?? []).map((name) => primitive(7, addressBytes(name))),
  ]
  if (encoded.length === 0) return undefined
  return { oid: extensionOids.subjectAltName, critical: false, value: sequence(...encoded) }
}

/** subjectKeyIdentifier. */
export const subjectKeyIdentifier = (id: Buffer): Extension => ({
  oid: extensionOids.subjectKeyIdentifier,
  critical: false,
  value: octetString(id),
})

/** authorityKeyIdentifier with the key identifier only. */
export const authorityKeyIdentifier = (id: Buffer): Extension => ({
  oid: extensionOids.authorityKeyIdentifier,
  critical: false,
  value: sequence(primitive(0, id)),
})

/** nameConstraints over DNS names, critical (RFC 5280 §4.2.1.10). */
export function nameConstraints(constraints: { permitted?: string[]; excluded?: string[] }): Extension {
  const subtrees = (names: string[]): Buffer[] =>
    names.map((name) => sequence(primitive(2, asciiName(name, 'DNS name'))))
  const { permitted = [], excluded = [] } = constraints
  const parts = [
    ...(permitted.length === 0 ? [] : [constructed(0, ...subtrees(permitted))]),
    ...(excluded.length === 0 ? [] : [constructed(1, ...subtrees(excluded))]),
  ]
  return { oid: extensionOids.nameConstraints, critical: true, value: sequence(...parts) }
}

/** cRLDistributionPoints: one DistributionPoint per URL. */
export const crlDistributionPoints = (urls: readonly string[]): Extension => ({
  oid: extensionOids.crlDistributionPoints,
  critical: false,
  value: sequence(
    ...urls.map((url) => sequence(constructed(0, constructed(0, primitive(6, asciiName(url, 'URI')))))),
  ),
})

function asciiName(name: string, what: string): Buffer {
  if (name === '' || /[^\x20-\x7e]/.test(name)) {
    throw new HarnessError('ERR_USAGE', `"${name}" is not a ${what} that a certificate can hold`, {
      hint: 'internationalised names go in as punycode (xn--…)',
    })
  }
  return Buffer.from(name, 'latin1')
}

/** 4 or 16 bytes of an address. @throws HarnessError ERR_USAGE when it is none. */
export function addressBytes(address: string): Buffer {
  const family = isIP(address)
  if (family === 0 || address.includes('%'))
    throw new HarnessError('ERR_USAGE', `"${address}" is not an IP address`)
  if (family === 4) return Buffer.from(address.split('.').map(Number))
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const words = (text: string | undefined): number[] =>
    (text ?? '')
      .split(':')
      .filter((word) => word !== '')
      .map((word) => Number.parseInt(word, 16))
  const [left, right] = [words(head), words(tail)]
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]))
}
