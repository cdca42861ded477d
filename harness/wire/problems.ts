/**
 * What could not be read, collected: repeated ones are counted, and their number is bounded.
 * @module
 */

const most = 100

/** Problems of one transcript. */
export class Problems {
  readonly #counts = new Map<string, number>()
  #more = 0

  /** Peer text in `text` must have been escaped. */
  add(text: string): void {
    const count = this.#counts.get(text)
    if (count === undefined && this.#counts.size >= most) this.#more++
    else this.#counts.set(text, (count ?? 0) + 1)
  }

  list(): string[] {
    const list = [...this.#counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`))
    return this.#more === 0 ? list : [...list, `${this.#more} further problems`]
  }
}
