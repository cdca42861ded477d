/**
 * `${NAME}` in a deployment file: read from the environment, never shown.
 * @module
 */
import { dotted, type Finding, type Path, quoted } from './problems.ts'
import { pointer } from './source.ts'

/** Environment variables. */
export type Env = Readonly<Record<string, string | undefined>>

/** A file's value with its references replaced. */
export interface Resolved {
  value: unknown
  findings: Finding[]
  /** The text came from the environment: it must not be quoted in a message. */
  fromEnv(path: Path): boolean
}

const references = /(\$?)\$\{([^}]*)(\}?)/g
const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Replaces every `${NAME}` in every text, `$${` becoming a literal `${`. Texts for which `keep` is true are checked
 * but left as written: secrets, which are read with {@link readReference} at the moment they are used.
 */
export function resolveReferences(value: unknown, env: Env, keep: (path: Path) => boolean): Resolved {
  const findings: Finding[] = []
  const touched = new Set<string>()

  const text = (written: string, path: Path): string => {
    let bad = false
    const fail = (message: string, hint: string): string => {
      if (!bad)
        findings.push({ code: 'ERR_DEPLOYMENT_SECRET', path, message: `${dotted(path)}: ${message}`, hint })
      bad = true
      return ''
    }
    const replaced = written.replace(references, (whole, escaped: string, name: string, end: string) => {
      if (escaped !== '') return whole.slice(1)
      touched.add(pointer(path))
      if (end === '' || !nameForm.test(name)) {
        if (keep(path)) return whole
        return fail(
          `${quoted(whole)} is not a reference to an environment variable`,
          'write ${NAME} with letters, digits and _ only, or $${ for a literal ${',
        )
      }
      const found = lookup(env, name)
      if (found === undefined)
        return fail(`environment variable ${name} is not set`, `set ${name} and run again`)
      if (found === '') return fail(`environment variable ${name} is set but empty`, `give ${name} a value`)
      return found
    })
    return keep(path) ? written : replaced
  }

  const walk = (node: unknown, path: Path): unknown => {
    if (typeof node === 'string') return text(node, path)
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]))
    if (typeof node !== 'object' || node === null) return node
    const result: Record<string, unknown> = Object.create(null)
    for (const [key, item] of Object.entries(node)) result[key] = walk(item, [...path, key])
    return result
  }

  return { value: walk(value, []), findings, fromEnv: (path) => touched.has(pointer(path)) }
}

/** The value of a text that is one reference; undefined where it is not, or the variable has no value. */
export function readReference(written: string | undefined, env: Env): string | undefined {
  const name = /^\$\{([^}]*)\}$/.exec(written ?? '')?.[1]
  return name === undefined ? undefined : lookup(env, name) || undefined
}

// Own properties only: `${constructor}` names a variable that is not set.
const lookup = (env: Env, name: string): string | undefined =>
  Object.hasOwn(env, name) ? env[name] : undefined
