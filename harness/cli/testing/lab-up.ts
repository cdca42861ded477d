/**
 * `harness lab up` as a process, for tests.
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The command line's entry point. */
export const bin = fileURLToPath(new URL('../../../bin/harness.mjs', import.meta.url))

/** How a process ended. */
export interface Ended {
  code: number
  out: string
  err: string
}

/** Runs `harness` to its end. */
export const harness = (cwd: string, ...args: string[]): Promise<Ended> =>
  finished(process.execPath, [bin, ...args], { cwd })

/** Runs any program to its end; -1: it was killed, or could not be started. */
export const finished = (
  file: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(file, args, { timeout: 120_000, ...options }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err })
    })
  })

/** A lab in the foreground of another process. */
export interface RunningLab {
  child: ChildProcess
  /** All that it has printed, on both streams. */
  text(): string
  /** Exit code; null: a signal killed it. */
  ended: Promise<number | null>
}

/** Starts one; resolves when it has printed everything. @throws Error with its output when it ends before that. */
export async function startLabUp(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunningLab> {
  const child = spawn(process.execPath, [bin, 'lab', 'up', ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // As from a terminal: a group of its own.
    detached: true,
  })
  let text = ''
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  await new Promise<void>((resolve, reject) => {
    const add = (chunk: Buffer): void => {
      text += chunk.toString()
      if (/^try:\n[\s\S]*\n$/m.test(text)) resolve()
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    ended.then(() => reject(new Error(`lab up has ended: ${text}`)), reject)
  })
  return { child, text: () => text, ended }
}

/** Sends SIGINT to the group, as a terminal does; the exit code. */
export function interruptLab({ child, ended }: RunningLab): Promise<number | null> {
  const isRunning = child.exitCode === null && child.signalCode === null
  if (child.pid !== undefined && isRunning) process.kill(-child.pid, 'SIGINT')
  return ended
}
