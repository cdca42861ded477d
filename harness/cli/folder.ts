/**
 * Folders that commands write to.
 * @module
 */
import { mkdir, rmdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HarnessError } from '../errors.ts'

/**
 * Makes a folder and its parents. One by one: `mkdir` with `recursive` never returns where the system answers ENOENT
 * for a folder that cannot be made (below /proc, for instance).
 * @param mode of the last one, where it is made.
 * @returns takes away again what was made, unless something is in it by then.
 * @throws HarnessError ERR_USAGE when it cannot be made, or is no folder
 */
export async function ensureFolder(path: string, mode = 0o777): Promise<() => Promise<void>> {
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
  const made: string[] = []
  for (const folder of missing) {
    try {
      await mkdir(folder, folder === whole ? { mode } : {})
      made.unshift(folder)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST') throw wrong(code === 'ENOENT' ? 'it cannot be made there' : (code ?? message))
    }
  }
  return async () => {
    // The inner ones first: one that is kept keeps those around it.
    for (const folder of made) await rmdir(folder).catch(() => undefined)
  }
}
