/**
 * One k6 process: started with a clean environment, its samples read as they come, its CPU watched, ended in order.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { guardProcess } from '../guard/guard.ts'
import { cpuSecondsOf } from './cpu.ts'
import { readSample, type Sample } from './samples.ts'
import type { Segment } from './segments.ts'

/** The scripts, by name: files of `load/k6/scripts`. */
export const scriptNames = ['valid', 'flood', 'service-token', 'jwt', 'login'] as const

/** One of the scripts. */
export type ScriptName = (typeof scriptNames)[number]

/** Where a script is: TypeScript, as `k6 run` takes it. */
export const scriptPath = (name: ScriptName): string => join(import.meta.dirname, 'scripts', `${name}.ts`)

/** What to run. */
export interface K6Job {
  /** Path of k6. */
  k6: string
  script: ScriptName
  /** `LOAD_*` and, for k6 itself, `K6_*` and `SSLKEYLOGFILE`. Paths of secrets, never secrets. */
  env: Readonly<Record<string, string>>
  segment?: Segment
  /** Cores for it, as `taskset -c` takes them; that they can be had was looked at before. */
  cpus?: string | undefined
  /** File for what k6 says, in a folder of the caller's. */
  log: string
  /** Names of a script's own metrics that {@link K6Job.onSample} wants. */
  own?: ReadonlySet<string>
  onSample: (sample: Sample) => void
}

/** How it ended. */
export interface K6End {
  /** 0 done · 99 a threshold broke · 105 stopped · others: see {@link K6End.error}. */
  code: number | null
  /** What k6 said last, where it did not end as it should. */
  error?: string
  /** CPU seconds; undefined where /proc cannot tell. */
  cpuSeconds: number | undefined
}

/** A k6 that runs. */
export interface K6Process {
  /** Undefined: it could not be started. */
  readonly pid: number | undefined
  readonly ended: Promise<K6End>
  /** Asks it to end now; ends it by force where it does not. */
  stop(): void
}

const watchEvery = 100
const patience = 8000

/** Variables of this process that k6 gets. Not among them: proxies (load must not go through one) and k6's own. */
const passed = [
  ...['PATH', 'HOME', 'TMPDIR', 'LANG', 'GOMAXPROCS'],
  ...['K6_BROWSER_EXECUTABLE_PATH', 'K6_BROWSER_ARGS', 'K6_BROWSER_HEADLESS'],
]

/** Starts k6. */
export function startK6(job: K6Job): K6Process {
  const { k6, script, segment, cpus, log, own, onSample } = job
  const args = [
    ...['run', '--quiet', '--no-color', '--summary-mode=disabled', '--out', 'json=-'],
    // A line for each failed request would cost more than the request.
    ...['--log-output', `file=${log},level=error`],
    ...(segment === undefined
      ? []
      : ['--execution-segment', segment.segment, '--execution-segment-sequence', segment.sequence]),
    scriptPath(script),
  ]
  const inherited = passed.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const env = {
    ...Object.fromEntries(inherited),
    K6_NO_USAGE_REPORT: 'true',
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    ...job.env,
  }
  const bound = cpus === undefined ? [k6] : ['taskset', '-c', cpus, k6]
  const [command = k6, ...before] = bound
  const child = spawn(command, [...before, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const forget = guardProcess(child.pid)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  const reading = readLines(child, (line) => {
    const sample = readSample(line, own)
    if (sample !== undefined) onSample(sample)
  })
  let cpuSeconds: number | undefined
  const watch = setInterval(() => {
    cpuSeconds = (child.pid === undefined ? undefined : cpuSecondsOf(child.pid)) ?? cpuSeconds
  }, watchEvery)
  let stopped = false
  const finish = async (): Promise<K6End> => {
    try {
      const code = await exitOf(child)
      forget()
      await reading
      const fine = code === 0 || code === 99 || stopped
      const error = [said, tail(log)].join('\n').trim().slice(-1500)
      return { code, cpuSeconds, ...(fine ? {} : { error: error || `k6 ended with ${code}` }) }
    } finally {
      clearInterval(watch)
    }
  }
  const ended = finish()
  return {
    pid: child.pid,
    ended,
    stop() {
      if (stopped) return
      stopped = true
      child.kill('SIGINT')
      const forced = new AbortController()
      sleep(patience, undefined, { signal: forced.signal, ref: false }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      )
      ended.then(
        () => forced.abort(),
        () => forced.abort(),
      )
    },
  }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return code
  } catch {
    // It could not be started; that it is there was checked before.
    return null
  }
}

async function readLines(child: ChildProcess, take: (line: string) => void): Promise<void> {
  const { stdout } = child
  if (stdout === null) return
  stdout.setEncoding('utf8')
  let rest = ''
  try {
    for await (const text of stdout as AsyncIterable<string>) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line)
    }
  } catch (error) {
    // A pipe that breaks ends the reading; a defect of the reader is not hidden.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
  }
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(-1500)
  } catch {
    return ''
  }
}
