/**
 * ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
 * @module
 */
import { Cursor } from './bytes.ts'
import {
  countPskIdentities,
  extensionTypes,
  pick,
  readAlpn,
  readExtensions,
  readGroups,
  readKeyShares,
  readSchemes,
  readServerName,
  readVersions,
} from './extensions.ts'
import { extensionName, versionName } from './names.ts'
import { suiteName } from './suites.ts'

/** A ClientHello, read. Names of numbers are IANA's; text is the peer's bytes as Latin-1, not escaped. */
export interface ClientHello {
  /** Versions offered, best first as sent: `supported_versions`, or else the one `legacy_version`. */
  versions: string[]
  random: Buffer
  sessionId: Buffer
  cipherSuites: string[]
  /** Extension names in the order sent. */
  extensions: string[]
  serverName: string | undefined
  alpn: string[]
  signatureSchemes: string[]
  groups: string[]
  keyShares: string[]
  /** PSK identities offered (TLS 1.3 resumption). */
  pskIdentities: number
  /** Length of the session ticket offered (TLS 1.2, RFC 5077); 0: willing to get one; undefined: not supported. */
  sessionTicket: number | undefined
  earlyData: boolean
  postHandshakeAuth: boolean
  /** What was malformed and therefore reads as absent. */
  problems: string[]
}

/** Reads the body of a ClientHello. Throws `WireError` where even its fixed part cannot be read. */
export function readClientHello(body: Buffer): ClientHello {
  const cursor = new Cursor(body, 'ClientHello')
  const legacyVersion = cursor.uint(2)
  const random = cursor.take(32)
  const sessionId = cursor.vector(1)
  const cipherSuites = cursor.within(2, 'cipher suite list').all((list) => suiteName(list.uint(2)))
  cursor.vector(1) // compression methods
  const extensions = readExtensions(cursor)
  const problems: string[] = []
  const get = <T>(type: number, read: (one: Cursor) => T): T | undefined =>
    pick(extensions, type, problems, read)
  const has = (type: number): boolean => extensions.some((extension) => extension.type === type)
  return {
    versions: get(extensionTypes.supportedVersions, readVersions) ?? [versionName(legacyVersion)],
    random,
    sessionId,
    cipherSuites,
    extensions: extensions.map((extension) => extensionName(extension.type)),
    serverName: get(extensionTypes.serverName, readServerName),
    alpn: get(extensionTypes.alpn, readAlpn) ?? [],
    signatureSchemes: get(extensionTypes.signatureAlgorithms, readSchemes) ?? [],
    groups: get(extensionTypes.supportedGroups, readGroups) ?? [],
    keyShares: get(extensionTypes.keyShare, readKeyShares) ?? [],
    pskIdentities: get(extensionTypes.preSharedKey, countPskIdentities) ?? 0,
    sessionTicket: get(extensionTypes.sessionTicket, (ticket) => ticket.left),
    earlyData: has(extensionTypes.earlyData),
    postHandshakeAuth: has(extensionTypes.postHandshakeAuth),
    problems,
  }
}

/** What a transcript shows of it. Session id and ticket are shown by length only. */
export function clientHelloDetail(hello: ClientHello): Record<string, unknown> {
  return {
    versions: hello.versions,
    ...(hello.serverName === undefined ? {} : { serverName: hello.serverName }),
    ...(hello.alpn.length === 0 ? {} : { alpn: hello.alpn }),
    cipherSuites: hello.cipherSuites,
    signatureAlgorithms: hello.signatureSchemes,
    groups: hello.groups,
    ...(hello.keyShares.length === 0 ? {} : { keyShares: hello.keyShares }),
    sessionIdLength: hello.sessionId.length,
    ...(hello.sessionTicket === undefined ? {} : { sessionTicketLength: hello.sessionTicket }),
    ...(hello.pskIdentities === 0 ? {} : { pskIdentities: hello.pskIdentities }),
    ...(hello.earlyData ? { earlyData: true } : {}),
    ...(hello.postHandshakeAuth ? { postHandshakeAuth: true } : {}),
    extensions: hello.extensions,
  }
}
