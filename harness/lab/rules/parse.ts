/**
 * Tokens to a tree. `not` binds tighter than `and`, `and` than `xor`, `xor` than `or` (Rules language, operators).
 * @module
 */
import type { Literal, Node, Operator, SetItem } from './ast.ts'
import { RuleError, type Span } from './error.ts'
import { lex, type StringToken, stringValue, type Token } from './lex.ts'

/** Characters an expression may have. */
export const maxLength = 4096
/** How deep parentheses, calls and negations may be nested. */
const maxDepth = 64

const comparisons: Readonly<Record<string, Operator>> = {
  eq: 'eq',
  '==': 'eq',
  ne: 'ne',
  '!=': 'ne',
  lt: 'lt',
  '<': 'lt',
  le: 'le',
  '<=': 'le',
  gt: 'gt',
  '>': 'gt',
  ge: 'ge',
  '>=': 'ge',
  contains: 'contains',
  wildcard: 'wildcard',
  matches: 'matches',
  '~': 'matches',
}

/** Loosest first. */
const logic = [
  { operator: 'or', symbol: '||' },
  { operator: 'xor', symbol: '^^' },
  { operator: 'and', symbol: '&&' },
] as const

const keywords: ReadonlySet<string> = new Set([
  ...Object.keys(comparisons).filter((name) => /^[a-z]/.test(name)),
  ...logic.map(({ operator }) => operator),
  'not',
  'in',
  'strict',
])

/** The tree of an expression. @throws RuleError */
export function parse(expression: string): Node {
  if (expression.trim() === '')
    throw new RuleError(expression, { start: 0, end: 0 }, 'the expression cannot be blank')
  if (expression.length > maxLength)
    throw new RuleError(
      expression.slice(0, 60),
      { start: 0, end: 60 },
      `the expression has ${expression.length} characters, more than ${maxLength}`,
    )
  return new Parser(expression).whole()
}

class Parser {
  readonly #expression: string
  readonly #tokens: (Token | StringToken)[]
  #at = 0
  #depth = 0

  constructor(expression: string) {
    this.#expression = expression
    this.#tokens = lex(expression)
  }

  whole(): Node {
    const node = this.#either(0)
    if (this.#now().kind !== 'end') throw this.#wrong(this.#now(), this.#leftOver())
    return node
  }

  #either(level: number): Node {
    const rule = logic[level]
    if (rule === undefined) return this.#nested(() => this.#unary())
    let left = this.#either(level + 1)
    while (this.#is(rule.operator) || this.#is(rule.symbol)) {
      this.#at++
      const right = this.#either(level + 1)
      left = { kind: 'logic', operator: rule.operator, left, right, start: left.start, end: right.end }
    }
    return left
  }

  #nested<Result>(inner: () => Result): Result {
    this.#depth++
    if (this.#depth > maxDepth) throw this.#wrong(this.#now(), `nested more than ${maxDepth} deep`)
    const result = inner()
    this.#depth--
    return result
  }

