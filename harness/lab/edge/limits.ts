/**
 * How long and how much the edge puts up with.
 * @module
 */

/** Milliseconds and bytes. */
export interface Limits {
  /** From the first byte to the end of the TLS handshake. */
  handshake: number
  /** From the end of the handshake, or of the last answer, to a complete header section. */
  headers: number
  /** For a request body. */
  body: number
  /** For the origin to begin its answer. */
  origin: number
  /** A header section. */
  headerBytes: number
  /** A request body. */
  bodyBytes: number
}

/** Generous for people, short enough for a slow client to be let go. */
export const defaultLimits: Limits = {
  handshake: 10_000,
  headers: 10_000,
  body: 30_000,
  origin: 10_000,
  headerBytes: 32 * 1024,
  bodyBytes: 16 * 1024 * 1024,
}
