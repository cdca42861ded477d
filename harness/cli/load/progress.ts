/**
 * Progress of a load: one line that is rewritten on a terminal, now and then a line elsewhere.
 * @module
 */
import type { WriteStream } from 'node:tty'

/** Elsewhere than on a terminal no more often than this, milliseconds. */
const every = 10_000

/** Shows how far a load is. */
export class LoadProgress {
  readonly #out: WriteStream
  #last = Number.NEGATIVE_INFINITY

  constructor(out: WriteStream) {
    this.#out = out
  }

  /** How far it is now. */
  show(line: string): void {
    if (this.#out.isTTY) {
      this.#out.write(`\r\u001b[2K${line.slice(0, Math.max(20, this.#out.columns - 1))}`)
    } else if (performance.now() - this.#last >= every) {
      this.#last = performance.now()
      this.#out.write(`${line}\n`)
    }
  }

  /** Something that stays. */
  say(line: string): void {
    this.end()
    this.#out.write(`${line}\n`)
  }

  /** Leaves a clean line behind. */
  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[2K')
  }
}
