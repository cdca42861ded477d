/**
 * Why the API does not take a rule.
 * @module
 */

/** A rule that is refused. Codes that were not found are 20000: our choice. */
export class RuleRefusal extends Error {
  readonly code: number

  constructor(message: string, code = 20_000) {
    super(message)
    this.name = 'RuleRefusal'
    this.code = code
  }
}

/** A value somebody sent, short enough for a message. */
export const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 80)
