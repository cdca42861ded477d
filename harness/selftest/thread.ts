/**
 * A thread that runs companies of faults, so that the matrix uses every processor.
 * @module
 */
import { Worker } from 'node:worker_threads'
import type { LabMaterial } from '../lab/lab.ts'
import type { Row } from './matrix.ts'
import type { CompanyRunner } from './run.ts'

/** What a thread is started with. Everything is plain data. */
export interface ThreadData {
  material: LabMaterial
  /** Checks that run at the same time within one lab. */
  parallel: number
  /** Ids. */
  checks: string[]
}

/** What it answers. */
export type ThreadAnswer = { rows: Row[] } | { error: string }

/** Starts a thread; the signal ends it. */
export function startThread(data: ThreadData, signal: AbortSignal): CompanyRunner {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./thread-main.${extension}`, import.meta.url), { workerData: data })
  let gone = false
  worker.once('exit', () => {
    gone = true
  })
  const end = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
  const onAbort = (): void => void worker.postMessage('abort')
  signal.addEventListener('abort', onAbort)
  return {
    end,
    run: (members) =>
      new Promise((resolve, reject) => {
        if (gone) {
          reject(new Error('the thread of the matrix has ended'))
          return
        }
        const settle = (then: () => void): void => {
          worker.off('message', onMessage).off('error', onError).off('exit', onExit)
          then()
        }
        const onMessage = (answer: ThreadAnswer): void =>
          settle(() => {
            if ('rows' in answer) resolve(answer.rows)
            else if (signal.aborted) resolve(undefined)
            else reject(new Error(answer.error))
          })
        const onError = (error: Error): void => settle(() => reject(error))
        const onExit = (): void =>
          settle(() =>
            signal.aborted ? resolve(undefined) : reject(new Error('the thread of the matrix has ended')),
          )
        worker.on('message', onMessage).on('error', onError).on('exit', onExit)
        worker.postMessage({ members })
      }),
  }
}
