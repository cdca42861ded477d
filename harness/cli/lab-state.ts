/**
 * `harness lab state`: the configuration of a running lab, exported, imported and compared.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import { diffStates } from '../lab/state/diff.ts'
import type { LabState } from '../lab/state/types.ts'
import type { LabStateDiffOptions, LabStateExportOptions, LabStateOptions } from './commands.ts'

/** How a client reaches the lab's own API. */
interface LabAccess {
  labURL: string
  token: string
}

/** Writes the state to a file only its owner can read: it holds private keys. */
export async function labStateExportCommand({ lab, out }: LabStateExportOptions): Promise<ExitCode> {
  const state = await fetchState(lab)
  const path = resolve(out)
  try {
    await writeFile(path, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new HarnessError('ERR_USAGE', `${path} ${exists ? 'exists already' : 'cannot be written'}`, {
      hint: exists ? 'name another file with --out' : 'name a file in a folder that exists with --out',
      cause,
    })
  }
  process.stdout.write(`${path}\nIt holds private keys: keep it as you keep those.\n`)
  return exitCodes.ok
}

/** Replaces the state of the running lab; a file that is no state changes nothing. */
export async function labStateImportCommand(file: string, { lab }: LabStateOptions): Promise<ExitCode> {
  const state = await readState(file)
  const access = await labAccess(lab)
  await call(access, 'PUT', JSON.stringify(state))
  process.stdout.write('The lab has this state now.\n')
  return exitCodes.ok
}

/** Compares two exports, or one with the running lab. Exit code 1: they differ. */
export async function labStateDiffCommand(
  before: string,
  after: string | undefined,
  { lab, json, all }: LabStateDiffOptions,
): Promise<ExitCode> {
  const [first, second] = await Promise.all([
    readState(before),
    after === undefined ? fetchState(lab) : readState(after),
  ])
  const changes = diffStates(first, second, { ignoreTimestamps: all !== true })
  if (json === true) process.stdout.write(`${JSON.stringify(changes, null, 2)}\n`)
  else {
    for (const change of changes) {
      process.stdout.write(`${change.path}\n  - ${shown(change.before)}\n  + ${shown(change.after)}\n`)
    }
    process.stdout.write(changes.length === 0 ? 'The same.\n' : `${changes.length} differences.\n`)
  }
  return changes.length === 0 ? exitCodes.ok : exitCodes.findings
}

const shown = (value: unknown): string => (value === undefined ? '(absent)' : JSON.stringify(value))

async function readState(file: string): Promise<LabState> {
  const path = resolve(file)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new HarnessError('ERR_USAGE', `${path} cannot be read`, {
      hint: 'harness lab state export writes such a file',
      cause,
    })
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'schemaVersion' in value) return value as LabState
  } catch {
    // Said below.
  }
  throw new HarnessError('ERR_USAGE', `${path} is not an exported state`, {
    hint: 'harness lab state export writes such a file',
  })
}

const fetchState = async (lab: string): Promise<LabState> =>
  (await call(await labAccess(lab), 'GET')) as LabState

async function labAccess(folder: string): Promise<LabAccess> {
  const path = join(resolve(folder), 'lab.json')
  try {
    const { api } = JSON.parse(await readFile(path, 'utf8')) as { api: LabAccess }
    return { labURL: api.labURL, token: api.token }
  } catch (cause) {
    throw new HarnessError('ERR_USAGE', `no lab is running in ${resolve(folder)}: lab.json is not there`, {
      hint: 'start one with: harness lab up --out <dir>, and name that folder with --lab',
      cause,
    })
  }
}

async function call({ labURL, token }: LabAccess, method: 'GET' | 'PUT', body?: string): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(`${labURL}/state`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    })
  } catch (cause) {
    throw new HarnessError('ERR_UNREACHABLE', `the lab does not answer at ${labURL}`, {
      hint: 'it was killed? Remove its folder and start it again',
      cause,
    })
  }
  const answer = (await response.json()) as {
    success: boolean
    result: unknown
    errors: { message: string }[]
  }
  if (!answer.success) {
    const why = answer.errors.map(({ message }) => message).join('; ')
    throw new HarnessError('ERR_USAGE', `the lab refused: ${why}`)
  }
  return answer.result
}
