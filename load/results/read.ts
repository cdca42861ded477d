/**
 * Reads the results of a load command, and checks them against their schema.
 * @module
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { HarnessError } from '../../harness/errors.ts'
import capacitySchema from '../capacity/schema.json' with { type: 'json' }
import costSchema from '../cost/schema.json' with { type: 'json' }
import schema from './schema.json' with { type: 'json' }
import type { LoadResults } from './types.ts'

/** No more problems than anybody reads. */
const most = 5

let compiled: ValidateFunction | undefined

function validator(): ValidateFunction {
  if (compiled !== undefined) return compiled
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
  formats.default(ajv)
  ajv.addSchema(costSchema)
  ajv.addSchema(capacitySchema)
  compiled = ajv.compile(schema)
  return compiled
}

/** Every problem of would-be results, at most five; empty when they are some. Only places and rules are named, no content. */
export function validateLoad(value: unknown): string[] {
  const validate = validator()
  if (validate(value)) return []
  return (validate.errors ?? [])
    .slice(0, most)
    .map(({ instancePath, message = 'is invalid' }) => `${instancePath.slice(1) || 'results'} ${message}`)
}

/** Whether a parsed file is the results of a load command, valid or not. */
export const isLoad = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'load'

/** Whether there is a file of a load command, valid or not. Never throws. */
export async function isLoadFile(path: string): Promise<boolean> {
  const file = path.endsWith('.json') ? path : join(path, 'results.json')
  try {
    return isLoad(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return false
  }
}

/**
 * Reads results.
 * @param path a results file, or the folder it is in.
 * @throws HarnessError ERR_USAGE when there is none, or it is not one.
 */
export async function readLoad(path: string): Promise<LoadResults> {
  const wrong = (message: string, cause?: unknown): HarnessError =>
    new HarnessError('ERR_USAGE', message, {
      hint: 'name the folder that harness load cost --out wrote, or its results.json',
      ...(cause === undefined ? {} : { cause }),
    })
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw wrong(
      `${path} ${cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`}`,
      cause,
    )
  })
  const file = found.isDirectory() ? join(path, 'results.json') : path
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw wrong(
      `${file} ${cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`}`,
      cause,
    )
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    // The parser's message quotes the file.
    throw wrong(`${file} is not JSON`, cause)
  }
  if (!isLoad(value)) throw wrong(`${file} does not hold the results of a load command`)
  const problems = validateLoad(value)
  if (problems.length > 0) throw wrong(`${file} is not a valid results file: ${problems.join('; ')}`)
  return value as LoadResults
}
