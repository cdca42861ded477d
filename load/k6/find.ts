/**
 * Where k6 is: named by `HARNESS_K6`, on PATH, or built into `.tools/k6` by `node setup.mjs --k6`.
 * @module
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { HarnessError } from '../../harness/errors.ts'

const run = promisify(execFile)

/** The version that results are made with; another patch version of it will do. */
export const k6Version = '2.2.0'

/** A k6 that can be used. */
export interface K6 {
  path: string
  /** `2.2.0`. */
  version: string
}

/** Where it is looked for, in this order. `.tools` of the checkout, and of the folder of the user. */
export function k6Places(env: NodeJS.ProcessEnv = process.env, root = checkout()): string[] {
  const named = env.HARNESS_K6 ?? ''
  if (named !== '') return [named]
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const built = [root, process.cwd()].flatMap((folder) =>
    folder === undefined ? [] : [join(folder, '.tools', 'k6', 'k6')],
  )
  return [...folders.map((folder) => join(folder, 'k6')), ...new Set(built)]
}

/** The checkout this file is in: above `load`, with a setup.mjs. None where it runs from the package. */
function checkout(): string | undefined {
  const above = join(import.meta.dirname, '..', '..')
  return existsSync(join(above, 'setup.mjs')) ? above : undefined
}

/** The version a k6 says it is; undefined: it is none, or does not run. */
export async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['version'], { timeout: 20_000 })
    return /\bv?(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  } catch {
    return undefined
  }
}

const isRight = (version: string): boolean => version.startsWith(k6Version.replace(/\d+$/, ''))

/**
 * A k6 of the pinned minor version.
 * @throws HarnessError ERR_PLATFORM that says how to get one.
 */
export async function findK6(places: readonly string[] = k6Places()): Promise<K6> {
  const others: string[] = []
  for (const path of places) {
    if (!existsSync(path)) continue
    const version = await versionOf(path)
    if (version !== undefined && isRight(version)) return { path, version }
    others.push(version === undefined ? `${path} does not run` : `${path} is ${version}`)
  }
  throw new HarnessError(
    'ERR_PLATFORM',
    `k6 ${k6Version} was not found${others.length === 0 ? '' : ` (${others.join(', ')})`}`,
    {
      hint: 'node setup.mjs --k6 builds it (needs Go, or pip to get it); or install it from https://grafana.com/docs/k6/latest/set-up/install-k6/ and name it in HARNESS_K6',
    },
  )
}
