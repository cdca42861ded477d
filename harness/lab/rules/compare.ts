/**
 * Comparisons: which types have which operator, and the test of one literal.
 * @module
 */

import { AddressSet } from './addresses.ts'
import type { Literal, Operator, SetItem } from './ast.ts'
import { RuleError, type Span } from './error.ts'
import type { Value, ValueType } from './fields.ts'
import { patternValue, stringValue } from './lex.ts'
import { compileRegex } from './regex.ts'
import { compileWildcard } from './wildcard.ts'

/** Whether a value that is not missing passes. */
export type Test = (value: Value) => boolean

/** The type of an element, as far as it can be compared. */
type Comparable = 'string' | 'int' | 'ip'

const allowed: Readonly<Record<Comparable, readonly Operator[]>> = {
  string: ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'contains', 'wildcard', 'strict wildcard', 'matches'],
  int: ['eq', 'ne', 'lt', 'le', 'gt', 'ge'],
  ip: ['eq', 'ne'],
}

const isComparable = (type: ValueType): type is Comparable => Object.hasOwn(allowed, type)

const orders: Readonly<Partial<Record<Operator, (order: number) => boolean>>> = {
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
}

/** The test of `<left> <operator> <literal>`. @throws RuleError */
export function comparison(
  expression: string,
  type: ValueType,
  operator: Operator,
  literal: Literal,
  span: Span,
): Test {
  const wrong = (at: Span, what: string): RuleError => new RuleError(expression, at, what)
  if (type === 'bool')
    throw wrong(span, `a boolean takes no operator: write it alone, or with "not", instead of ${operator}`)
  if (!isComparable(type))
    throw wrong(span, `${operator} does not take ${typeName(type)}: use an index or a function`)
  if (!allowed[type].includes(operator))
    throw wrong(span, `${operator} is not for ${typeName(type)} (it has ${allowed[type].join(', ')})`)
  if (type === 'ip') {
    const set = addressSet(expression, [{ from: literal, to: undefined }], false)
    return operator === 'eq' ? (value) => set.has(String(value)) : (value) => !set.has(String(value))
  }
  if (type === 'int') {
    const wanted = integerOf(expression, literal)
    if (operator === 'eq') return (value) => value === wanted
    if (operator === 'ne') return (value) => value !== wanted
    const order = orders[operator]
    return (value) => order?.(Number(value) - wanted) === true
  }
  return stringTest(expression, operator, literal)
}

function stringTest(expression: string, operator: Operator, literal: Literal): Test {
  if (literal.kind !== 'string') throw new RuleError(expression, literal, 'expected a quoted string')
  if (operator === 'matches' || operator === 'wildcard' || operator === 'strict wildcard') {
    const test =
      operator === 'matches'
        ? compileRegex(patternValue(literal))
        : compileWildcard(stringValue(expression, literal), operator === 'strict wildcard')
    if (typeof test === 'string') throw new RuleError(expression, literal, test)
    return (value) => test(String(value))
  }
  const wanted = stringValue(expression, literal)
  if (operator === 'eq') return (value) => value === wanted
  if (operator === 'ne') return (value) => value !== wanted
  if (operator === 'contains') return (value) => String(value).includes(wanted)
  const order = orders[operator]
  const bytes = Buffer.from(wanted)
  return (value) => order?.(Buffer.compare(Buffer.from(String(value)), bytes)) === true
}

/** The test of `<left> in {…}`. @throws RuleError */
export function membership(expression: string, type: ValueType, items: readonly SetItem[], span: Span): Test {
  if (!isComparable(type)) throw new RuleError(expression, span, `"in" does not take ${typeName(type)}`)
  if (type === 'ip') {
    const set = addressSet(expression, items, true)
    return (value) => set.has(String(value))
  }
  if (type === 'int') {
    const ranges = items.map(({ from, to }): [number, number] => {
      const least = integerOf(expression, from)
      const most = to === undefined ? least : integerOf(expression, to)
      if (to !== undefined && most < least)
        throw new RuleError(expression, to, 'the range ends before it begins')
      return [least, most]
    })
    return (value) => ranges.some(([least, most]) => Number(value) >= least && Number(value) <= most)
  }
  const values = new Set(
    items.map(({ from, to }) => {
      if (to !== undefined) throw new RuleError(expression, to, 'strings have no ranges')
      if (from.kind !== 'string') throw new RuleError(expression, from, 'expected a quoted string')
      return stringValue(expression, from)
    }),
  )
  return (value) => values.has(String(value))
}

function addressSet(expression: string, items: readonly SetItem[], networks: boolean): AddressSet {
  const set = new AddressSet()
  for (const { from, to } of items) {
    const wrong =
      from.kind !== 'number' || (to !== undefined && to.kind !== 'number')
        ? 'expected an IP address, without quotes'
        : !networks && from.text.includes('/')
          ? 'a network is compared with in {…}'
          : set.add(from.text, to?.text)
    if (wrong !== undefined) throw new RuleError(expression, from, wrong)
  }
  return set
}

/** The integer a literal stands for. @throws RuleError */
export function integerOf(expression: string, literal: Literal): number {
  if (literal.kind !== 'number' || !/^-?(0[xX][0-9A-Fa-f]+|0|[1-9]\d*)$/.test(literal.text))
    throw new RuleError(expression, literal, 'expected an integer')
  const negative = literal.text.startsWith('-')
  const value = Number(literal.text.slice(negative ? 1 : 0)) * (negative ? -1 : 1)
  if (!Number.isSafeInteger(value)) throw new RuleError(expression, literal, 'the integer is too large')
  return value
}

/** A type, for people. */
export function typeName(type: ValueType): string {
  if (type === 'map') return 'a map'
  if (type.endsWith('[]')) return `an array of ${type.slice(0, -2)}`
  return { string: 'a string', int: 'an integer', bool: 'a boolean', ip: 'an IP address' }[type as 'string']
}
