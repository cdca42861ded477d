/**
 * `harness checks`: the catalogue for people and for programs.
 * @module
 */
import { loadCatalogue } from '../../suites/index.ts'
import { type ExitCode, exitCodes } from '../errors.ts'

/** Prints the catalogue: a table, or with `json` an array with each check's metadata and nothing else. */
export async function checksCommand(options: { json?: boolean }): Promise<ExitCode> {
  const checks = await loadCatalogue()
  if (options.json === true) {
    const list = checks.map(({ body: _, ...meta }) => meta)
    process.stdout.write(`${JSON.stringify(list, null, 2)}\n`)
    return exitCodes.ok
  }
  const width = Math.max(...checks.map(({ id }) => id.length))
  let suite = ''
  for (const check of checks) {
    if (check.suite !== suite) process.stdout.write(`\n${check.suite}\n`)
    suite = check.suite
    process.stdout.write(`  ${check.id.padEnd(width)}  ${check.severity.padEnd(8)}  ${check.title}\n`)
  }
  process.stdout.write(
    `\n${checks.length} checks. harness explain <id> says what one sends, expects, why, and how to fix it.\n`,
  )
  return exitCodes.ok
}
