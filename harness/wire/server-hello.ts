/**
 * ServerHello, HelloRetryRequest and EncryptedExtensions (RFC 8446 §4.1.3, §4.1.4, §4.3.1; RFC 5246 §7.4.1.3).
 * @module
 */
import { Cursor } from './bytes.ts'
import { extensionTypes, pick, readAlpn, readExtensions } from './extensions.ts'
import { extensionName, groupName, versionName } from './names.ts'
import { suiteName } from './suites.ts'

/** A ServerHello, read. */
export interface ServerHello {
  /** Version chosen, e.g. `TLSv1.3`. */
  version: string
  random: Buffer
  sessionId: Buffer
  suite: number
  compression: number
  extensions: string[]
  /** It is a HelloRetryRequest. */
  retry: boolean
  /** Group of the server's key share, or the group a HelloRetryRequest asks for. */
  group: string | undefined
  alpn: string | undefined
  /** TLS 1.3: a PSK was accepted. */
  psk: boolean
  encryptThenMac: boolean
  extendedMasterSecret: boolean
  problems: string[]
}

// SHA-256 of "HelloRetryRequest": the random that marks one (RFC 8446 §4.1.3).
const retryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'

/** Reads the body of a ServerHello. Throws `WireError` where even its fixed part cannot be read. */
export function readServerHello(body: Buffer): ServerHello {
  const cursor = new Cursor(body, 'ServerHello')
  const legacyVersion = cursor.uint(2)
  const random = cursor.take(32)
  const sessionId = cursor.vector(1)
  const suite = cursor.uint(2)
  const compression = cursor.uint(1)
  const extensions = readExtensions(cursor)
  const problems: string[] = []
  const has = (type: number): boolean => extensions.some((extension) => extension.type === type)
  return {
    version: versionName(
      pick(extensions, extensionTypes.supportedVersions, problems, (one) => one.uint(2)) ?? legacyVersion,
    ),
    random,
    sessionId,
    suite,
    compression,
    extensions: extensions.map((extension) => extensionName(extension.type)),
    retry: random.toString('hex') === retryRandom,
    group: pick(extensions, extensionTypes.keyShare, problems, (one) => groupName(one.uint(2))),
    alpn: pick(extensions, extensionTypes.alpn, problems, readAlpn)?.[0],
    psk: has(extensionTypes.preSharedKey),
    encryptThenMac: has(extensionTypes.encryptThenMac),
    extendedMasterSecret: has(extensionTypes.extendedMasterSecret),
    problems,
  }
}

// The last eight bytes of the random of a server that could do better: to TLS 1.2, and below (RFC 8446 §4.1.3).
const sentinels: ReadonlySet<string> = new Set(['444f574e47524401', '444f574e47524400'])

/** What a transcript shows of a ServerHello. */
export function serverHelloDetail(hello: ServerHello): Record<string, unknown> {
  return {
    version: hello.version,
    cipherSuite: suiteName(hello.suite),
    ...(hello.group === undefined ? {} : { group: hello.group }),
    ...(hello.alpn === undefined ? {} : { alpn: hello.alpn }),
    ...(hello.psk ? { preSharedKey: true } : {}),
    ...(hello.version === 'TLSv1.3'
      ? {}
      : { encryptThenMac: hello.encryptThenMac, extendedMasterSecret: hello.extendedMasterSecret }),
    ...(sentinels.has(hello.random.toString('hex', 24)) ? { downgradeSentinel: true } : {}),
    sessionIdLength: hello.sessionId.length,
    extensions: hello.extensions,
  }
}

/** EncryptedExtensions, read. */
export interface EncryptedExtensions {
  alpn: string | undefined
  /** Early data was accepted. */
  earlyData: boolean
  extensions: string[]
  problems: string[]
}

/** Reads the body of EncryptedExtensions. Throws `WireError`. */
export function readEncryptedExtensions(body: Buffer): EncryptedExtensions {
  const extensions = readExtensions(new Cursor(body, 'EncryptedExtensions'))
  const problems: string[] = []
  return {
    alpn: pick(extensions, extensionTypes.alpn, problems, readAlpn)?.[0],
    earlyData: extensions.some((extension) => extension.type === extensionTypes.earlyData),
    extensions: extensions.map((extension) => extensionName(extension.type)),
    problems,
  }
}
