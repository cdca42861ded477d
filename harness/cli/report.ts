/**
 * `harness report`: writes every format again from a results file.
 * @module
 */
import { dirname } from 'node:path'
import { isLoadFile, readLoad } from '../../load/results/read.ts'
import { renderConsole } from '../../reports/console.ts'
import { readResults } from '../../reports/read.ts'
import { ResultsError } from '../../reports/results-error.ts'
import { writeReports } from '../../reports/write.ts'
import { type ExitCode, HarnessError } from '../errors.ts'

/** Reads `results.json` in a directory, writes the other formats beside it and prints the console one. Exits as the run did. */
export async function reportCommand(directory: string): Promise<ExitCode> {
  if (await isLoadFile(directory)) {
    const folder = directory.endsWith('.json') ? dirname(directory) : directory
    return (await import('./load/session.ts')).finish(await readLoad(directory), folder)
  }
  const results = await readResults(directory).catch((error: unknown) => {
    if (!(error instanceof ResultsError)) throw error
    throw new HarnessError('ERR_USAGE', error.message, { hint: error.hint, cause: error })
  })
  const folder = directory.endsWith('.json') ? dirname(directory) : directory
  const written = await writeReports(results, folder)
  const color = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
  process.stdout.write(
    `${renderConsole(results, { color, width: process.stdout.columns ?? 100, verbose: true })}\n`,
  )
  process.stdout.write(`${written.join('\n')}\n`)
  return results.exitCode
}
