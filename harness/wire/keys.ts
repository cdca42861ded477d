/**
 * Key schedules: TLS 1.3 from traffic secrets (RFC 8446 §7), TLS 1.2 from the master secret (RFC 5246 §5, §6.3).
 * @module
 */
import { createHmac } from 'node:crypto'
import { Cursor } from './bytes.ts'
import type { Suite } from './suites.ts'

const hmac = (hash: string, key: Buffer, ...parts: Buffer[]): Buffer => {
  const digest = createHmac(hash, key)
  for (const part of parts) digest.update(part)
  return digest.digest()
}

/** HKDF-Extract (RFC 5869 §2.2). */
export const hkdfExtract = (hash: string, salt: Buffer, secret: Buffer): Buffer => hmac(hash, salt, secret)

/** HKDF-Expand-Label (RFC 8446 §7.1); `length` in bytes. */
export function hkdfExpandLabel(
  hash: string,
  secret: Buffer,
  label: string,
  context: Buffer,
  length: number,
): Buffer {
  const name = Buffer.from(`tls13 ${label}`)
  const head = Buffer.from([length >> 8, length & 0xff, name.length])
  const info = Buffer.concat([head, name, Buffer.from([context.length]), context])
  let block: Buffer = Buffer.alloc(0)
  let output: Buffer = block
  for (let counter = 1; output.length < length; counter++) {
    block = hmac(hash, secret, block, info, Buffer.from([counter]))
    output = Buffer.concat([output, block])
  }
  return output.subarray(0, length)
}

/** Key and nonce base of one direction. */
export interface TrafficKeys {
  key: Buffer
  iv: Buffer
}

const empty = Buffer.alloc(0)

/** Record keys of a TLS 1.3 traffic secret (RFC 8446 §7.3). */
export function trafficKeys(suite: Suite, secret: Buffer): TrafficKeys {
  return {
    key: hkdfExpandLabel(suite.hash, secret, 'key', empty, suite.keyLength),
    iv: hkdfExpandLabel(suite.hash, secret, 'iv', empty, 12),
  }
}

/** The secret after a KeyUpdate (RFC 8446 §7.2). */
export const nextTrafficSecret = (suite: Suite, secret: Buffer): Buffer =>
  hkdfExpandLabel(suite.hash, secret, 'traffic upd', empty, secret.length)

/** The TLS 1.2 PRF (RFC 5246 §5); `length` in bytes. */
export function prf(hash: string, secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const full = Buffer.concat([Buffer.from(label), seed])
  const blocks: Buffer[] = []
  let a: Buffer = full
  for (let have = 0; have < length; have += blocks.at(-1)?.length ?? length) {
    a = hmac(hash, secret, a)
    blocks.push(hmac(hash, secret, a, full))
  }
  return Buffer.concat(blocks).subarray(0, length)
}

/** MAC key (empty for AEAD), key and IV of one direction in TLS 1.2. */
export interface WriteKeys extends TrafficKeys {
  mac: Buffer
}

/** The key block of TLS 1.2, cut up (RFC 5246 §6.3). */
export function keyBlock(
  suite: Suite,
  master: Buffer,
  clientRandom: Buffer,
  serverRandom: Buffer,
): { client: WriteKeys; server: WriteKeys } {
  const { macLength, keyLength, ivLength } = suite
  const seed = Buffer.concat([serverRandom, clientRandom])
  const block = prf(suite.hash, master, 'key expansion', seed, 2 * (macLength + keyLength + ivLength))
  const cursor = new Cursor(block, 'key block')
  const cut = (length: number): Buffer => cursor.take(length)
  const [clientMac, serverMac] = [cut(macLength), cut(macLength)]
  const [clientKey, serverKey] = [cut(keyLength), cut(keyLength)]
  const [clientIv, serverIv] = [cut(ivLength), cut(ivLength)]
  return {
    client: { mac: clientMac, key: clientKey, iv: clientIv },
    server: { mac: serverMac, key: serverKey, iv: serverIv },
  }
}
