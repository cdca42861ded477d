/**
 * Tokens on their way to a cloudflared without browser: encrypted to its key, fetched once by long polling
 * (cloudflared token/transfer.go, token/encrypt.go).
 * @module
 */
import nacl from 'tweetnacl'
import { createExpiring } from './expiring.ts'

/** What a poll brings. */
export interface Parcel {
  /** Base64 of nonce and NaCl box. */
  body: string
  /** The sender's public key, base64url with padding: header `service-public-key`. */
  senderKey: string
}

/** Parcels that wait, and those who wait for them. */
export interface Transfers {
  /** Encrypts to a key and keeps it. @returns false when the key is none. */
  put(publicKey: string, content: object): boolean
  /** Waits for a parcel. `none`: there was none in time. `busy`: too many wait. */
  wait(publicKey: string): Promise<Parcel | 'none' | 'busy'>
  close(): void
}

const keptFor = 10 * 60_000
const mostParcels = 1000
const mostWaiting = 500

/** @param wait milliseconds until a poll ends without anything. */
export function createTransfers({ now, wait }: { now(): number; wait: number }): Transfers {
  const parcels = createExpiring<Parcel>(mostParcels, now)
  const waiting = new Map<string, Set<() => void>>()
  let count = 0
  let closed = false
  const untilCalled = (key: string): Promise<void> =>
    new Promise((resolve) => {
      const called = (): void => {
        clearTimeout(timer)
        waiters.delete(called)
        if (waiters.size === 0) waiting.delete(key)
        count -= 1
        resolve()
      }
      const timer = setTimeout(called, wait)
      const waiters = waiting.get(key) ?? new Set()
      waiting.set(key, waiters.add(called))
      count += 1
    })
  const call = (key: string): void => {
    for (const called of [...(waiting.get(key) ?? [])]) called()
  }
  return {
    put(publicKey, content) {
      const recipient = keyOf(publicKey)
      if (recipient === undefined) return false
      parcels.set(publicKey, seal(recipient, content), now() + keptFor)
      call(publicKey)
      return true
    },
    async wait(publicKey) {
      const there = parcels.take(publicKey)
      if (there !== undefined) return there
      if (closed || keyOf(publicKey) === undefined) return 'none'
      if (count >= mostWaiting) return 'busy'
      await untilCalled(publicKey)
      return parcels.take(publicKey) ?? 'none'
    },
    close() {
      closed = true
      for (const key of [...waiting.keys()]) call(key)
    },
  }
}

/** 32 bytes written as base64url with padding, as Go's URLEncoding has it. */
function keyOf(text: string): Uint8Array | undefined {
  return /^[A-Za-z0-9_-]{43}=$/.test(text) ? new Uint8Array(Buffer.from(text, 'base64url')) : undefined
}

function seal(recipient: Uint8Array, content: object): Parcel {
  const { publicKey, secretKey } = nacl.box.keyPair()
  const nonce = nacl.randomBytes(nacl.box.nonceLength)
  const box = nacl.box(new TextEncoder().encode(JSON.stringify(content)), nonce, recipient, secretKey)
  return {
    body: Buffer.concat([nonce, box]).toString('base64'),
    senderKey: `${Buffer.from(publicKey).toString('base64url')}=`,
  }
}