  #unary(): Node {
    const token = this.#now()
    if (this.#is('not') || this.#is('!')) {
      this.#at++
      const of = this.#nested(() => this.#unary())
      return { kind: 'not', of, start: token.start, end: of.end }
    }
    if (this.#is('(')) {
      this.#at++
      const node = this.#either(0)
      const { end } = this.#take(')')
      return { ...node, start: token.start, end }
    }
    return this.#comparison()
  }

  #comparison(): Node {
    const left = this.#value()
    const token = this.#now()
    if (this.#is('in')) {
      this.#at++
      const items = this.#set()
      return { kind: 'in', left, items, start: left.start, end: this.#previous().end }
    }
    const operator = this.#operator()
    if (operator === undefined) return left
    if (left.kind === 'literal')
      throw this.#wrong(left, 'the left side of a comparison has to be a field or a function')
    const right = this.#literal(`${token.text} has to be followed by a literal value`)
    return { kind: 'compare', operator, left, right, start: left.start, end: right.end }
  }

  #operator(): Operator | undefined {
    const token = this.#now()
    if (token.kind === 'string' || token.kind === 'end') return undefined
    if (token.text === 'strict') {
      this.#at++
      this.#take('wildcard')
      return 'strict wildcard'
    }
    if (token.text === '&' || token.text === 'bitwise_and')
      throw this.#wrong(token, 'the lab does not have bitwise_and')
    const operator = Object.hasOwn(comparisons, token.text) ? comparisons[token.text] : undefined
    if (operator !== undefined) this.#at++
    return operator
  }

  #set(): SetItem[] {
    if (this.#is('$')) throw this.#wrong(this.#now(), 'the lab has no lists: write the values as {…}')
    const opening = this.#take('{')
    const items: SetItem[] = []
    while (!this.#is('}')) {
      const from = this.#literal('expected a literal value or }')
      const range = this.#is('..')
      if (range) this.#at++
      items.push({ from, to: range ? this.#literal('expected the end of the range') : undefined })
    }
    if (items.length === 0) throw this.#wrong(opening, 'the set is empty')
    this.#at++
    return items
  }

  #literal(otherwise: string): Literal {
    const token = this.#now()
    if (token.kind !== 'string' && token.kind !== 'number') throw this.#wrong(token, otherwise)
    this.#at++
    return token
  }

  #value(): Node {
    const token = this.#now()
    const { start, end } = token
    if (token.kind === 'string' || token.kind === 'number') {
      this.#at++
      return { kind: 'literal', token, start, end }
    }
    if (token.kind !== 'word' || keywords.has(token.text))
      throw this.#wrong(
        token,
        token.kind === 'end' ? 'the expression ends too early' : 'expected a field, a function or a literal',
      )
    this.#at++
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'boolean', value: token.text === 'true', start, end }
    let node: Node = this.#is('(')
      ? { kind: 'call', name: token.text, arguments: this.#arguments(), start, end: this.#previous().end }
      : { kind: 'field', name: token.text, start, end }
    while (this.#is('[')) node = this.#index(node)
    return node
  }

  #arguments(): Node[] {
    this.#take('(')
    const list: Node[] = []
    while (!this.#is(')')) {
      if (list.length > 0) this.#take(',')
      list.push(this.#either(0))
    }
    this.#at++
    return list
  }

  #index(of: Node): Node {
    this.#take('[')
    const token = this.#now()
    this.#at++
    let key: string | number
    if (token.kind === 'string') key = stringValue(this.#expression, token)
    else if (token.kind === 'number' && /^\d{1,9}$/.test(token.text)) key = Number(token.text)
    else if (token.kind === 'symbol' && token.text === '*') key = '*'
    else throw this.#wrong(token, 'expected a quoted string, a positive integer or *')
    const { end } = this.#take(']')
    return { kind: 'index', of, key, each: token.kind === 'symbol', start: of.start, end }
  }

  #leftOver(): string {
    const previous = this.#at === 0 ? undefined : this.#previous()
    if (this.#is(')')) return 'there is no ( for this )'
    const last = previous?.kind === 'word' ? previous.text : ''
    return this.#now().kind === 'word' && last !== ''
      ? `unknown operator "${this.#now().text.slice(0, 40)}"`
      : 'unrecognised input'
  }

  #now(): Token | StringToken {
    return (
      this.#tokens[this.#at] ?? {
        kind: 'end',
        text: '',
        start: this.#expression.length,
        end: this.#expression.length,
      }
    )
  }

  #previous(): Token | StringToken {
    return this.#tokens[this.#at - 1] ?? this.#now()
  }

  #is(text: string): boolean {
    const token = this.#now()
    return token.kind !== 'string' && token.kind !== 'end' && token.text === text
  }

  #take(text: string): Token | StringToken {
    const token = this.#now()
    if (!this.#is(text)) throw this.#wrong(token, `expected "${text}"`)
    this.#at++
    return token
  }

  #wrong(span: Span, what: string): RuleError {
    return new RuleError(this.#expression, span, what)
  }
}
