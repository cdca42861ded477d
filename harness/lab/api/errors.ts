/**
 * A refusal of the API: HTTP status, code and message of the envelope.
 * @module
 */

/** Thrown by a handler; answered as a failure envelope. */
export class ApiError extends Error {
  readonly status: number
  readonly code: number
  /** Further headers of the answer. */
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}
