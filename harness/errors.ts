/**
 * The one error class of the harness. Callers switch on {@link HarnessError.code}; people read `message` and `hint`.
 *
 * No message, hint or field may contain a credential (key, passphrase, token, secret): use a fingerprint.
 * @module
 */

/** Exit codes of the command line (DESIGN 4.1). An error carries the one it should end the process with. */
export const exitCodes = {
  /** Everything planned was verified and nothing at or above `--fail-on` failed. */
  ok: 0,
  /** Findings at or above `--fail-on`. */
  findings: 1,
  /** Wrong usage, or an invalid deployment file. */
  usage: 2,
  /** Not verified: unreachable, nothing ran, interrupted, or a severe check stayed undecided. */
  notVerified: 3,
  /** The harness itself failed. */
  internal: 4,
} as const

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Every stable error code, with the exit code it stands for. */
export const errorCodes = {
  ERR_USAGE: exitCodes.usage,
  ERR_DEPLOYMENT_INVALID: exitCodes.usage,
  ERR_DEPLOYMENT_FILE: exitCodes.usage,
  ERR_DEPLOYMENT_SECRET: exitCodes.usage,
  ERR_CERTIFICATE: exitCodes.usage,
  ERR_PRIVATE_KEY: exitCodes.usage,
  ERR_PASSPHRASE: exitCodes.usage,
  ERR_UNREACHABLE: exitCodes.notVerified,
  ERR_INTERRUPTED: exitCodes.notVerified,
  ERR_PLATFORM: exitCodes.internal,
  ERR_INTERNAL: exitCodes.internal,
} as const satisfies Record<string, ExitCode>

/** A stable, documented error code. */
export type ErrorCode = keyof typeof errorCodes

/** Where in a user's file the error is; line and column count from 1. */
export interface ErrorLocation {
  file: string
  line?: number
  column?: number
}

/** An error that a person is meant to read: what is wrong, where, and how to fix it. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly location: ErrorLocation | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; location?: ErrorLocation; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.location = options.location
  }

  /** The exit code this error ends the process with. */
  get exitCode(): ExitCode {
    return errorCodes[this.code]
  }
}
