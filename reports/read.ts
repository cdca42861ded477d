/**
 * Reads a results file back: for `harness report DIR`, `compare` and baselines.
 * @module
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ResultsError } from './results-error.ts'
import { short } from './text.ts'
import { type Results, schemaVersion } from './types.ts'
import { validateResults } from './validate.ts'

const rerun = 'run harness verify again to write a new one'

/**
 * Reads and validates results.
 * @param path a results file, or the directory it is in
 * @throws {@link ResultsError} when there is none, or it is not one
 */
export async function readResults(path: string): Promise<Results> {
  const file = await locate(path)
  const value = parse(await readFile(file, 'utf8').catch(cannotRead(file)), file)
  const version = versionOf(value)
  if (version === undefined) {
    throw new ResultsError(
      'ERR_RESULTS_INVALID',
      `${file} is not a results file: it has no schemaVersion`,
      rerun,
    )
  }
  if (major(version) !== major(schemaVersion)) {
    const message = `${file} has results format ${short(version, 20)}, this version reads ${schemaVersion}`
    throw new ResultsError('ERR_RESULTS_INVALID', message, 'use the version of harness that wrote it')
  }
  const problems = validateResults(value)
  if (problems.length > 0) {
    const more = problems.length > 3 ? ` and ${problems.length - 3} more` : ''
    const message = `${file} is not a valid results file: ${problems.slice(0, 3).join('; ')}${more}`
    throw new ResultsError('ERR_RESULTS_INVALID', message, rerun)
  }
  return value as Results
}

async function locate(path: string): Promise<string> {
  const found = await stat(path).catch(cannotRead(path))
  return found.isDirectory() ? join(path, 'results.json') : path
}

const cannotRead =
  (file: string) =>
  (cause: NodeJS.ErrnoException): never => {
    const why = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code ?? cause.message})`
    const hint = 'name a results.json, or the directory that harness verify --out wrote'
    throw new ResultsError('ERR_RESULTS_FILE', `${file} ${why}`, hint, cause)
  }

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    // The parser's message quotes the file, which may hold server text.
    const message = text.trim() === '' ? `${file} is empty` : `${file} is not JSON`
    throw new ResultsError('ERR_RESULTS_INVALID', message, rerun, cause)
  }
}

function versionOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('schemaVersion' in value)) return undefined
  return typeof value.schemaVersion === 'string' ? value.schemaVersion : undefined
}

const major = (version: string): string => version.split('.', 1)[0] ?? ''
