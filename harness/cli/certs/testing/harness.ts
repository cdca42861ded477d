/**
 * Runs the command line for tests: in this process, or as one of its own where stdin matters.
 * @module
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commands } from '../../commands.ts'
import { run } from '../../run.ts'

const main = fileURLToPath(new URL('../../main.ts', import.meta.url))

/** How a run ended. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs `harness certs …` in a folder; `input` is stdin, and makes it a process of its own. */
export type Run = (
  args: string[],
  options?: { env?: Record<string, string>; input?: string },
) => Promise<Ended>

/** A folder of its own for one test, removed behind it, and a way to run in it. */
export async function ownFolder(test: Pick<TestContext, 'after'>): Promise<{ folder: string; certs: Run }> {
  const folder = await mkdtemp(join(tmpdir(), 'harness-certs-test-'))
  const before = process.cwd()
  test.after(async () => {
    process.chdir(before)
    await rm(folder, { recursive: true, force: true })
  })
  const certs: Run = (args, { env = {}, input } = {}) =>
    input === undefined ? inside(folder, args, env) : apart(folder, args, env, input)
  return { folder, certs }
}

async function inside(folder: string, args: string[], env: Record<string, string>): Promise<Ended> {
  const ended: Ended = { code: null, stdout: '', stderr: '' }
  const sink = (stream: 'stdout' | 'stderr') => ({
    write: (chunk: string): void => {
      ended[stream] += chunk
    },
  })
  process.chdir(folder)
  Object.assign(process.env, env)
  try {
    ended.code = await run(['certs', ...args], commands, {
      stdout: sink('stdout'),
      stderr: sink('stderr'),
      debug: false,
    })
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
  }
  return ended
}

async function apart(
  folder: string,
  args: string[],
  env: Record<string, string>,
  input: string,
): Promise<Ended> {
  const options = { cwd: folder, env: { ...process.env, ...env }, timeout: 60_000 }
  const child = spawn(process.execPath, [main, 'certs', ...args], options)
  // A command that does not read its stdin closes it.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}
