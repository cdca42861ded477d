/**
 * What is wrong with a deployment file: collected, then reported together.
 * @module
 */
import { type ErrorCode, HarnessError } from '../errors.ts'

/** Keys and indexes from the root of the file to a value. */
export type Path = readonly (string | number)[]

/** One thing that is wrong. Never holds a secret's value. */
export interface Problem {
  code: Extract<ErrorCode, 'ERR_DEPLOYMENT_INVALID' | 'ERR_DEPLOYMENT_FILE' | 'ERR_DEPLOYMENT_SECRET'>
  /** Counts from 1; absent when the file could not be read. */
  line?: number
  column?: number
  /** Where in the structure, empty for the file itself. */
  path: Path
  message: string
  hint?: string
}

/** A problem before its position is looked up. */
export type Finding = Omit<Problem, 'line' | 'column'> & {
  /** Whether the key or the value is to blame; default: the value. */
  part?: 'key' | 'value'
  /** Something is absent; what is there at `path` can still be read. */
  absent?: boolean
}

/** A deployment file that cannot be used, with everything found wrong with it, by line. */
export class DeploymentError extends HarnessError {
  readonly problems: readonly Problem[]

  constructor(file: string, found: readonly Problem[]) {
    const problems = [...found].sort(byPosition)
    const [first] = problems
    const codes = new Set(problems.map(({ code }) => code))
    const code = codes.size === 1 && first !== undefined ? first.code : 'ERR_DEPLOYMENT_INVALID'
    const { line, column } = first ?? {}
    super(code, problems.length === 1 && first !== undefined ? first.message : listed(problems), {
      ...(problems.length === 1 && first?.hint !== undefined ? { hint: first.hint } : {}),
      location: {
        file,
        ...(line === undefined ? {} : { line }),
        ...(column === undefined ? {} : { column }),
      },
    })
    this.problems = problems
  }
}

/** `mtls.identities[0].key`, as people write it. */
export function dotted(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )
}

/** A value from the file, fit for a message: on one line, cut. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a mapping'
  const text = String(value).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')
  return `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``
}

const byPosition = (a: Problem, b: Problem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)

function listed(problems: readonly Problem[]): string {
  const lines = problems.map(({ line, column, message, hint }) => {
    const at = line === undefined ? '' : `${line}:${column ?? 1}  `
    return `  ${at}${message}${hint === undefined ? '' : ` (${hint})`}`
  })
  return `${problems.length} problems\n${lines.join('\n')}`
}
