/**
 * How fast the server's cores are right now. Virtual machines are slowed down by their neighbours for seconds and for minutes,
 * by a third and more (measured); fixed work of the same kind, done on the same cores beside every block, says how much. Two measurements are compared in its unit.
 * @module
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { HarnessError } from '../../harness/errors.ts'
import { canBind } from '../engine/generator.ts'

/** Measures the machine. */
export interface Yardstick {
  /** CPU of one piece of the work (a handshake, both its ends), microseconds. @throws HarnessError ERR_INTERNAL when its process has ended. */
  measure(): Promise<number>
  /** Ends it. Safe to call twice. */
  stop(): Promise<void>
}

/** What the process answers: CPU of one piece, microseconds. */
export type YardstickAnswer = number

const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './yardstick-child.ts' : './yardstick-child.js', import.meta.url),
)

/** Starts one on these cores (as `taskset -c` takes them). Undefined: it cannot be bound to them, and would measure others. */
export function startYardstick(cpus: string): Yardstick | undefined {
  if (!canBind(cpus)) return undefined
  const child = spawn('taskset', ['-c', cpus, process.execPath, script], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
  })
  const gone = once(child, 'exit').catch(() => undefined)
  return {
    async measure() {
      const asked = new AbortController()
      const answer = once(child, 'message', { signal: asked.signal }) as Promise<[YardstickAnswer]>
      if (child.connected) child.send('measure')
      try {
        const first = await Promise.race([answer, gone.then(() => undefined)])
        if (first === undefined) throw new HarnessError('ERR_INTERNAL', 'the yardstick ended unexpectedly')
        return first[0]
      } finally {
        asked.abort()
        answer.catch(() => undefined)
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await gone
    },
  }
}
