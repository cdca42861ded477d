/**
 * The thread's side of thread.ts.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads'
import { loadCatalogue } from '../../suites/index.ts'
import { rowsOf } from './run.ts'
import type { ThreadAnswer, ThreadData } from './thread.ts'

const { material, parallel, checks: ids } = workerData as ThreadData
const wanted = new Set(ids)
const checks = (await loadCatalogue()).filter(({ id }) => wanted.has(id))
const control = new AbortController()

async function answerTo(members: string[]): Promise<ThreadAnswer> {
  try {
    return { rows: await rowsOf(members, checks, { material, parallel, signal: control.signal }) }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.on('message', async (message: 'abort' | { members: string[] }) => {
  if (message === 'abort') control.abort('interrupted')
  else parentPort?.postMessage(await answerTo(message.members))
})
