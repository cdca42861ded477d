/**
 * Regular expressions of `matches`, in time linear in the text: every way is followed at once (Thompson), as the engine
 * of the real edge does, so no pattern of an operator can stall the lab. The common part of Rust's syntax; what is not
 * understood is refused, never guessed.
 * @module
 */
import { parseRegex, type RegexNode } from './regex-parse.ts'

/** Nodes that are turned into code, each as often as it is repeated: counted repetition multiplies. */
const maxSteps = 4000

type Instruction =
  | { op: 'char'; test: (code: number) => boolean }
  | { op: 'jump'; to: number[] }
  | { op: 'assert'; test: (text: string, at: number) => boolean }
  | { op: 'match' }

/** A program that is being written, and how much work that was: empty groups repeat without growing it. */
interface Draft {
  program: Instruction[]
  steps: number
}

/** The test of a pattern anywhere in a text, or what is wrong with it. */
export function compileRegex(pattern: string): ((text: string) => boolean) | string {
  const tree = parseRegex(pattern)
  if (typeof tree === 'string') return tree
  const draft: Draft = { program: [], steps: 0 }
  if (!emit(tree, draft)) return 'the regular expression is too large'
  draft.program.push({ op: 'match' })
  return (text) => run(draft.program, text)
}

/** Appends the code of a node. False: too large. */
function emit(node: RegexNode, draft: Draft): boolean {
  if (++draft.steps > maxSteps) return false
  switch (node.kind) {
    case 'char':
      draft.program.push({ op: 'char', test: node.test })
      return true
    case 'assert':
      draft.program.push({ op: 'assert', test: node.test })
      return true
    case 'sequence':
      return node.parts.every((part) => emit(part, draft))
    case 'either':
      return emitEither(node.parts, draft)
    case 'repeat':
      return emitRepeat(node, draft)
  }
}

function emitEither(parts: readonly RegexNode[], draft: Draft): boolean {
  const { program } = draft
  const fork: number[] = []
  program.push({ op: 'jump', to: fork })
  const exits: number[][] = []
  for (const part of parts) {
    fork.push(program.length)
    if (!emit(part, draft)) return false
    const exit: number[] = []
    exits.push(exit)
    program.push({ op: 'jump', to: exit })
  }
  for (const exit of exits) exit.push(program.length)
  return true
}

function emitRepeat({ of, least, most }: RegexNode & { kind: 'repeat' }, draft: Draft): boolean {
  const { program } = draft
  for (let count = 0; count < least; count++) if (!emit(of, draft)) return false
  if (most === Number.POSITIVE_INFINITY) {
    const start = program.length
    const fork = [start + 1]
    program.push({ op: 'jump', to: fork })
    if (!emit(of, draft)) return false
    program.push({ op: 'jump', to: [start] })
    fork.push(program.length)
    return true
  }
  const forks: number[][] = []
  for (let count = least; count < most; count++) {
    const fork = [program.length + 1]
    forks.push(fork)
    program.push({ op: 'jump', to: fork })
    if (!emit(of, draft)) return false
  }
  for (const fork of forks) fork.push(program.length)
  return true
}

function run(program: readonly Instruction[], text: string): boolean {
  // Which instructions were visited, by the position they were last visited at (from 1).
  const visited = new Uint32Array(program.length)
  let current: number[] = []
  for (let at = 0; at <= text.length; at++) {
    const reached: number[] = []
    // A match may begin anywhere.
    current.push(0)
    for (const start of current) if (follow(program, start, text, at, visited, reached)) return true
    const code = text.charCodeAt(at)
    current = []
    for (const place of reached) {
      const instruction = program[place]
      if (instruction?.op === 'char' && instruction.test(code)) current.push(place + 1)
    }
  }
  return false
}

/** Adds the characters that can come next from an instruction. True: the pattern is complete. */
function follow(
  program: readonly Instruction[],
  start: number,
  text: string,
  at: number,
  visited: Uint32Array,
  reached: number[],
): boolean {
  const open = [start]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (visited[place] === at + 1) continue
    visited[place] = at + 1
    const instruction = program[place]
    if (instruction === undefined) continue
    if (instruction.op === 'match') return true
    if (instruction.op === 'char') reached.push(place)
    else if (instruction.op === 'jump') open.push(...instruction.to)
    else if (instruction.test(text, at)) open.push(place + 1)
  }
  return false
}
