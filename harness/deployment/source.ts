/**
 * The deployment file as text: YAML (JSON is a subset of it), with the position of every node.
 * @module
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { type Path, type Problem, quoted } from './problems.ts'

/** Where a node begins; counts from 1. */
export interface Position {
  line: number
  column: number
}

/** A parsed file. */
export interface Source {
  /** Plain data. Mappings have no prototype, so that no key is special. */
  value: unknown
  /** The text does not parse: nothing but `problems` can be relied on. */
  broken: boolean
  /** What is wrong with the text itself. */
  problems: Problem[]
  /** Paths of values that could not be read; a problem says why. */
  lost: Path[]
  /** The position of a value, or of its key; of the nearest parent that exists where it does not. */
  position(path: Path, part?: 'key' | 'value'): Position
}

// More than any real file has; aliases could otherwise grow a small file without bound.
const maxNodes = 20_000
const maxDepth = 32

/** Parses a deployment file's text. Never throws on bad text. */
export function parseSource(text: string): Source {
  const lines = new LineCounter()
  const document = parseDocument(shield(text), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: false,
  })
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const reader = new NodeReader(document, at)
  const problems = syntaxProblems([...document.errors, ...document.warnings], at)
  const value = problems.length > 0 || document.contents === null ? null : reader.read(document.contents, [])
  return {
    value,
    broken: problems.length > 0,
    problems: [...problems, ...reader.problems],
    lost: reader.lost,
    position: (path, part = 'value') => {
      for (let length = path.length; length >= 0; length -= 1) {
        const found = reader.positions.get(pointer(path.slice(0, length)))
        if (found !== undefined) return part === 'key' || length < path.length ? found.key : found.value
      }
      return { line: 1, column: 1 }
    },
  }
}

/** A path as one string, for maps. */
export const pointer = (path: Path): string => JSON.stringify(path)

class NodeReader {
  readonly problems: Problem[] = []
  readonly lost: Path[] = []
  readonly positions = new Map<string, { key: Position; value: Position }>()
  readonly #document: Document
  readonly #at: (offset: number) => Position
  #nodes = 0

  constructor(document: Document, at: (offset: number) => Position) {
    this.#document = document
    this.#at = at
  }

  read(node: unknown, path: Path, key?: Position): unknown {
    const value = this.#at(startOf(node))
    this.positions.set(pointer(path), { key: key ?? value, value })
    this.#nodes += 1
    if (this.#nodes > maxNodes || path.length > maxDepth) {
      if (this.#nodes !== Number.POSITIVE_INFINITY)
        this.#problem(path, value, 'the file is nested too deeply or too large')
      this.#nodes = Number.POSITIVE_INFINITY
      return undefined
    }
    if (isAlias(node)) {
      const anchored = node.resolve(this.#document)
      if (anchored !== undefined) return this.read(anchored, path, value)
      this.#problem(path, value, unknownAlias)
      this.lost.push(path)
      return null
    }
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, [...path, index]))
    if (isScalar(node)) return typeof node.value === 'string' ? unshield(node.value) : node.value
    if (!isMap(node)) return undefined
    const result: Record<string, unknown> = Object.create(null)
    for (const pair of node.items) {
      const start = this.#at(startOf(pair.key))
      if (!isScalar(pair.key) || pair.key.value === null) {
        this.#problem(path, start, 'a key must be text')
        continue
      }
      const name = unshield(String(pair.key.value))
      const earlier = this.positions.get(pointer([...path, name]))
      if (Object.hasOwn(result, name) && earlier !== undefined) {
        this.#problem(
          [...path, name],
          start,
          `${quoted(name)} is given twice; the first is on line ${earlier.key.line}`,
        )
        continue
      }
      result[name] =
        pair.value === null
          ? this.#absent([...path, name], start)
          : this.read(pair.value, [...path, name], start)
    }
    return result
  }

  #absent(path: Path, position: Position): null {
    this.positions.set(pointer(path), { key: position, value: position })
    return null
  }

  #problem(path: Path, { line, column }: Position, message: string): void {
    this.problems.push({ code: 'ERR_DEPLOYMENT_INVALID', path, line, column, message })
  }
}

function startOf(node: unknown): number {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0
}

const unknownAlias = 'a value that begins with * is an alias, and no such anchor was set; put it in quotes'

// One slip often makes the parser complain several times about a line: the first says it best.
function syntaxProblems(errors: readonly YAMLError[], at: (offset: number) => Position): Problem[] {
  const byLine = new Map<number, Problem>()
  for (const error of errors) {
    const { line, column } = at(error.pos[0])
    if (byLine.has(line)) continue
    byLine.set(line, {
      code: 'ERR_DEPLOYMENT_INVALID',
      path: [],
      line,
      column,
      message: `syntax: ${meaning(error)}`,
    })
  }
  return [...byLine.values()]
}

// The parser's own words quote the text for these codes, and the text could be a secret.
function meaning({ code, message }: YAMLError): string {
  switch (code) {
    case 'BAD_ALIAS':
      return unknownAlias
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
      return 'a value that begins with ! is a tag, and tags are not used here; put it in quotes'
    case 'UNEXPECTED_TOKEN':
      return 'there is something here that does not belong; check quotes, commas and brackets above'
    case 'BAD_DIRECTIVE':
      return 'lines that begin with % are directives, and none are used here'
    case 'MULTIPLE_DOCS':
      return 'a second document begins here (---); a deployment file is one document'
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a value with a further key on it; check the indentation of the next line, or put the value in quotes'
    case 'MULTILINE_IMPLICIT_KEY':
      return 'this line is not `key: value`'
    default:
      if (message.startsWith('Implicit map keys')) return 'this line is not `key: value`'
      return message.charAt(0).toLowerCase() + message.slice(1)
  }
}

// `{` ends a plain scalar inside { } and [ ], which would forbid `{ passphrase: ${NAME} }`. Braces of references are
// therefore exchanged for private-use characters of the same length while the text is parsed: positions stay right.
const shield = (text: string): string => text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, '$\uE000$1\uE001')
// `$$` in a replacement is one dollar sign.
const unshield = (text: string): string => text.replace(/\$\uE000([A-Za-z_][A-Za-z0-9_]*)\uE001/g, '$${$1}')
