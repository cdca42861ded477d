/**
 * The thread's side of thread.ts.
 * @module
 */
import { parentPort } from 'node:worker_threads'
import { inProcess } from './in-process.ts'
import type { Answer, Question } from './thread.ts'

async function answerTo({ source, circumstances }: Question): Promise<Answer> {
  try {
    const { checks, ...said } = await inProcess(source, '', circumstances)
    // Transcripts are of no use to the table, and are most of the bytes.
    return { said: { ...said, checks: checks.map((check) => ({ ...check, evidence: [] })) } }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.on('message', async (question: Question) => {
  parentPort?.postMessage(await answerTo(question))
})
