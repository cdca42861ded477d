/**
 * What is wrong with an expression, and where.
 * @module
 */

/** The characters of an expression something stands at: `end` is behind the last one. */
export interface Span {
  start: number
  end: number
}

/** An expression that cannot be used. The message is laid out as the real API's: position, line, carets, what. */
export class RuleError extends Error {
  /** What is wrong, one phrase. */
  readonly what: string
  /** From 1. */
  readonly line: number
  /** In characters, from 1. */
  readonly column: number

  constructor(expression: string, { start, end }: Span, what: string) {
    const before = expression.slice(0, start)
    const lineStart = before.lastIndexOf('\n') + 1
    const lineEnd = expression.indexOf('\n', start)
    const text = expression.slice(lineStart, lineEnd === -1 ? undefined : lineEnd)
    const line = before.split('\n').length
    const column = start - lineStart + 1
    const carets = Math.max(1, Math.min(end - start, text.length - (column - 1)))
    super(
      `Filter parsing error (${line}:${column}):\n${text}\n${' '.repeat(column - 1)}${'^'.repeat(carets)} ${what}`,
    )
    this.name = 'RuleError'
    this.what = what
    this.line = line
    this.column = column
  }
}
