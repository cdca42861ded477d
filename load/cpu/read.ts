/**
 * Files of the kernel.
 * @module
 */
import { readFile } from 'node:fs/promises'
import { HarnessError } from '../../harness/errors.ts'

/** The text of a file; undefined when it is gone (a process or thread that ended) or may not be read. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}

/** `name value` lines as numbers. */
export function keyed(text: string): Map<string, number> {
  const values = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [name = '', value = ''] = line.trim().split(/\s+/)
    if (name !== '' && value !== '') values.set(name, Number(value))
  }
  return values
}

/** The error of a counter that cannot be read. */
export const unreadable = (what: string, hint?: string): HarnessError =>
  new HarnessError('ERR_PLATFORM', what, hint === undefined ? {} : { hint })
