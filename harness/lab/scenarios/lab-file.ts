/**
 * `lab.json` as a client reads it: all that a scenario knows of the lab it works on.
 * @module
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { HarnessError } from '../../errors.ts'

/** What scenarios need of `lab.json` (DESIGN 4.5). Holds credentials: never print it. */
export interface LabFile {
  edge: { host: string; port: number; ca: string }
  hostnames: Readonly<Record<string, { canary: string; origin: string }>>
  api: {
    baseURL: string
    labURL: string
    token: string
    accountId: string
    zones: Readonly<Record<string, string>>
  }
  access: {
    teamDomain: string
    idp: {
      authUrl: string
      tokenUrl: string
      certsUrl: string
      clientId: string
      clientSecret: string
      users: readonly { username: string; password: string; email?: string }[]
    }
  }
  origins: Readonly<Record<string, { host: string; port: number; tlsPort: number }>>
}

/**
 * Reads it.
 * @throws HarnessError ERR_USAGE when there is none, or it is of a lab without control plane or identity provider.
 */
export async function readLabFile(path: string): Promise<LabFile> {
  const wrong = (why: string, cause?: unknown): HarnessError =>
    new HarnessError('ERR_USAGE', `${resolve(path)} ${why}`, {
      hint: 'start a lab with: harness lab up --out <dir>, and name that folder with --lab',
      cause,
    })
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw wrong('is not there: no lab is running in this folder', cause)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw wrong('is not JSON', cause)
  }
  if (!isLabFile(value)) throw wrong('describes no lab with control plane and identity provider')
  return value
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Written by the lab, so that only what a lab may leave out is looked for. */
const isLabFile = (value: unknown): value is LabFile =>
  isObject(value) &&
  ['edge', 'hostnames', 'api', 'access', 'origins'].every((name) => isObject(value[name])) &&
  isObject(value.access) &&
  isObject(value.access.idp)
