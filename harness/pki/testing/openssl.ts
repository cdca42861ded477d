/**
 * The openssl command line for tests: an independent opinion on what this folder makes.
 * @module
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What openssl said. */
export interface OpensslResult {
  ok: boolean
  /** stdout and stderr together. */
  text: string
}

/** A folder of its own for one test, removed behind it. */
export class Openssl {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async in(test: Pick<TestContext, 'after'>): Promise<Openssl> {
    const folder = await mkdtemp(join(tmpdir(), 'harness-pki-'))
    test.after(() => rm(folder, { recursive: true, force: true }))
    return new Openssl(folder)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Writes a file and returns its name. */
  async file(name: string, content: string | Buffer): Promise<string> {
    await writeFile(this.path(name), content, { mode: 0o600 })
    return name
  }

  /** Runs openssl in the folder. Passphrases go through the environment: `env:PASS`. */
  async try(args: readonly string[], env: Record<string, string> = {}): Promise<OpensslResult> {
    const options = { cwd: this.folder, env: { ...process.env, ...env }, timeout: 60_000, maxBuffer: 1 << 24 }
    try {
      const { stdout, stderr } = await run('openssl', args, options)
      return { ok: true, text: stdout + stderr }
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      return { ok: false, text: stdout + stderr || String(error) }
    }
  }

  /** Runs openssl; what it says when it fails becomes the error. */
  async run(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const result = await this.try(args, env)
    if (!result.ok) throw new Error(`openssl ${args[0]}: ${result.text}`)
    return result.text
  }
}
