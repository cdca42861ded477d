/**
 * Opening the records of one direction: every protection that TLS 1.2 and 1.3 define for the suites in `suites.ts`.
 * @module
 */
import { createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { openAead, sequenceNonce } from './aead.ts'
import { type TrafficKeys, trafficKeys, type WriteKeys } from './keys.ts'
import type { TlsRecord } from './records.ts'
import type { Suite } from './suites.ts'

/** What a protected record held. */
export interface Plaintext {
  type: number
  bytes: Buffer
}

/** Opens the records of one direction under one set of keys, in order. */
export interface Opener {
  /** Undefined: not authentic under these keys. */
  open: (record: TlsRecord) => Plaintext | undefined
}

// A record that does not open was either damaged, and then counted by its sender, or never meant for these keys,
// and then not. So the next one is tried both ways.
function counted(open: (record: TlsRecord, sequence: bigint) => Plaintext | undefined): Opener {
  let sequence = 0n
  let missed = 0n
  return {
    open: (record) => {
      for (const candidate of missed === 0n ? [sequence] : [sequence, sequence + missed]) {
        const plaintext = open(record, candidate)
        if (plaintext === undefined) continue
        sequence = candidate + 1n
        missed = 0n
        return plaintext
      }
      missed++
      return undefined
    },
  }
}

/** TLS 1.3 (RFC 8446 §5.2): the true content type is the last byte that is not zero. */
export function opener13(suite: Suite, secret: Buffer): Opener {
  // Derived when first needed: a connection has keys that protect nothing.
  let keys: { key: KeyObject; iv: Buffer } | undefined
  return counted((record, sequence) => {
    keys ??= usable(trafficKeys(suite, secret))
    const { key, iv } = keys
    const inner = openAead(suite, key, sequenceNonce(iv, sequence), record.header, record.body)
    if (inner === undefined) return undefined
    let end = inner.length
    while (end > 0 && inner[end - 1] === 0) end--
    return { type: inner[end - 1] ?? 0, bytes: inner.subarray(0, Math.max(0, end - 1)) }
  })
}

/** TLS 1.2; `encryptThenMac` matters to CBC suites only (RFC 7366). */
export function opener12(suite: Suite, keys: WriteKeys, encryptThenMac: boolean): Opener {
  switch (suite.protection) {
    case 'gcm':
    case 'ccm':
    case 'chacha20-poly1305': {
      const aead = usable(keys)
      return counted((record, sequence) => openAead12(suite, aead, record, sequence))
    }
    case 'cbc':
      return counted((record, sequence) => openCbc(suite, keys, record, sequence, encryptThenMac))
    case 'null':
      return counted((record, sequence) => {
        const bytes = withoutMac(suite, keys, record, sequence, record.body)
        return bytes === undefined ? undefined : { type: record.type, bytes }
      })
  }
}

const usable = ({ key, iv }: TrafficKeys): { key: KeyObject; iv: Buffer } => ({
  key: createSecretKey(key),
  iv,
})

// seq_num || type || version || length (RFC 5246 §6.2.3.1 and §6.2.3.3).
function pseudoHeader(record: TlsRecord, sequence: bigint, length: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeBigUInt64BE(sequence)
  record.header.copy(head, 8, 0, 3)
  head.writeUInt16BE(length, 11)
  return head
}

function openAead12(
  suite: Suite,
  keys: { key: KeyObject; iv: Buffer },
  record: TlsRecord,
  sequence: bigint,
): Plaintext | undefined {
  // GCM and CCM send half of the nonce (RFC 5288 §3, RFC 6655 §3); ChaCha20-Poly1305 sends none (RFC 7905 §2).
  const explicit = suite.protection === 'chacha20-poly1305' ? 0 : 8
  const length = record.body.length - explicit - suite.tagLength
  if (length < 0) return undefined
  const nonce =
    explicit === 0
      ? sequenceNonce(keys.iv, sequence)
      : Buffer.concat([keys.iv, record.body.subarray(0, explicit)])
  const sealed = record.body.subarray(explicit)
  const bytes = openAead(suite, keys.key, nonce, pseudoHeader(record, sequence, length), sealed)
  return bytes === undefined ? undefined : { type: record.type, bytes }
}

function openCbc(
  suite: Suite,
  keys: WriteKeys,
  record: TlsRecord,
  sequence: bigint,
  encryptThenMac: boolean,
): Plaintext | undefined {
  const sealed = encryptThenMac ? withoutMac(suite, keys, record, sequence, record.body) : record.body
  if (sealed === undefined) return undefined
  const padded = decryptCbc(suite, keys, sealed)
  const padding = padded?.at(-1)
  if (padded === undefined || padding === undefined || padded.length < padding + 1) return undefined
  const end = padded.length - padding - 1
  if (!padded.subarray(end).every((byte) => byte === padding)) return undefined
  const content = padded.subarray(0, end)
  const bytes = encryptThenMac ? content : withoutMac(suite, keys, record, sequence, content)
  return bytes === undefined ? undefined : { type: record.type, bytes }
}

function decryptCbc(suite: Suite, keys: WriteKeys, sealed: Buffer): Buffer | undefined {
  const block = suite.cipher === 'des-ede3-cbc' ? 8 : 16
  if (sealed.length < 2 * block || sealed.length % block !== 0) return undefined
  const decipher = createDecipheriv(suite.cipher, keys.key, sealed.subarray(0, block))
  decipher.setAutoPadding(false)
  return Buffer.concat([decipher.update(sealed.subarray(block)), decipher.final()])
}

function withoutMac(
  suite: Suite,
  keys: WriteKeys,
  record: TlsRecord,
  sequence: bigint,
  content: Buffer,
): Buffer | undefined {
  const end = content.length - suite.macLength
  if (suite.mac === undefined || end < 0) return undefined
  const bytes = content.subarray(0, end)
  const mac = createHmac(suite.mac, keys.mac)
    .update(pseudoHeader(record, sequence, end))
    .update(bytes)
    .digest()
  return mac.equals(content.subarray(end)) ? bytes : undefined
}
