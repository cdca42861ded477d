/**
 * The built-in generator: a child process, so that its CPU time can be told from everything else and it can be bound to
 * cores of its own. Low rates only (about a millisecond of CPU per attempt): k6 is for more.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { HarnessError } from '../../harness/errors.ts'
import type { Block, BlockResult, OpenLoad, OpenResult } from './types.ts'

/** What the child is told. */
export type Order =
  | { id: number; what: 'block'; work: Block }
  | { id: number; what: 'open'; work: OpenLoad }
  | { what: 'abort' }

/** What it answers. */
export type Answer = { id: number; result: BlockResult | OpenResult } | { id: number; error: string }

/** Makes load. One piece of work at a time. */
export interface Generator {
  /** For the report. */
  readonly describe: string
  /** @throws HarnessError ERR_INTERNAL when the generator broke; the signal's reason when aborted. */
  block(work: Block, signal?: AbortSignal): Promise<BlockResult>
  open(work: OpenLoad, signal?: AbortSignal): Promise<OpenResult>
  /** Ends it. Safe to call twice. */
  stop(): Promise<void>
}

/** How the process is started. */
export interface GeneratorOptions {
  /** Cores for it, as `taskset -c` takes them (`1`, `2-3`); not bound where there is no taskset. */
  cpus?: string
}

const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url),
)

/** Starts a generator. */
export async function startGenerator({ cpus }: GeneratorOptions = {}): Promise<Generator> {
  const bound = cpus !== undefined && canBind(cpus)
  const node = [process.execPath, script]
  const [command = process.execPath, ...args] = bound ? ['taskset', '-c', cpus, ...node] : node
  const child = spawn(command, args, {
    // Warnings of Node (type stripping, deprecations) are not ours to print; errors come over the channel.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // A test runner's or inspector's settings must not reach what is measured.
    env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
  })
  const process_ = new GeneratorProcess(child)
  return {
    describe: `built-in, ${bound ? `bound to core ${cpus}` : 'not bound to a core'}`,
    block: (work, signal) => process_.order<BlockResult>((id) => ({ id, what: 'block', work }), signal),
    open: (work, signal) => process_.order<OpenResult>((id) => ({ id, what: 'open', work }), signal),
    stop: () => process_.stop(),
  }
}

/** Whether taskset is there and accepts these cores here. */
export const canBind = (cpus: string): boolean =>
  /^[\d,-]+$/.test(cpus) && spawnSync('taskset', ['-c', cpus, 'true'], { stdio: 'ignore' }).status === 0

class GeneratorProcess {
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  #waiting: { id: number; resolve: (result: unknown) => void; reject: (error: Error) => void } | undefined
  #next = 1

  constructor(child: ChildProcess) {
    this.#child = child
    this.#gone = new Promise((resolve) => {
      const gone = (): void => {
        this.#waiting?.reject(new HarnessError('ERR_INTERNAL', 'the load generator ended unexpectedly'))
        this.#waiting = undefined
        resolve()
      }
      child.once('exit', gone)
      child.once('error', gone)
    })
    child.on('message', (answer: Answer) => {
      const waiting = this.#waiting
      if (waiting?.id !== answer.id) return
      this.#waiting = undefined
      if ('result' in answer) waiting.resolve(answer.result)
      else waiting.reject(new HarnessError('ERR_INTERNAL', `the load generator failed: ${answer.error}`))
    })
  }

  async order<T>(make: (id: number) => Order, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    if (this.#waiting !== undefined) throw new Error('the generator does one thing at a time')
    if (!this.#child.connected) throw new HarnessError('ERR_INTERNAL', 'the load generator has ended')
    const id = this.#next++
    const abort = (): void => void (this.#child.connected && this.#child.send({ what: 'abort' }))
    signal?.addEventListener('abort', abort, { once: true })
    try {
      const result = await new Promise((resolve, reject) => {
        this.#waiting = { id, resolve, reject }
        this.#child.send(make(id))
      })
      signal?.throwIfAborted()
      return result as T
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.#gone
  }
}
