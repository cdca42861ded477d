/**
 * The functions of the Rules language the lab has.
 * Source: developers.cloudflare.com ruleset-engine/rules-language/functions.
 * @module
 */
import type { Value, ValueType } from './fields.ts'

/** One function. A missing argument gives a missing result unless `missing` says otherwise. */
export interface RuleFunction {
  /** Types each parameter takes. */
  parameters: readonly (readonly ValueType[])[]
  /** The last parameter may be repeated. */
  variadic?: boolean
  /** The first argument cannot be a literal. */
  firstIsNoLiteral?: boolean
  result: ValueType
  /** May only stand in the value of a header (documented). */
  rewriteOnly?: boolean
  missing?: Value
  /** Never called with missing values; the types are as declared. */
  call(...values: Value[]): Value
}

const text = (value: Value): string => (typeof value === 'string' ? value : '')
const list = (value: Value): Value[] => (Array.isArray(value) ? value : [])

const functions: Readonly<Record<string, RuleFunction>> = {
  lower: {
    parameters: [['string']],
    result: 'string',
    call: (value) => text(value).replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  },
  upper: {
    parameters: [['string']],
    result: 'string',
    call: (value) => text(value).replace(/[a-z]+/g, (part) => part.toUpperCase()),
  },
  starts_with: {
    parameters: [['string'], ['string']],
    firstIsNoLiteral: true,
    result: 'bool',
    call: (source, part) => text(source).startsWith(text(part)),
  },
  ends_with: {
    parameters: [['string'], ['string']],
    firstIsNoLiteral: true,
    result: 'bool',
    call: (source, part) => text(source).endsWith(text(part)),
  },
  len: {
    parameters: [['string', 'string[]', 'int[]', 'bool[]']],
    result: 'int',
    call: (value) => (Array.isArray(value) ? value.length : Buffer.byteLength(text(value))),
  },
  concat: {
    parameters: [['string']],
    variadic: true,
    result: 'string',
    call: (...values) => values.map(text).join(''),
  },
  to_string: {
    parameters: [['int', 'bool', 'ip']],
    result: 'string',
    rewriteOnly: true,
    call: (value) => String(value),
  },
  any: {
    parameters: [['bool[]']],
    result: 'bool',
    missing: false,
    call: (values) => list(values).includes(true),
  },
  all: {
    parameters: [['bool[]']],
    result: 'bool',
    missing: false,
    call: (values) => !list(values).includes(false),
  },
}

/** By name. */
export const ruleFunctions: ReadonlyMap<string, RuleFunction> = new Map(Object.entries(functions))
