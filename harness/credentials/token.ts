/**
 * JSON Web Tokens as text, in parts: read without judging, written without asking whether they make sense.
 * @module
 */
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { HarnessError } from '../errors.ts'

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>

/** A token in its compact form, taken apart. Nothing about it has been verified. */
export interface TokenParts {
  header: Json
  claims: Json
  /** The three parts as they stood, base64url. */
  written: readonly [header: string, claims: string, signature: string]
}

/** Makes a signature over `<header>.<claims>`. */
export type Signer = (signed: string) => Buffer

/**
 * Takes a token apart.
 * @throws HarnessError ERR_USAGE where it is not three parts, of which the first two are JSON objects. The token is not quoted.
 */
export function readToken(token: string): TokenParts {
  const [header, claims, signature, ...more] = token.split('.')
  const read = { header: objectIn(header), claims: objectIn(claims) }
  if (signature === undefined || more.length > 0 || read.header === undefined || read.claims === undefined)
    throw new HarnessError('ERR_USAGE', 'not a JSON Web Token in its compact form')
  return { header: read.header, claims: read.claims, written: [header ?? '', claims ?? '', signature] }
}

function objectIn(part: string | undefined): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
  } catch {
    return undefined
  }
}

/** A part of a token: a value as JSON, or text as it is, in base64url. */
export const encodePart = (value: Json | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Writes a token. Header and claims may be text that is no JSON; members that are undefined are left out. */
export function writeToken(header: Json | string, claims: Json | string, signer: Signer): string {
  const signed = `${encodePart(header)}.${encodePart(claims)}`
  return `${signed}.${signer(signed).toString('base64url')}`
}

/** RS256. @param key PEM or key object, private. */
export function rs256(key: KeyObject | string): Signer {
  const used = typeof key === 'string' ? createPrivateKey(key) : key
  return (signed) => sign('sha256', Buffer.from(signed), used)
}

/** HMAC by SHA-2. */
export const hmac =
  (bits: 256 | 384 | 512, secret: string | Buffer): Signer =>
  (signed) =>
    createHmac(`sha${bits}`, secret).update(signed).digest()

/** No signature at all. */
export const unsigned: Signer = () => Buffer.alloc(0)

/** Whether a private key belongs to a public one: same modulus, same point. */
export const belongsTo = (privateKey: string, publicKey: KeyObject): boolean =>
  createPublicKey(privateKey).equals(publicKey)
