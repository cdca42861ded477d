/**
 * {@link inProcess} on a thread of its own, so that two cells really run at the same time.
 * @module
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { DeploymentSource } from '../../harness/verify/run-file.ts'
import type { Circumstances, Said, Verifier } from './said.ts'

/** A thread that verifies one source after the other. */
export interface VerifierThread {
  verify: Verifier
  end: () => Promise<void>
}

/** What the thread is asked. */
export interface Question {
  source: DeploymentSource
  circumstances: Circumstances
}

/** What the thread answers. */
export type Answer = { said: Said } | { error: string }

/** Starts a thread. */
export function startThread(): VerifierThread {
  const worker = new Worker(new URL('./thread-main.ts', import.meta.url))
  return {
    verify: async (source, _, circumstances = {}) => {
      const answered = once(worker, 'message') as Promise<[Answer]>
      worker.postMessage({ source, circumstances } satisfies Question)
      const [answer] = await answered
      if ('error' in answer) throw new Error(answer.error)
      return answer.said
    },
    end: async () => {
      await worker.terminate()
    },
  }
}
