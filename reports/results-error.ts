/**
 * The one error of this folder. It carries what a command line needs, and knows nothing of the rest of the program.
 * @module
 */

/** What went wrong: the file cannot be read, it is not a results file, or a program handed over broken results. */
export type ResultsErrorCode = 'ERR_RESULTS_FILE' | 'ERR_RESULTS_INVALID' | 'ERR_RESULTS_INTERNAL'

/** A results file that cannot be read, or results that must not be written. */
export class ResultsError extends Error {
  override readonly name = 'ResultsError'
  readonly code: ResultsErrorCode
  /** What to do about it. */
  readonly hint: string

  constructor(code: ResultsErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
  }

  /** Exit code of the command line: 2 for a file the user named, 4 where the program itself is at fault. */
  get exitCode(): 2 | 4 {
    return this.code === 'ERR_RESULTS_INTERNAL' ? 4 : 2
  }
}
