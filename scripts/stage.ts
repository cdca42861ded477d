/**
 * One stage of `npm test`: a child process whose output is shown as it comes and counted at the end.
 * @module
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** A stage. */
export interface Stage {
  name: string
  /** What it looks at, for a person. */
  what: string
  /** Arguments for Node. */
  args: () => string[]
}

/** How a stage ended. */
export interface StageResult {
  name: string
  passed: number
  failed: number
  skipped: number
  seconds: number
}

/**
 * Counts from a stage's output: the summary of Node's test runner, or a last line `N passed, N failed`; else the stage
 * counts as one. A stage that exits with an error has failed at least once, and a test run of no test has failed.
 */
export function countOutput(
  output: string,
  exitCode: number | null,
): { passed: number; failed: number; skipped: number } {
  const text = stripVTControlCharacters(output)
  const summary = (name: string) => {
    const found = [...text.matchAll(new RegExp(`^[ℹ#] ${name} (\\d+)$`, 'gm'))].at(-1)
    return found === undefined ? undefined : Number(found[1])
  }
  const failedAtAll = exitCode === 0 ? 0 : 1
  const tests = summary('tests')
  if (tests !== undefined) {
    const failed = (summary('fail') ?? 0) + (summary('cancelled') ?? 0)
    const none = tests === 0 ? 1 : 0
    const skipped = (summary('skipped') ?? 0) + (summary('todo') ?? 0)
    return { passed: summary('pass') ?? 0, failed: Math.max(failed, failedAtAll, none), skipped }
  }
  const closing = /^(\d+) passed, (\d+) failed$/.exec(text.trimEnd().split('\n').at(-1) ?? '')
  if (closing !== null) {
    return { passed: Number(closing[1]), failed: Math.max(Number(closing[2]), failedAtAll), skipped: 0 }
  }
  return { passed: 1 - failedAtAll, failed: failedAtAll, skipped: 0 }
}

/** Runs a stage in `cwd` with this process's Node. Never throws. */
export async function runStage({ name, args }: Stage, cwd: string): Promise<StageResult> {
  const start = performance.now()
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  // Hundreds of test files load the same sources: types are stripped and code is compiled once.
  const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? join(cwd, 'test-results', 'compile')
  const child = spawn(process.execPath, args(), {
    cwd,
    env: { ...process.env, ...color, NODE_COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    process.stdout.write(chunk)
  })
  const exitCode = await new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`${name}: ${error.message}\n`)
      resolve(null)
    })
    child.on('close', resolve)
  })
  const counts = countOutput(Buffer.concat(chunks).toString('utf8'), exitCode)
  return { name, ...counts, seconds: (performance.now() - start) / 1000 }
}
