/**
 * Secrets of a deployment file: by reference to the environment, or in files of their own.
 * @module
 */
import type { Path } from './problems.ts'
import type { Reading } from './reading.ts'

/** Keys whose values are references to secrets, read at the moment they are used. */
const keys: ReadonlySet<unknown> = new Set(['passphrase', 'secret', 'session', 'token', 'writeToken'])

/** The value at `path` is a secret's reference: it is not replaced by what it refers to. A header may have any name. */
export const isSecret = (path: Path): boolean => keys.has(path.at(-1)) && path.at(-2) !== 'headers'

/** Keys of secrets that may be in a file of their own. */
export type SecretKey = 'secret' | 'session' | 'token' | 'writeToken'

/**
 * The secret that is named by `<key>` or `<key>File` of the mapping at `path`; undefined, with the problem noted, where it
 * cannot be had. Every secret here travels in a header: one line, no blanks, printable. A line feed at the end of a file does
 * not count.
 */
export async function readSecret(
  reading: Reading,
  path: Path,
  key: SecretKey,
  form: Partial<Record<SecretKey | `${SecretKey}File`, string>>,
): Promise<string | undefined> {
  const file = form[`${key}File`]
  const at = [...path, file === undefined ? key : `${key}File`]
  const value = file === undefined ? reading.secret(form[key]) : await readSecretFile(reading, at, file)
  if (value === undefined) return undefined
  if (/^[\x21-\x7e]+$/.test(value)) return value
  const what = file === undefined ? 'the value from the environment' : 'what the file holds'
  return reading.fail('ERR_DEPLOYMENT_SECRET', at, `${what} is not one word of printable characters`)
}

async function readSecretFile(reading: Reading, path: Path, text: string): Promise<string | undefined> {
  if (looksLikeSecret(text)) {
    return reading.fail(
      'ERR_DEPLOYMENT_SECRET',
      path,
      'a secret is written in the file where the path of a file is expected',
      'put it in a file of its own with mode 0600, give that path, and consider the written one known',
    )
  }
  return (await reading.file(path, text, maxSecret))?.toString('utf8').replace(/\r?\n$/, '')
}

/** Largest secret: 16 KiB. */
const maxSecret = 1 << 14

/** A JWT, or a long word that is no path: it must not be repeated in a message about a file that does not exist. */
const looksLikeSecret = (text: string): boolean => text.startsWith('eyJ') || /^[A-Za-z0-9_-]{32,}$/.test(text)
