/**
 * Writing the TLS presentation language (RFC 8446 §3).
 * @module
 */

/** An unsigned big-endian integer of 1 to 6 bytes. */
export function uint(size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntBE(value, 0, size)
  return bytes
}

/** The parts, with their length in `size` bytes in front. */
export function vector(size: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([uint(size, body.length), body])
}

/** An extension of a hello. */
export const extension = (type: number, ...parts: Buffer[]): Buffer =>
  Buffer.concat([uint(2, type), vector(2, ...parts)])

/** A handshake message with its header. */
export const handshake = (type: number, ...parts: Buffer[]): Buffer =>
  Buffer.concat([uint(1, type), vector(3, ...parts)])

/** Handshake types that are written or waited for here. */
export const handshakeTypes = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
  keyUpdate: 24,
  messageHash: 254,
} as const

export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const
