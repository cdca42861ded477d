/**
 * Reads the values of the extensions that reports show (RFC 5280 §4.2). All throw DerError on bytes that do not fit.
 * @module
 */
import {
  children,
  DerError,
  type DerNode,
  readBits,
  readNode,
  readOid,
  readSmallInteger,
  readWhole,
} from '../der/read.ts'
import { decodeName } from '../names.ts'
import { keyUsages } from '../oids.ts'

/** Alternative names by kind; `other` holds kinds that have no text form here, as `tag:hex`. */
export interface AlternativeNames {
  dns: string[]
  email: string[]
  uri: string[]
  ip: string[]
  other: string[]
}

/** basicConstraints. */
export interface BasicConstraints {
  ca: boolean
  pathLen?: number
}

/** nameConstraints, each subtree as `DNS:example.com`. */
export interface NameConstraintFacts {
  permitted: string[]
  excluded: string[]
}

export function readBasicConstraints(value: Buffer): BasicConstraints {
  const fields = children(readWhole(value))
  const ca = fields[0]?.tag === 0x01 ? fields.shift()?.body[0] !== 0 : false
  return fields[0] === undefined ? { ca } : { ca, pathLen: readSmallInteger(fields[0]) }
}

export const readKeyIdentifier = (value: Buffer): string => hex(readWhole(value, 0x04).body)

export function readAuthorityKeyIdentifier(value: Buffer): string | undefined {
  const id = children(readWhole(value)).find(({ tag }) => tag === 0x80)
  return id === undefined ? undefined : hex(id.body)
}

export const readExtendedKeyUsage = (value: Buffer): string[] => children(readWhole(value)).map(readOid)

export function readKeyUsage(value: Buffer): string[] {
  const bits = readBits(readNode(value))
  return keyUsages.filter((_, position) => ((bits[position >> 3] ?? 0) & (0x80 >> (position & 7))) !== 0)
}

export function readAlternativeNames(value: Buffer): AlternativeNames {
  const names: AlternativeNames = { dns: [], email: [], uri: [], ip: [], other: [] }
  for (const node of children(readWhole(value))) {
    if (node.tag === 0x82) names.dns.push(text(node))
    else if (node.tag === 0x81) names.email.push(text(node))
    else if (node.tag === 0x86) names.uri.push(text(node))
    else if (node.tag === 0x87) names.ip.push(address(node.body))
    else names.other.push(generalName(node))
  }
  return names
}

export function readNameConstraints(value: Buffer): NameConstraintFacts {
  const subtrees = (tag: number, list: DerNode[]): string[] =>
    list
      .filter((node) => node.tag === tag)
      .flatMap((node) => children(node).map((subtree) => generalName(readNode(subtree.body))))
  const list = children(readWhole(value))
  return { permitted: subtrees(0xa0, list), excluded: subtrees(0xa1, list) }
}

/** The URLs of all distribution points. */
export function readDistributionPoints(value: Buffer): string[] {
  return children(readWhole(value))
    .flatMap((point) => children(point).filter(({ tag }) => tag === 0xa0))
    .flatMap((name) => children(name).filter(({ tag }) => tag === 0xa0))
    .flatMap((fullName) =>
      children(fullName)
        .filter(({ tag }) => tag === 0x86)
        .map(text),
    )
}

function generalName(node: DerNode): string {
  switch (node.tag) {
    case 0x81:
      return `email:${text(node)}`
    case 0x82:
      return `DNS:${text(node)}`
    case 0x86:
      return `URI:${text(node)}`
    case 0x87:
      return `IP:${address(node.body)}`
    case 0xa4:
      return `DirName:${decodeName(readNode(node.body).raw).rfc4514}`
    default:
      return `${node.tag & 0x1f}:${hex(node.body)}`
  }
}

/** Text of an IA5String; a control character (a NUL in a DNS name, say) is shown escaped. */
const text = (node: DerNode): string =>
  node.body
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

function address(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  if (bytes.length === 8) return `${address(bytes.subarray(0, 4))}/${address(bytes.subarray(4))}`
  if (bytes.length === 32) return `${address(bytes.subarray(0, 16))}/${address(bytes.subarray(16))}`
  if (bytes.length !== 16) throw new DerError('IP address of unusual length')
  const words = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16))
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1)
}

const hex = (bytes: Buffer): string => bytes.toString('hex').toUpperCase()
