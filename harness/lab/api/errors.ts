/**
 * A refusal of the API: HTTP status, code and message of the envelope.
 * @module
 */

/** Code and message, as the envelope lists them. */
export interface CodeAndMessage {
  code: number
  message: string
}

/** Thrown by a handler; answered as a failure envelope. */
export class ApiError extends Error {
  readonly status: number
  readonly code: number
  /** Further headers of the answer. */
  readonly headers: Readonly<Record<string, string>>
  /** `error_chain`: what is behind it. */
  readonly chain: readonly CodeAndMessage[]

  constructor(
    status: number,
    code: number,
    message: string,
    headers: Record<string, string> = {},
    chain: readonly CodeAndMessage[] = [],
  ) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
    this.chain = chain
  }
}
