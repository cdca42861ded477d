/**
 * Folders that commands write to.
 * @module
 */
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HarnessError } from '../errors.ts'

/**
 * Makes a folder and its parents. One by one: `mkdir` with `recursive` never returns where the system answers ENOENT
 * for a folder that cannot be made (below /proc, for instance).
 * @throws HarnessError ERR_USAGE when it cannot be made, or is no folder
 */
export async function ensureFolder(path: string): Promise<void> {
  const wrong = (why: string): HarnessError =>
    new HarnessError('ERR_USAGE', `cannot write to the folder “${path}”: ${why}`, {
      hint: 'name another one with --out',
    })
  if (path === '') throw wrong('the name is empty')
  const whole = resolve(path)
  const missing: string[] = []
  for (let at = whole; ; at = dirname(at)) {
    const found = await stat(at).catch((error: NodeJS.ErrnoException) => error)
    if (!(found instanceof Error)) {
      if (!found.isDirectory()) throw wrong(`${at} is a file`)
      break
    }
    if (found.code !== 'ENOENT') throw wrong(found.code ?? found.message)
    missing.unshift(at)
  }
  for (const folder of missing) {
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST')
        throw wrong(error.code === 'ENOENT' ? 'it cannot be made there' : (error.code ?? error.message))
    })
  }
}
