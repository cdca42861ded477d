/**
 * Checks the types of an expression and turns it into a function. Everything that can be wrong is refused here: what
 * compiles evaluates without an error.
 * @module
 */
import type { Node } from './ast.ts'
import { comparison, integerOf, membership, type Test, typeName } from './compare.ts'
import { RuleError, type Span } from './error.ts'
import { issuerFields, type RuleFields, ruleFieldTable, type Value, type ValueType } from './fields.ts'
import { type RuleFunction, ruleFunctions } from './functions.ts'
import { stringValue } from './lex.ts'
import { parse } from './parse.ts'

/** How an expression is read. */
export interface CompileOptions {
  /** For the fault `edge.rule-no-issuer-pin`: what is said about the issuer is taken as true. */
  ignoreIssuer?: boolean
}

interface Typed {
  type: ValueType
  /** Reads an array of `type`, after `[*]`. */
  each: boolean
  read: (fields: RuleFields) => Value
}

/** A condition. @throws RuleError */
export function compileCondition(
  expression: string,
  options: CompileOptions = {},
): (fields: RuleFields) => boolean {
  return cached(expression, options.ignoreIssuer === true ? unpinned : conditions, () => {
    const tree = parse(expression)
    const { type, each, read } = new Compiler(expression, options, false).node(tree)
    if (each) throw new RuleError(expression, tree, '[*] can only be used inside of a function such as any()')
    if (type !== 'bool')
      throw new RuleError(expression, tree, `the expression is ${typeName(type)}, not a boolean`)
    return (fields) => read(fields) === true
  })
}

/** The value of a header; undefined where something it needs is missing. @throws RuleError */
export function compileValue(expression: string): (fields: RuleFields) => string | undefined {
  return cached(expression, values, () => {
    const tree = parse(expression)
    const { type, each, read } = new Compiler(expression, {}, true).node(tree)
    if (each) throw new RuleError(expression, tree, '[*] can only be used inside of a function such as any()')
    if (type !== 'string' && type !== 'ip')
      throw new RuleError(expression, tree, `the value is ${typeName(type)}, not a string: use to_string()`)
    return (fields) => {
      const value = read(fields)
      return typeof value === 'string' ? value : undefined
    }
  })
}

const conditions = new Map<string, (fields: RuleFields) => boolean>()
const unpinned = new Map<string, (fields: RuleFields) => boolean>()
const values = new Map<string, (fields: RuleFields) => string | undefined>()
/** Expressions of each kind that are kept. */
const maxCached = 1000

function cached<Compiled>(expression: string, cache: Map<string, Compiled>, make: () => Compiled): Compiled {
  const known = cache.get(expression)
  if (known !== undefined) return known
  const compiled = make()
  if (cache.size >= maxCached) cache.delete(cache.keys().next().value ?? '')
  cache.set(expression, compiled)
  return compiled
}

const elementTypes: Readonly<Partial<Record<ValueType, ValueType>>> = {
  'string[]': 'string',
  'int[]': 'int',
  'bool[]': 'bool',
  'ip[]': 'ip',
}
const arrayTypes = { string: 'string[]', int: 'int[]', bool: 'bool[]', ip: 'ip[]' } as const
const isScalar = (type: ValueType): type is keyof typeof arrayTypes => Object.hasOwn(arrayTypes, type)

class Compiler {
  readonly #expression: string
  readonly #options: CompileOptions
  /** In the value of a header. */
  readonly #rewrite: boolean

  constructor(expression: string, options: CompileOptions, rewrite: boolean) {
    this.#expression = expression
    this.#options = options
    this.#rewrite = rewrite
  }

  node(node: Node): Typed {
    switch (node.kind) {
      case 'literal':
        return this.#literal(node)
      case 'boolean':
        return { type: 'bool', each: false, read: () => node.value }
      case 'field':
        return this.#field(node)
      case 'index':
        return this.#index(node)
      case 'call':
        return this.#call(node)
      case 'not':
        return this.#not(node)
      case 'logic':
        return this.#logic(node)
      case 'compare': {
        const left = this.node(node.left)
        const test = comparison(this.#expression, left.type, node.operator, node.right, node)
        return this.#tested(node.left, left, test, node.operator === 'ne')
      }
      case 'in': {
        const left = this.node(node.left)
        return this.#tested(node.left, left, membership(this.#expression, left.type, node.items, node), false)
      }
    }
  }

  /** A comparison; with a missing value it is false, whatever the operator (documented). */
  #tested(node: Node, { each, read }: Typed, test: Test, negative: boolean): Typed {
    if (this.#options.ignoreIssuer === true && node.kind === 'field' && issuerFields.has(node.name))
      return { type: 'bool', each: false, read: () => !negative }
    if (!each)
      return {
        type: 'bool',
        each: false,
        read: (fields) => {
          const value = read(fields)
          return value !== undefined && test(value)
        },
      }
    return {
      type: 'bool',
      each: true,
      read: (fields) => mapped(read(fields), (value) => value !== undefined && test(value)),
    }
  }

  #literal(node: Node & { kind: 'literal' }): Typed {
    const { token } = node
    if (token.kind === 'string') {
      const value = stringValue(this.#expression, token)
      return { type: 'string', each: false, read: () => value }
    }
    const value = integerOf(this.#expression, token)
    return { type: 'int', each: false, read: () => value }
  }

  #field(node: Node & { kind: 'field' }): Typed {
    const field = ruleFieldTable.get(node.name)
    if (field === undefined)
      throw this.#wrong(
        node,
        ruleFunctions.has(node.name) ? `the function ${node.name} needs arguments` : 'unknown identifier',
      )
    return { type: field.type, each: false, read: field.read }
  }

