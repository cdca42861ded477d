/**
 * Expression to tokens. Strings stay undecoded: what an escape means depends on the operator before.
 * @module
 */
import { RuleError, type Span } from './error.ts'

/** A token. `number` is an integer, an address, or a network: which of them shows when it is used. */
export interface Token extends Span {
  kind: 'word' | 'number' | 'symbol' | 'end'
  text: string
}

/** A string literal: what stands between its quotes. */
export interface StringToken extends Span {
  kind: 'string'
  text: string
  raw: boolean
}

const space = /[ \t\r\n]*/y
const word = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y
// An IPv6 address has a colon after at most four hex digits, which nothing else has.
const ipv6 = /[0-9A-Fa-f]{0,4}:(?:[0-9A-Fa-f:]|\.(?!\.))*(?:\/\d+)?/y
const ipv4 = /\d+(?:\.\d+){3}(?:\/\d+)?/y
const integer = /-?(?:0[xX][0-9A-Fa-f]+|\d+)/y
const symbol = /==|!=|<=|>=|&&|\|\||\^\^|\.\.|[<>~!(){}[\],*&$]/y
const rawStart = /r(#{0,255})"/y

/** The tokens; the last one is `end`. @throws RuleError at what is no token. */
export function lex(expression: string): (Token | StringToken)[] {
  const tokens: (Token | StringToken)[] = []
  let at = matchAt(space, expression, 0)?.length ?? 0
  while (at < expression.length) {
    const token = next(expression, at)
    tokens.push(token)
    at = token.end + (matchAt(space, expression, token.end)?.length ?? 0)
  }
  return [...tokens, { kind: 'end', text: '', start: at, end: at }]
}

function next(expression: string, start: number): Token | StringToken {
  const raw = matchAt(rawStart, expression, start)
  if (raw !== undefined) return rawString(expression, start, raw)
  if (expression[start] === '"') return quotedString(expression, start)
  const kinds = [
    ['number', ipv6],
    ['word', word],
    ['number', ipv4],
    ['number', integer],
    ['symbol', symbol],
  ] as const
  for (const [kind, pattern] of kinds) {
    const text = matchAt(pattern, expression, start)
    if (text !== undefined && text !== '') return { kind, text, start, end: start + text.length }
  }
  throw new RuleError(expression, { start, end: start + 1 }, 'unrecognised input')
}

function rawString(expression: string, start: number, opening: string): StringToken {
  const body = start + opening.length
  const closing = `"${'#'.repeat(opening.length - 2)}`
  const end = expression.indexOf(closing, body)
  if (end === -1) throw new RuleError(expression, { start, end: expression.length }, 'missing ending quote')
  return { kind: 'string', raw: true, text: expression.slice(body, end), start, end: end + closing.length }
}

function quotedString(expression: string, start: number): StringToken {
  for (let at = start + 1; at < expression.length; at++) {
    if (expression[at] === '\\') at++
    else if (expression[at] === '"')
      return { kind: 'string', raw: false, text: expression.slice(start + 1, at), start, end: at + 1 }
  }
  throw new RuleError(expression, { start, end: expression.length }, 'missing ending quote')
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** The value of a string anywhere but behind `matches`. @throws RuleError at an escape that means nothing. */
export function stringValue(expression: string, token: StringToken): string {
  if (token.raw) return token.text
  return token.text.replace(/\\(x([0-7][0-9A-Fa-f])|[\s\S])/g, (found, what: string, hex, offset: number) => {
    if (typeof hex === 'string') return String.fromCharCode(Number.parseInt(hex, 16))
    if (what === '"' || what === '\\') return what
    const start = token.start + 1 + offset
    throw new RuleError(
      expression,
      { start, end: start + found.length },
      'invalid escape: \\", \\\\ and \\x00 to \\x7f are known; a raw string r"…" needs none',
    )
  })
}

/** The pattern in a string behind `matches`: only the quote itself is unescaped, the rest is the pattern's. */
export const patternValue = ({ raw, text }: StringToken): string => (raw ? text : text.replace(/\\"/g, '"'))
