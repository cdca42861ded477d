/**
 * Regular expression to a tree: literals, `.`, classes, groups, alternation, repetition, anchors, word boundaries, `(?i)`.
 * @module
 */

/** A node. Characters are tested by code unit. */
export type RegexNode =
  | { kind: 'char'; test: (code: number) => boolean }
  | { kind: 'assert'; test: (text: string, at: number) => boolean }
  | { kind: 'sequence'; parts: RegexNode[] }
  | { kind: 'either'; parts: RegexNode[] }
  | { kind: 'repeat'; of: RegexNode; least: number; most: number }

type CharTest = (code: number) => boolean

const maxDepth = 32
const maxCount = 1000
const maxRepeats = 3

const range =
  (from: number, to: number): CharTest =>
  (code) =>
    code >= from && code <= to
const any =
  (...tests: CharTest[]): CharTest =>
  (code) =>
    tests.some((test) => test(code))
const not =
  (test: CharTest): CharTest =>
  (code) =>
    !test(code)
const one = (char: string): CharTest => range(char.charCodeAt(0), char.charCodeAt(0))

const digit = range(48, 57)
const wordChar = any(digit, range(65, 90), range(97, 122), one('_'))
const blank = any(range(9, 13), one(' '))

const classes: Readonly<Record<string, CharTest>> = {
  d: digit,
  D: not(digit),
  w: wordChar,
  W: not(wordChar),
  s: blank,
  S: not(blank),
}
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }
const wordAt = (text: string, at: number): boolean =>
  at >= 0 && at < text.length && wordChar(text.charCodeAt(at))
const boundary = (text: string, at: number): boolean => wordAt(text, at - 1) !== wordAt(text, at)
const start = (_: string, at: number): boolean => at === 0
const end = (text: string, at: number): boolean => at === text.length
const asserts: Readonly<Record<string, (text: string, at: number) => boolean>> = {
  b: boundary,
  B: (text, at) => !boundary(text, at),
  A: start,
  z: end,
}

