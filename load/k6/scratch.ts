/**
 * A folder for keys and tokens of one run: mode 0700, files 0600, gone at the end of the run and of this process,
 * however that ends.
 * @module
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Identity } from '../../harness/pki/types.ts'
import { guardFolder } from '../guard/guard.ts'

/** Such a folder. */
export interface Scratch {
  readonly dir: string
  /** Writes a file and returns its path. */
  file(name: string, content: string): Promise<string>
  /** A certificate and its key as the scripts want them: `LOAD_CERT_FILE` and `LOAD_KEY_FILE`; none for undefined. */
  identity(
    name: string,
    identity: Pick<Identity, 'cert' | 'key'> | undefined,
  ): Promise<Record<string, string>>
  remove(): void
}

/** Makes one. mkdtemp's mode is 0700. */
export async function makeScratch(): Promise<Scratch> {
  const dir = await mkdtemp(join(tmpdir(), 'harness-load-'))
  const sweep = (): void => rmSync(dir, { recursive: true, force: true })
  process.once('exit', sweep)
  const forget = guardFolder(dir)
  const file = async (name: string, content: string): Promise<string> => {
    const path = join(dir, name.replace(/[^A-Za-z0-9._-]/g, '_'))
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  return {
    dir,
    file,
    async identity(name, identity) {
      if (identity === undefined) return {}
      const [cert, key] = await Promise.all([
        file(`${name}.pem`, identity.cert),
        file(`${name}-key.pem`, identity.key),
      ])
      return { LOAD_CERT_FILE: cert, LOAD_KEY_FILE: key }
    },
    remove() {
      process.off('exit', sweep)
      sweep()
      forget()
    },
  }
}
