/**
 * Files of the certificate commands: nothing is overwritten unasked, keys are readable by their owner only.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { HarnessError } from '../../errors.ts'

/** One file to write. */
export interface OutputFile {
  path: string
  content: string | Buffer
  /** A private key or something that holds one: mode 0600 instead of 0644. */
  secret?: boolean
}

/**
 * Writes all files or, where one of them is there already, none.
 * @throws HarnessError ERR_USAGE when a file exists and `force` is not set, or a place cannot be written.
 */
export async function writeFiles(files: readonly OutputFile[], force: boolean): Promise<void> {
  for (const { path } of files) {
    if (force || !(await exists(path))) continue
    throw new HarnessError('ERR_USAGE', `${path} exists and is not overwritten`, {
      hint: 'name another place with --out, or replace it with --force',
    })
  }
  for (const { path, content, secret = false } of files) {
    // Written beside it and renamed: a file that is replaced gets the mode of the new one, and a reader never sees half.
    const temporary = `${path}.${randomBytes(6).toString('hex')}`
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(temporary, content, { mode: secret ? 0o600 : 0o644, flag: 'wx' })
      await rename(temporary, path)
    } catch (cause) {
      await rm(temporary, { force: true })
      throw new HarnessError('ERR_USAGE', `${path} cannot be written: ${reason(cause)}`, { cause })
    }
  }
}

/** Contents of a file, `-` being stdin. @throws HarnessError ERR_USAGE when it cannot be read. */
export async function readInput(path: string, what: string): Promise<Buffer> {
  try {
    return path === '-' ? await buffer(process.stdin) : await readFile(path)
  } catch (cause) {
    throw new HarnessError('ERR_USAGE', `${what} cannot be read from ${path}: ${reason(cause)}`, { cause })
  }
}

/** Whether something has this path, be it a link that leads nowhere. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a part of the path is not a folder',
}

function reason(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  return reasons[code] ?? (code || 'unknown reason')
}
