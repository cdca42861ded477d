/**
 * What an ordinary client or server certificate holds, unless told otherwise.
 * @module
 */
import {
  basicConstraints,
  type Extension,
  extendedKeyUsage,
  keyUsage,
  type SubjectAltNames,
  subjectAltName,
} from '../extensions.ts'
import type { KeyUsage } from '../oids.ts'

/** The extensions of a leaf. An empty list leaves the extension out. */
export interface LeafOptions {
  /** Default `client`. Decides the defaults of `eku` and `san`. */
  purpose?: 'client' | 'server'
  /** Default: the label as a DNS name under `.invalid` (client); localhost, 127.0.0.1 and ::1 (server). */
  san?: SubjectAltNames
  /** Names (`clientAuth`) or dotted OIDs; default: clientAuth or serverAuth. */
  eku?: string[]
  /** Default: digitalSignature, and keyEncipherment for an RSA server key. */
  keyUsage?: KeyUsage[]
  /** CA:TRUE in basicConstraints, nothing else; an authority is made with `createAuthority`. */
  ca?: boolean
  /** Further extensions; one with an OID that is there already replaces it. */
  extensions?: Extension[]
}

/** rsaEncryption in a SubjectPublicKeyInfo: `1.2.840.113549.1.1.1`. */
const rsaEncryption = Buffer.from('06092a864886f70d010101', 'hex')

/** The extensions that do not depend on the issuer. @throws HarnessError ERR_USAGE for names that cannot be encoded. */
export function leafExtensions(options: LeafOptions, publicKey: Buffer, label: string): Extension[] {
  const server = options.purpose === 'server'
  const rsaServer = server && publicKey.subarray(0, 40).includes(rsaEncryption)
  const usages: KeyUsage[] =
    options.keyUsage ?? (rsaServer ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'])
  const purposes = options.eku ?? [server ? 'serverAuth' : 'clientAuth']
  const names = subjectAltName(options.san ?? defaultNames(server, label))
  return [
    basicConstraints(options.ca ?? false),
    ...(usages.length === 0 ? [] : [keyUsage(usages)]),
    ...(purposes.length === 0 ? [] : [extendedKeyUsage(purposes)]),
    ...(names === undefined ? [] : [names]),
  ]
}

/** `.invalid` (RFC 6761 §6.4) never names a real host. */
function defaultNames(server: boolean, label: string): SubjectAltNames {
  if (server) return { dns: ['localhost'], ip: ['127.0.0.1', '::1'] }
  const host = label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
  return { dns: [`${host === '' ? 'client' : host}.invalid`] }
}

/** The base with every extension of `changes` put in place of the one with its OID, or added. */
export function replaceExtensions(base: readonly Extension[], changes: readonly Extension[]): Extension[] {
  const kept = base.map((extension) => changes.find(({ oid }) => oid === extension.oid) ?? extension)
  return [...kept, ...changes.filter(({ oid }) => !base.some((extension) => extension.oid === oid))]
}
