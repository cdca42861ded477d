/**
 * Distinguished names as RFC 4514 text.
 * @module
 */
import { WireError } from './bytes.ts'
import { type DerElement, oidText, readDer, readDerSequence } from './der.ts'
import type { WireName } from './types.ts'

// RFC 4514 §3, and further descriptors registered for LDAP (RFC 4519, RFC 2985) that certificates use.
const keywords: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.42': 'GN',
  '2.5.4.43': 'initials',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf16 = new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true })

function decodeString({ tag, body }: DerElement): string | undefined {
  try {
    switch (tag) {
      case 0x0c: // UTF8String
        return utf8.decode(body)
      case 0x12: // NumericString
      case 0x13: // PrintableString
      case 0x14: // TeletexString, in practice Latin-1
      case 0x16: // IA5String
      case 0x1a: // VisibleString
        return body.toString('latin1')
      case 0x1e: // BMPString
        return utf16.decode(body)
      case 0x1c: // UniversalString
        return decodeUtf32(body)
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}

function decodeUtf32(body: Buffer): string | undefined {
  if (body.length % 4 !== 0) return undefined
  let text = ''
  for (let at = 0; at < body.length; at += 4) text += String.fromCodePoint(body.readUInt32BE(at))
  return text
}

// RFC 4514 §2.4. Control characters, which it lets pass, are escaped as well: the text is printed.
function escapeValue(text: string): string {
  const hexed = (character: string): string =>
    [...Buffer.from(character)]
      .map((byte) => `\\${byte.toString(16).padStart(2, '0').toUpperCase()}`)
      .join('')
  return text
    .replace(/[,+"\\<>;]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, hexed)
}

function attributeText(attribute: DerElement): string {
  const [type, value] = readDer(attribute.body)
  if (attribute.tag !== 0x30 || type?.tag !== 0x06 || value === undefined) {
    throw new WireError('a name holds something that is not an attribute')
  }
  const oid = oidText(type.body)
  const keyword = keywords[oid]
  const text = keyword === undefined ? undefined : decodeString(value)
  return text === undefined
    ? `${keyword ?? oid}=#${value.whole.toString('hex')}`
    : `${keyword}=${escapeValue(text)}`
}

/** RFC 4514 text of the DER of a Name; the empty name is `''`. Throws {@link WireError} where it is not one. */
export function nameText(der: Buffer): string {
  return readDerSequence(der)
    .map((relative) => {
      if (relative.tag !== 0x31) throw new WireError('a name holds something that is not a set')
      return readDer(relative.body).map(attributeText).join('+')
    })
    .reverse()
    .join(',')
}

/** A name for people and for comparison. Never throws: what is no name says so in `text`. */
export function readName(der: Buffer): WireName {
  const hex = der.toString('hex')
  try {
    return { text: nameText(der), der: hex }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { text: `(not a name: ${error.message})`, der: hex }
  }
}
