/**
 * The thread's side of thread.ts.
 * @module
 */
import { parentPort } from 'node:worker_threads'
import type { DeploymentSource } from '../../harness/verify/run-file.ts'
import { inProcess } from './in-process.ts'
import type { Answer } from './thread.ts'

async function answerTo(source: DeploymentSource): Promise<Answer> {
  try {
    const { checks, ...said } = await inProcess(source, '')
    // Transcripts are of no use to the table, and are most of the bytes.
    return { said: { ...said, checks: checks.map((check) => ({ ...check, evidence: [] })) } }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.on('message', async (source: DeploymentSource) => {
  parentPort?.postMessage(await answerTo(source))
})
