/**
 * Distinguished names: text to DER, and DER to the three spellings that edges and servers use.
 * @module
 */
import { HarnessError } from '../errors.ts'
import { children, DerError, readNode, readOid, readWhole } from './der/read.ts'
import { ia5String, oid, printableString, sequence, setOf, utf8String } from './der/write.ts'
import { attributeTypes } from './oids.ts'

/** One name in three spellings. */
export interface NameForms {
  /** RFC 4514: `CN=sensor,O=Example,C=US`; characters outside ASCII as they are. */
  rfc4514: string
  /** RFC 2253 as `openssl -nameopt RFC2253` prints it: bytes outside ASCII escaped. */
  rfc2253: string
  /** `/C=US/O=Example/CN=sensor`, as OpenSSL's `X509_NAME_oneline` prints it. */
  legacy: string
}

const oidByType = new Map(
  Object.entries(attributeTypes).map(([type, dotted]) => [type.toLowerCase(), dotted]),
)
const typeByOid = new Map(Object.entries(attributeTypes).map(([type, dotted]) => [dotted, type]))

/**
 * DER of a name written as RFC 4514 (`CN=a,O=b`) or as openssl's `-subj` takes it (`/O=b/CN=a`).
 * @throws HarnessError ERR_USAGE when it is neither.
 */
export function encodeName(text: string): Buffer {
  const rdns = text.startsWith('/')
    ? split(text.slice(1), '/').map((rdn) => split(rdn, '+'))
    : split(text, ',')
        .map((rdn) => split(rdn, '+'))
        .toReversed()
  if (text.trim() === '') return sequence()
  return sequence(...rdns.map((rdn) => setOf(...rdn.map((part) => encodeAttribute(part, text)))))
}

/** DER of a name that is one common name, whatever characters it has. */
export const commonName = (text: string): Buffer =>
  sequence(setOf(sequence(oid('2.5.4.3'), utf8String(text))))

function split(text: string, separator: string): string[] {
  const parts: string[] = []
  let part = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === '\\') part += char + (text[++at] ?? '')
    else if (char === separator) {
      parts.push(part)
      part = ''
    } else part += char
  }
  return [...parts, part]
}

function encodeAttribute(part: string, whole: string): Buffer {
  const equals = part.indexOf('=')
  const type = part.slice(0, Math.max(equals, 0)).trim()
  const dotted = /^\d+(\.\d+)+$/.test(type) ? type : oidByType.get(type.toLowerCase())
  if (dotted === undefined) {
    const what = equals < 0 ? `"${part.trim()}" has no "="` : `attribute type "${type}" is not known`
    throw new HarnessError('ERR_USAGE', `the name "${whole}" cannot be read: ${what}`, {
      hint: 'write it as RFC 4514, for example CN=sensor-001,O=Example,C=US',
    })
  }
  const raw = part.slice(equals + 1).replace(/^\s+|(?<!\\)\s+$/g, '')
  if (/^#([0-9a-f]{2})+$/i.test(raw)) return sequence(oid(dotted), Buffer.from(raw.slice(1), 'hex'))
  const value = unescapeValue(raw)
  if (dotted === attributeTypes.C || dotted === attributeTypes.serialNumber)
    return sequence(oid(dotted), printableString(value))
  if (dotted === attributeTypes.DC || dotted === attributeTypes.emailAddress)
    return sequence(oid(dotted), ia5String(value))
  return sequence(oid(dotted), utf8String(value))
}

function unescapeValue(raw: string): string {
  const bytes: Buffer[] = []
  for (const [token] of raw.matchAll(/\\[0-9a-f]{2}|\\.|[^\\]/gisu)) {
    if (/^\\[0-9a-f]{2}$/i.test(token)) bytes.push(Buffer.from(token.slice(1), 'hex'))
    else bytes.push(Buffer.from(token.startsWith('\\') ? token.slice(1) : token, 'utf8'))
  }
  return Buffer.concat(bytes).toString('utf8')
}

/** The spellings of a DER name. @throws DerError when it is not a Name. */
export function decodeName(der: Buffer): NameForms {
  const rdns = children(readWhole(der)).map((rdn) =>
    children(rdn).map((attribute) => {
      const [type, value] = children(attribute)
      if (value === undefined) throw new DerError('attribute without value')
      return { type: readOid(type), value: value.raw }
    }),
  )
  // Within a multi-valued RDN the order is free (RFC 4514 §2.2): openssl's is kept.
  const rfc = (ascii: boolean): string =>
    rdns
      .toReversed()
      .map((rdn) =>
        rdn
          .toReversed()
          .map(({ type, value }) => rfcAttribute(type, value, ascii))
          .join('+'),
      )
      .join(',')
  const legacy = rdns
    .map(
      (rdn) =>
        `/${rdn.map(({ type, value }) => `${typeByOid.get(type) ?? type}=${legacyValue(value)}`).join('+')}`,
    )
    .join('')
  return { rfc4514: rfc(false), rfc2253: rfc(true), legacy }
}

/** Text of a character string element, undefined for other types. */
export function characterString(der: Buffer): string | undefined {
  const { tag, body } = readNode(der)
  if (tag === 0x0c) return body.toString('utf8')
  if (tag === 0x1e && body.length % 2 === 0) return Buffer.from(body).swap16().toString('utf16le')
  return [0x12, 0x13, 0x14, 0x16, 0x1a].includes(tag) ? body.toString('latin1') : undefined
}

function rfcAttribute(type: string, value: Buffer, ascii: boolean): string {
  const known = typeByOid.get(type)
  const text = known === undefined ? undefined : characterString(value)
  if (known === undefined || text === undefined)
    return `${known ?? type}=#${value.toString('hex').toUpperCase()}`
  let escaped = text.replace(/[,+"\\<>;]/g, '\\$&').replace(/^[# ]/, '\\$&')
  if (/(?<!\\) $/.test(escaped)) escaped = `${escaped.slice(0, -1)}\\ `
  const outside = ascii ? /[^\x20-\x7e]/gu : /\p{Cc}/gu
  return `${known}=${escaped.replace(outside, (char) => hexEscape('\\', char))}`
}

function legacyValue(value: Buffer): string {
  const text = characterString(value)
  if (text === undefined) return readNode(value).body.toString('hex')
  return text.replace(/[/+]/g, '\\$&').replace(/[^\x20-\x7e]/gu, (char) => hexEscape('\\x', char))
}

const hexEscape = (prefix: string, char: string): string =>
  [...Buffer.from(char, 'utf8')]
    .map((byte) => prefix + byte.toString(16).padStart(2, '0').toUpperCase())
    .join('')
