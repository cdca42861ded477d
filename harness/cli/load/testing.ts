/**
 * Runs the command line in a process of its own, for the tests of load.
 * @module
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadResults } from '../../../load/results/types.ts'
import { commands } from '../commands.ts'
import { run } from '../run.ts'

/** The launcher. */
export const bin = fileURLToPath(new URL('../../../bin/harness.mjs', import.meta.url))

/** How a run ended. */
export interface Ended {
  code: number
  out: string
  err: string
  /** How long it took. */
  ms: number
}

/** How long a run said that it takes at most, milliseconds. @throws Error when it said nothing. */
export function statedMs(err: string): number {
  const [, number = '', unit] = /at most ([\d.]+) (s|min)\b/.exec(err) ?? []
  if (number === '') throw new Error(`no time is stated: ${err}`)
  return Number(number) * (unit === 'min' ? 60_000 : 1000)
}

/** Runs the command line in this process: quick, for what ends before anything runs. What it prints to stdout is not caught. */
export async function inProcess(...args: string[]): Promise<Omit<Ended, 'out' | 'ms'>> {
  let err = ''
  const stderr = {
    write: (text: string) => {
      err += text
    },
  }
  const code = await run(args, commands, { stdout: process.stdout, stderr, debug: false })
  return { code, err }
}

/** A folder to run commands in. */
export interface Place {
  dir: string
  run(...args: string[]): Promise<Ended>
  results(out: string): Promise<LoadResults>
  remove(): Promise<void>
}

/** Makes one. */
export async function loadPlace(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'harness-load-test-'))
  const options = { cwd: dir, timeout: 120_000, env: { ...process.env, NODE_TEST_CONTEXT: undefined } }
  return {
    dir,
    run: (...args) =>
      new Promise((resolve) => {
        const start = performance.now()
        execFile(process.execPath, [bin, ...args], options, (error, out, err) => {
          const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1
          resolve({ code, out, err, ms: performance.now() - start })
        })
      }),
    results: async (out) => JSON.parse(await readFile(join(dir, out, 'results.json'), 'utf8')) as LoadResults,
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}
