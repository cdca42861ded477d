/**
 * Bytes and key log in, transcript out.
 * @module
 */
import { Connection } from './connection.ts'
import { parseKeyLog } from './keylog.ts'
import type { Chunk, Transcript } from './types.ts'

/**
 * What a {@link readTranscript} reads; a `Tap` has all of it but the key log:
 * `readTranscript({ ...tap, keylog })`.
 */
export interface TranscriptInput {
  chunks: readonly Chunk[]
  /** NSS key log lines: what Node's `keylog` event gives. */
  keylog: readonly (string | Buffer)[]
  /** Bytes that crossed the wire after the last chunk and were not kept. */
  dropped?: number
  /** How the server ended the connection, if it did. Without it a silent close is not seen as a refusal. */
  closedBy?: 'fin' | 'rst' | undefined
  /** When it did, on the clock of the chunks: what the client sent later was no reason. Default: after the last chunk. */
  closedAt?: number | undefined
}

/**
 * Reads a connection: records, handshake messages, alerts, decrypted as far as the key log allows (TLS 1.2 and 1.3;
 * older versions up to ChangeCipherSpec).
 *
 * Pure, linear in the bytes, and never throws: truncated, oversized, damaged and foreign bytes and missing secrets are
 * told in {@link Transcript.problems}. The result is plain data: `JSON.stringify` takes it as it is. It holds no
 * secret and no application data.
 */
export function readTranscript(input: TranscriptInput): Transcript {
  const secrets = parseKeyLog(input.keylog)
  const connection = new Connection(secrets)
  const closedAt = input.closedBy === undefined ? undefined : (input.closedAt ?? Number.POSITIVE_INFINITY)
  let failure: string | undefined
  try {
    for (const chunk of input.chunks) connection.feed(chunk, closedAt)
  } catch (error) {
    // A defect of the reader must not take the attempt down with it.
    failure = error instanceof Error ? error.name : 'unknown error'
  }
  const recording = connection.end(closedAt)
  const { problems } = recording
  if (failure !== undefined) problems.add(`reading stopped: ${failure} in the reader`)
  if (input.chunks.length === 0) problems.add('no bytes crossed the wire')
  if (secrets.malformed > 0) problems.add(`${secrets.malformed} key log lines could not be read`)
  if ((input.dropped ?? 0) > 0)
    problems.add(`${input.dropped} bytes beyond the recording limit were not kept`)
  return recording.finish()
}
