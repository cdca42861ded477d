/**
 * One direction of a connection: its record stream, its handshake stream, and the keys that open it.
 * @module
 */
import { type Opener, opener13, type Plaintext } from './decrypt.ts'
import { nextTrafficSecret } from './keys.ts'
import { HandshakeReader } from './reassembly.ts'
import { RecordReader, type TlsRecord } from './records.ts'
import type { Suite } from './suites.ts'
import type { Direction } from './types.ts'

/** Which keys. `session`: the one set a TLS 1.2 handshake makes. */
export type Stage = 'early' | 'handshake' | 'application' | 'session'

interface Epoch {
  stage: Stage
  opener: Opener
}

/** State of one direction. */
export class Lane {
  readonly from: Direction
  readonly records = new RecordReader()
  readonly handshake = new HandshakeReader()
  /** TLS 1.2: ChangeCipherSpec has passed, everything after it is encrypted. */
  secured = false
  /** Its (first) Finished has passed. */
  finished = false
  /** Why there are no keys, for `problems`. */
  missing: string | undefined
  /** Records that could not be opened since the keys last changed. */
  opaque = 0
  /** The last stage whose keys opened something. */
  stage: Stage | undefined
  #epochs: Epoch[] = []
  #next: (() => Epoch) | undefined

  constructor(from: Direction) {
    this.from = from
  }

  /** Keys from here on, in the order in which they come into use. */
  setEpochs(epochs: Epoch[]): void {
    this.#epochs = epochs
    this.opaque = 0
  }

  /** Adds a TLS 1.3 stage behind those there are. */
  addStage(stage: Stage, suite: Suite, secret: Buffer): void {
    this.#epochs.push({ stage, opener: opener13(suite, secret) })
    if (stage === 'application') this.#next = updates(suite, secret)
  }

  /** Forgets the keys before `stage`, if that stage has keys. */
  advanceTo(stage: Stage): void {
    const index = this.#epochs.findIndex((epoch) => epoch.stage === stage)
    if (index > 0) this.#epochs.splice(0, index)
  }

  /** TLS 1.3 KeyUpdate: the application keys make place for their successors. */
  update(): void {
    const epoch = this.#next?.()
    if (epoch !== undefined) this.setEpochs([epoch])
  }

  /**
   * Opens a record. Authentication tells which keys it is under, so keys whose beginning was not seen (a missing
   * secret, early data) are found by trying. Undefined: none of them.
   */
  open(record: TlsRecord): Plaintext | undefined {
    for (const [index, { opener, stage }] of this.#epochs.entries()) {
      const plaintext = opener.open(record)
      if (plaintext === undefined) continue
      this.#epochs.splice(0, index)
      this.stage = stage
      return plaintext
    }
    this.opaque++
    return undefined
  }

  get keyed(): boolean {
    return this.#epochs.length > 0
  }
}

function updates(suite: Suite, first: Buffer): () => Epoch {
  let secret = first
  return () => {
    secret = nextTrafficSecret(suite, secret)
    return { stage: 'application', opener: opener13(suite, secret) }
  }
}