/** The tree of a pattern, or what is wrong with it. */
export function parseRegex(pattern: string): RegexNode | string {
  const flags = /^\(\?([a-z]+)\)/.exec(pattern)
  if (flags !== null && flags[1] !== 'i') return `the lab does not have the flags (?${flags[1]})`
  try {
    return new Parser(pattern.slice(flags?.[0].length ?? 0), flags !== null).whole()
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

class Refusal extends Error {}

class Parser {
  readonly #pattern: string
  readonly #fold: boolean
  #at = 0
  #depth = 0

  constructor(pattern: string, fold: boolean) {
    this.#pattern = pattern
    this.#fold = fold
  }

  whole(): RegexNode {
    const node = this.#either()
    if (this.#at < this.#pattern.length) throw new Refusal('there is no ( for this )')
    return node
  }

  #either(): RegexNode {
    if (++this.#depth > maxDepth) throw new Refusal(`groups nested more than ${maxDepth} deep`)
    const parts = [this.#sequence()]
    while (this.#eat('|')) parts.push(this.#sequence())
    this.#depth--
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'either', parts }
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = []
    while (this.#at < this.#pattern.length && this.#peek() !== '|' && this.#peek() !== ')')
      parts.push(this.#repeated(this.#atom()))
    return { kind: 'sequence', parts }
  }

  #repeated(of: RegexNode): RegexNode {
    let node = of
    for (let times = 0; ; times++) {
      const [least, most] = this.#count() ?? []
      if (least === undefined || most === undefined) return node
      if (times === maxRepeats) throw new Refusal(`more than ${maxRepeats} repetitions of a repetition`)
      // Lazy or greedy makes no difference to whether it matches.
      this.#eat('?')
      node = { kind: 'repeat', of: node, least, most }
    }
  }

  #count(): [number, number] | undefined {
    if (this.#eat('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#eat('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#eat('?')) return [0, 1]
    if (this.#peek() !== '{') return undefined
    const found = /^\{(\d{1,5})(,(\d{1,5})?)?\}/.exec(this.#pattern.slice(this.#at))
    if (found === null) throw new Refusal('expected a count such as {2}, {2,} or {2,4}')
    this.#at += found[0].length
    const least = Number(found[1])
    const open = found[2] === undefined ? least : Number.POSITIVE_INFINITY
    const most = found[3] === undefined ? open : Number(found[3])
    if (most < least || least > maxCount || (most > maxCount && most !== Number.POSITIVE_INFINITY))
      throw new Refusal(`the count ${found[0]} is not possible`)
    return [least, most]
  }

  #atom(): RegexNode {
    const char = this.#next()
    switch (char) {
      case '(':
        return this.#group()
      case '[':
        return { kind: 'char', test: this.#class() }
      case '.':
        return { kind: 'char', test: not(one('\n')) }
      case '^':
        return { kind: 'assert', test: start }
      case '$':
        return { kind: 'assert', test: end }
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Refusal(`there is nothing for ${char} to repeat`)
      default:
        return { kind: 'char', test: this.#folded(char) }
    }
  }

  #group(): RegexNode {
    if (this.#eat('?')) {
      const found = /^(?::|P?<[A-Za-z_]\w*>)/.exec(this.#pattern.slice(this.#at))
      if (found === null) throw new Refusal('look-around and flags inside a pattern are not supported')
      this.#at += found[0].length
    }
    const node = this.#either()
    if (!this.#eat(')')) throw new Refusal('there is no ) for this (')
    return node
  }

  #escape(): RegexNode {
    const char = this.#peek()
    const assertion = Object.hasOwn(asserts, char) ? asserts[char] : undefined
    if (assertion === undefined) return { kind: 'char', test: this.#escaped() }
    this.#at++
    return { kind: 'assert', test: assertion }
  }

  /** What stands behind a backslash, outside and inside of a class. */
  #escaped(): CharTest {
    const char = this.#next()
    const named = Object.hasOwn(classes, char) ? classes[char] : undefined
    if (named !== undefined) return named
    return this.#folded(this.#literal(char))
  }

  #literal(char: string): string {
    const control = Object.hasOwn(controls, char) ? controls[char] : undefined
    if (control !== undefined) return control
    if (char === 'x') {
      const found = /^[0-9A-Fa-f]{2}/.exec(this.#pattern.slice(this.#at))
      if (found === null) throw new Refusal('expected two hex digits after \\x')
      this.#at += 2
      return String.fromCharCode(Number.parseInt(found[0], 16))
    }
    if (/[0-9A-Za-z]/.test(char)) throw new Refusal(`the escape \\${char} is not supported`)
    return char
  }

  #class(): CharTest {
    const negated = this.#eat('^')
    const tests: CharTest[] = []
    while (tests.length === 0 || this.#peek() !== ']') {
      const before = this.#pattern.slice(this.#at, this.#at + 2)
      if (before.startsWith('[') || before === '&&' || before === '--' || before === '~~')
        throw new Refusal('nested classes and class operators are not supported')
      const char = this.#next()
      if (char === '\\' && Object.hasOwn(classes, this.#peek())) tests.push(this.#escaped())
      else tests.push(this.#classRange(char === '\\' ? this.#literal(this.#next()) : char))
    }
    this.#at++
    const test = any(...tests)
    return negated ? not(test) : test
  }

  #classRange(from: string): CharTest {
    if (this.#peek() !== '-' || this.#pattern[this.#at + 1] === ']') return this.#folded(from)
    this.#at++
    const next = this.#next()
    const to = next === '\\' ? this.#literal(this.#next()) : next
    if (to < from || next === '[') throw new Refusal('a range of a class ends before it begins')
    const test = range(from.charCodeAt(0), to.charCodeAt(0))
    return this.#fold ? foldTest(test) : test
  }

  #folded(char: string): CharTest {
    return this.#fold ? foldTest(one(char)) : one(char)
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? ''
  }

  #eat(char: string): boolean {
    const found = this.#peek() === char
    if (found) this.#at++
    return found
  }

  #next(): string {
    const char = this.#pattern[this.#at++]
    if (char === undefined) throw new Refusal('the pattern ends too early')
    return char
  }
}

/** ASCII letters in either case. */
const foldTest =
  (test: CharTest): CharTest =>
  (code) =>
    test(code) || (range(65, 90)(code) && test(code + 32)) || (range(97, 122)(code) && test(code - 32))
