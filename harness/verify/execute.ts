/**
 * Runs planned checks under Playwright in processes of their own and collects one event per finished check.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire, getCompileCacheDir } from 'node:module'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Check } from '../../fixtures/catalogue.ts'
import type { CheckRun } from '../../fixtures/run.ts'
import { HarnessError } from '../errors.ts'
import { paceVariable } from '../probe/pace.ts'

/** An event of a run, as the reporter emits it. */
export type RunEvent =
  | { event: 'begin'; id: string }
  | { event: 'end'; id: string; run: CheckRun }
  | { event: 'lost'; id: string; message: string }
  | { event: 'error'; message: string }

/** How to execute. */
export interface Execution {
  checks: readonly Check[]
  runFile: string
  /** Scratch directory for Playwright. */
  work: string
  workers: number
  /** Milliseconds one check may take as a whole. */
  checkTimeout: number
  /** Milliseconds between two connections of one worker; 0: none. */
  pace: number
  signal: AbortSignal
  onEvent: (event: RunEvent) => void
}

/** Root of the package: where playwright.config lives, in a checkout and in `dist` alike. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const isSource = import.meta.url.endsWith('.ts')

/** Runs the checks. Resolves when every process has ended; aborting the signal ends them within a second. */
export async function execute({
  checks,
  runFile,
  work,
  workers,
  checkTimeout,
  pace,
  signal,
  onEvent,
}: Execution): Promise<void> {
  if (signal.aborted) return
  const cli = join(dirname(createRequire(import.meta.url).resolve('@playwright/test/package.json')), 'cli.js')
  const config = join(root, isSource ? 'playwright.config.ts' : 'playwright.config.js')
  const child = spawn(process.execPath, [cli, 'test', '--config', config], {
    cwd: root,
    // A process group of its own: Ctrl-C reaches this process, which then ends the group itself.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      HARNESS_RUN: runFile,
      HARNESS_PLAN: checks.map(({ id }) => id).join(','),
      HARNESS_WORK: work,
      HARNESS_WORKERS: String(workers),
      HARNESS_CHECK_TIMEOUT: String(checkTimeout),
      [paceVariable]: String(pace),
      // Node strips the types itself; Playwright's own transform would cost the first run seconds.
      PW_DISABLE_TS_ESM: '1',
      NODE_COMPILE_CACHE: getCompileCacheDir(),
      // Colours and debug output are not for a pipe.
      FORCE_COLOR: undefined,
      NODE_OPTIONS: undefined,
    },
  })
  const stop = (): void => endGroup(child)
  signal.addEventListener('abort', stop, { once: true })
  const noise: string[] = []
  onLine(child.stderr, (line) => noise.push(line))
  onLine(child.stdout, (line) => {
    const event = parseEvent(line)
    if (event === undefined) noise.push(line)
    else onEvent(event)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  signal.removeEventListener('abort', stop)
  // Workers outlive the runner for a moment: nothing may write to the scratch directory once this returns.
  if (signal.aborted) killGroup(child, 'SIGKILL')
  // 0: all tests passed; 1: some did not. Anything else, and a run that never began, is our own failure.
  if (!signal.aborted && code !== 0 && code !== 1) {
    throw new HarnessError(
      'ERR_INTERNAL',
      `the test runner ended with code ${code ?? 'none'}: ${noise.slice(-5).join(' | ')}`,
    )
  }
}

/** Lines end with a line feed and with nothing else: readline also splits at U+2028, which server text may hold. */
function onLine(stream: Readable, take: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
  stream.on('end', () => {
    if (rest !== '') take(rest)
  })
}

function parseEvent(line: string): RunEvent | undefined {
  if (!line.startsWith('{"event":')) return undefined
  try {
    return JSON.parse(line) as RunEvent
  } catch {
    return undefined
  }
}

const grace = 600

function endGroup(child: ChildProcess): void {
  killGroup(child, 'SIGTERM')
  setTimeout(() => killGroup(child, 'SIGKILL'), grace).unref()
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group has ended already.
  }
}
