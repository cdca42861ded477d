/**
 * The syntax tree of an expression.
 * @module
 */
import type { Span } from './error.ts'
import type { StringToken, Token } from './lex.ts'

/** How values are compared, in one spelling each. */
export type Operator =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'contains'
  | 'wildcard'
  | 'strict wildcard'
  | 'matches'

/** A literal as written: what it means depends on the type it is compared with. */
export type Literal = Token | StringToken

/** An element of `{…}`; a range has two ends. */
export interface SetItem {
  from: Literal
  to: Literal | undefined
}

/** A node. */
export type Node = Span &
  (
    | { kind: 'literal'; token: Literal }
    | { kind: 'boolean'; value: boolean }
    | { kind: 'field'; name: string }
    | { kind: 'index'; of: Node; key: string | number | '*'; each: boolean }
    | { kind: 'call'; name: string; arguments: Node[] }
    | { kind: 'not'; of: Node }
    | { kind: 'logic'; operator: 'and' | 'xor' | 'or'; left: Node; right: Node }
    | { kind: 'compare'; operator: Operator; left: Node; right: Literal }
    | { kind: 'in'; left: Node; items: SetItem[] }
  )
