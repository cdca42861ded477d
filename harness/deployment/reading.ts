/**
 * Reading what a deployment file names: the files it points to and the secrets it refers to.
 * @module
 */
import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { HarnessError } from '../errors.ts'
import { type Env, readReference } from './env.ts'
import { dotted, type Finding, type Path, quoted } from './problems.ts'

/** Largest certificate, key, or page: 1 MiB. */
const maxFile = 1 << 20

/** State of one load: where files are, and what was found wrong so far. */
export class Reading {
  readonly findings: Finding[]
  readonly #directory: string
  readonly #given: string
  readonly #env: Env
  readonly #fromEnv: (path: Path) => boolean

  constructor(file: string, env: Env, fromEnv: (path: Path) => boolean, findings: Finding[]) {
    this.#directory = dirname(resolve(file))
    this.#given = dirname(file)
    this.#env = env
    this.#fromEnv = fromEnv
    this.findings = findings
  }

  /** Notes that the value at `path` cannot be used. */
  fail(code: Finding['code'], path: Path, message: string, hint?: string): undefined {
    this.findings.push({
      code,
      path,
      message: `${dotted(path)}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    })
  }

  /** Something is already known to be wrong at `path`. */
  blamed(path: Path): boolean {
    return this.findings.some((one) => one.path.length === path.length && dotted(one.path) === dotted(path))
  }

  /** The outcome of `read`, or undefined with what it threw noted at `path` (or where `place` says). */
  try<T>(path: Path, read: () => T, place: (error: HarnessError) => Path = () => path): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error
      return this.fail(codes[error.code] ?? 'ERR_DEPLOYMENT_INVALID', place(error), error.message, error.hint)
    }
  }

  /** {@link try} for what is not done at once. */
  async tryAsync<T>(
    path: Path,
    read: () => Promise<T>,
    place: (error: HarnessError) => Path = () => path,
  ): Promise<T | undefined> {
    try {
      return await read()
    } catch (error) {
      return this.try(path, () => rethrow(error), place)
    }
  }

  /** {@link try} for a text whose errors quote it; `what` is said instead where it came from the environment. */
  text<T>(path: Path, what: string, read: () => T): T | undefined {
    if (!this.#fromEnv(path)) return this.try(path, read)
    return this.try(path, () => {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof HarnessError)) throw error
        throw new HarnessError(error.code, `the value from the environment is not ${what}`)
      }
    })
  }

  /** A secret's value; undefined where none is given or it is known not to be usable. */
  secret(written: string | undefined): string | undefined {
    return readReference(written, this.#env)
  }

  /** The path written at `path`, for somebody where the deployment file was named; undefined where the environment gave it. */
  shown(path: Path, text: string | undefined): string | undefined {
    if (text === undefined || this.#fromEnv(path)) return undefined
    return isAbsolute(text) ? text : join(this.#given, text)
  }

  /** The contents of the file named at `path`; undefined, with the problem noted, where it cannot be read. */
  async file(path: Path, text: string | undefined, limit: number = maxFile): Promise<Buffer | undefined> {
    if (text === undefined) return undefined
    if (text.includes('-----BEGIN') || /[\r\n\0]/.test(text) || text.length > 1024) return this.#notPath(path)
    const full = resolve(this.#directory, text)
    const hidden = this.#fromEnv(path)
    const problem = (message: string, hint?: string): undefined =>
      this.fail('ERR_DEPLOYMENT_FILE', path, message, hint)
    const where = hidden ? 'the file that the environment names' : quoted(text)
    try {
      const { size } = await regular(full)
      if (size > limit) return problem(`${where} is too large: ${size} bytes, at most ${limit}`)
      const contents = await readFile(full)
      return contents.length === 0 ? problem(`${where} is empty`) : contents
    } catch (error) {
      const home = text.startsWith('~') ? '; ~ is not expanded' : ''
      const resolved = hidden ? undefined : `it is ${full}: paths are relative to the deployment file${home}`
      return problem(`${where} ${fileReason(error)}`, resolved)
    }
  }

  // The text is not shown: it could be a key.
  #notPath(path: Path): undefined {
    const secret = path.at(-1) === 'key' || path.at(-1) === 'pfx'
    if (!secret)
      return this.fail(
        'ERR_DEPLOYMENT_INVALID',
        path,
        'is not the path of a file',
        'put the text in a file and give its path',
      )
    return this.fail(
      'ERR_DEPLOYMENT_SECRET',
      path,
      'a secret is written in the file where the path of a file is expected',
      'put the key in a file of its own with mode 0600, and consider the written one known',
    )
  }
}

function rethrow(error: unknown): never {
  throw error
}

const codes: Partial<Record<HarnessError['code'], Finding['code']>> = {
  ERR_CERTIFICATE: 'ERR_DEPLOYMENT_FILE',
  ERR_PRIVATE_KEY: 'ERR_DEPLOYMENT_FILE',
  ERR_PASSPHRASE: 'ERR_DEPLOYMENT_SECRET',
}

const reasons: Record<string, string> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder, not a file',
  EIRREGULAR: 'is not an ordinary file',
}

/** `stat`, refusing what could block or never end (pipes, devices) or is a folder. */
export async function regular(full: string): Promise<{ size: number }> {
  const status = await stat(full)
  if (status.isFile()) return status
  throw Object.assign(new Error('not a file'), { code: status.isDirectory() ? 'EISDIR' : 'EIRREGULAR' })
}

/** Why a file could not be read, for a message: `does not exist`. */
export const fileReason = (error: unknown): string =>
  reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be read'