  #index(node: Node & { kind: 'index' }): Typed {
    const of = this.node(node.of)
    const { read } = of
    if (of.each) throw this.#wrong(node, '[*] can be used once')
    if (node.each) {
      const type = elementTypes[of.type]
      if (type === undefined) throw this.#wrong(node, `[*] does not take ${typeName(of.type)}`)
      return { type, each: true, read }
    }
    const { key } = node
    if (of.type === 'map') {
      if (typeof key !== 'string') throw this.#wrong(node, 'a map is indexed with a quoted string')
      return { type: 'string[]', each: false, read: (fields) => lookUp(read(fields), key) }
    }
    const type = elementTypes[of.type]
    if (type === undefined) throw this.#wrong(node, `${typeName(of.type)} has no index`)
    if (typeof key !== 'number') throw this.#wrong(node, 'an array is indexed with a positive integer')
    return { type, each: false, read: (fields) => element(read(fields), key) }
  }

  #call(node: Node & { kind: 'call' }): Typed {
    const found = ruleFunctions.get(node.name)
    if (found === undefined)
      throw this.#wrong(node, `unknown function; the lab has ${[...ruleFunctions.keys()].join(', ')}`)
    if (found.rewriteOnly === true && !this.#rewrite)
      throw this.#wrong(node, `${node.name} can only be used in the value of a header`)
    const given = node.arguments.map((argument) => this.node(argument))
    this.#checkArguments(node, found, given)
    const [first, ...others] = given
    if (first === undefined) throw this.#wrong(node, 'a function needs an argument')
    const call = (value: Value, fields: RuleFields): Value => {
      const all = [value, ...others.map(({ read }) => read(fields))]
      return all.includes(undefined) ? found.missing : found.call(...all)
    }
    if (!first.each || wholeArray(found, first))
      return { type: found.result, each: false, read: (fields) => call(first.read(fields), fields) }
    if (!isScalar(found.result)) throw this.#wrong(node, `${node.name} cannot be used with [*]`)
    return {
      type: arrayTypes[found.result],
      each: false,
      read: (fields) => mapped(first.read(fields), (value) => call(value, fields)),
    }
  }

  #checkArguments(node: Node & { kind: 'call' }, found: RuleFunction, given: readonly Typed[]): void {
    const least = found.parameters.length
    if (given.length < least || (given.length > least && found.variadic !== true))
      throw this.#wrong(node, `${node.name} takes ${least}${found.variadic ? ' or more' : ''} arguments`)
    for (const [at, argument] of given.entries()) {
      const span = node.arguments[at] ?? node
      const types = found.parameters[Math.min(at, least - 1)] ?? []
      const whole = wholeArray(found, argument)
      if (argument.each && at > 0) throw this.#wrong(span, '[*] can only be used in the first argument')
      if (!whole && !types.includes(argument.type))
        throw this.#wrong(
          span,
          `${node.name} takes ${types.map(typeName).join(' or ')} here, not ${typeName(argument.type)}`,
        )
      if (at === 0 && found.firstIsNoLiteral === true && node.arguments[0]?.kind === 'literal')
        throw this.#wrong(span, `the first argument of ${node.name} cannot be a literal`)
    }
  }

  #not(node: Node & { kind: 'not' }): Typed {
    const { type, each, read } = this.node(node.of)
    if (type !== 'bool') throw this.#wrong(node.of, `not takes a boolean, not ${typeName(type)}`)
    return each
      ? { type, each, read: (fields) => mapped(read(fields), (value) => value !== true) }
      : { type, each, read: (fields) => read(fields) !== true }
  }

  #logic({ operator, left, right }: Node & { kind: 'logic' }): Typed {
    const [a, b] = [left, right].map((side) => {
      const { type, each, read } = this.node(side)
      if (each) throw this.#wrong(side, `the lab does not have ${operator} for arrays`)
      if (type !== 'bool') throw this.#wrong(side, `${operator} takes booleans, not ${typeName(type)}`)
      return read
    }) as [Typed['read'], Typed['read']]
    const read: Record<typeof operator, Typed['read']> = {
      and: (fields) => a(fields) === true && b(fields) === true,
      or: (fields) => a(fields) === true || b(fields) === true,
      xor: (fields) => (a(fields) === true) !== (b(fields) === true),
    }
    return { type: 'bool', each: false, read: read[operator] }
  }

  #wrong(span: Span, what: string): RuleError {
    return new RuleError(this.#expression, span, what)
  }
}

/** `any(x[*] eq …)`: the array of booleans is taken whole. */
const wholeArray = (found: RuleFunction, { type, each }: Typed): boolean =>
  each &&
  isScalar(type) &&
  found.parameters[0]?.includes(arrayTypes[type]) === true &&
  !found.parameters[0].includes(type)

const mapped = (value: Value, change: (value: Value) => Value): Value =>
  Array.isArray(value) ? value.map(change) : undefined
const lookUp = (value: Value, key: string): Value => (value instanceof Map ? value.get(key) : undefined)
const element = (value: Value, key: number): Value => (Array.isArray(value) ? value[key] : undefined)
