/**
 * Hello extensions that say something about client authentication (RFC 8446 §4.2, RFC 6066, RFC 7301).
 * @module
 */
import { Cursor, WireError } from './bytes.ts'
import { extensionName, groupName, schemeName, versionName } from './names.ts'

/** An extension as it stands in the message. */
export interface Extension {
  type: number
  data: Buffer
}

/** Reads the list at the cursor; an absent list is empty (RFC 5246 §7.4.1.2). */
export function readExtensions(cursor: Cursor): Extension[] {
  if (cursor.left === 0) return []
  return cursor
    .within(2, 'extension list')
    .all((list) => ({ type: list.uint(2), data: list.within(2, 'extension').rest() }))
}

/** Runs a reader on the first extension of this type. What is malformed goes to `problems` and reads as absent. */
export function pick<T>(
  extensions: Extension[],
  type: number,
  problems: string[],
  read: (cursor: Cursor) => T,
): T | undefined {
  const found = extensions.find((extension) => extension.type === type)
  if (found === undefined) return undefined
  try {
    return read(new Cursor(found.data, `extension ${extensionName(type)}`))
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    problems.push(error.message)
    return undefined
  }
}

export const extensionTypes = {
  serverName: 0,
  supportedGroups: 10,
  signatureAlgorithms: 13,
  alpn: 16,
  encryptThenMac: 22,
  extendedMasterSecret: 23,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  certificateAuthorities: 47,
  postHandshakeAuth: 49,
  keyShare: 51,
} as const

/** `host_name` entry of server_name (RFC 6066 §3), bytes as Latin-1: it need not be ASCII. */
export function readServerName(cursor: Cursor): string | undefined {
  const names = cursor
    .within(2, 'server name list')
    .all((list) => ({ type: list.uint(1), name: list.vector(2).toString('latin1') }))
  return names.find((name) => name.type === 0)?.name
}

/** Protocol names (RFC 7301 §3.1), bytes as Latin-1. */
export const readAlpn = (cursor: Cursor): string[] =>
  cursor.within(2, 'protocol name list').all((list) => list.vector(1).toString('latin1'))

const numbers = (cursor: Cursor, size: 1 | 2): number[] =>
  cursor.within(size, 'list').all((list) => list.uint(2))

export const readSchemes = (cursor: Cursor): string[] => numbers(cursor, 2).map(schemeName)
export const readGroups = (cursor: Cursor): string[] => numbers(cursor, 2).map(groupName)
export const readVersions = (cursor: Cursor): string[] => numbers(cursor, 1).map(versionName)

/** Groups of the key shares a client offers; the keys are skipped. */
export const readKeyShares = (cursor: Cursor): string[] =>
  cursor.within(2, 'key share list').all((list) => {
    const group = groupName(list.uint(2))
    list.vector(2)
    return group
  })

/** How many identities `pre_shared_key` offers. */
export const countPskIdentities = (cursor: Cursor): number =>
  cursor.within(2, 'identity list').all((list) => {
    list.vector(2)
    list.uint(4)
  }).length

/** DER of the names in `certificate_authorities` (RFC 8446 §4.2.4); the TLS 1.2 CertificateRequest has the same form. */
export const readAuthorities = (cursor: Cursor): Buffer[] =>
  cursor.within(2, 'certificate authorities').all((list) => list.vector(2))
