/**
 * The state before a drill, as it is written to disk before the first change: the way back from a drill that was killed.
 * @module
 */
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { HarnessError } from '../errors.ts'
import { version } from '../version.ts'
import type { TouchedState } from './repairs.ts'
import type { DrillOptions } from './run.ts'

/** Name of the file that the suite `rollback` writes beside the deployment file. */
export const exportName = 'harness-rollback-export.json'

/** What is written. No private key and no token is in it. */
export interface DrillExport {
  schemaVersion: '1.0'
  tool: { name: string; version: string }
  /** Name of the drill. */
  order: string
  kind: 'pulls' | 'service-token'
  hostname: string
  zone: string
  /** It took place in an embedded lab, which is gone with its process. */
  lab: boolean
  /** ISO time. */
  at: string
  /** SHA-256 of the drill's certificates by slot, lower-case hex: how they are found again. */
  certificates: Record<string, string>
  state: TouchedState
}

const text = { type: 'string' } as const
const nullable = (properties: object, required: readonly string[]): object => ({
  type: ['object', 'null'],
  properties,
  required,
})

const schema = {
  type: 'object',
  required: ['schemaVersion', 'order', 'kind', 'hostname', 'zone', 'lab', 'certificates', 'state'],
  properties: {
    schemaVersion: { const: '1.0' },
    order: text,
    kind: { enum: ['pulls', 'service-token'] },
    hostname: text,
    zone: text,
    lab: { type: 'boolean' },
    certificates: {
      type: 'object',
      additionalProperties: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    },
    state: {
      type: 'object',
      properties: {
        association: nullable({ certId: text, enabled: { type: 'boolean' }, status: text }, [
          'certId',
          'enabled',
        ]),
        certificates: {
          type: 'object',
          additionalProperties: nullable({ id: text, status: text }, ['id', 'status']),
        },
        origin: {
          type: 'object',
          required: ['mode', 'trust'],
          properties: { mode: { enum: ['off', 'optional', 'required'] }, trust: text },
        },
      },
    },
  },
} as const

/** The export of a drill that is about to begin. */
export const exportOf = (
  { order, hostname, controlPlane, lab, identities }: DrillOptions,
  state: TouchedState,
): DrillExport => ({
  schemaVersion: '1.0',
  tool: { name: 'mtls-access-harness', version },
  order: order.name,
  kind: order.kind,
  hostname,
  zone: controlPlane.zone.zone_id,
  lab,
  at: new Date().toISOString(),
  certificates: Object.fromEntries(
    Object.entries(identities).map(([slot, { fingerprint256 }]) => [slot, fingerprint256]),
  ),
  state,
})

/**
 * Writes it, mode 0600. Never over an older one, unless that is of a lab: it may be the only way back.
 * @throws HarnessError ERR_USAGE.
 */
export async function writeExport(path: string, exported: DrillExport): Promise<void> {
  if (exported.lab) await rm(path, { force: true })
  try {
    await writeFile(path, `${JSON.stringify(exported, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await chmod(path, 0o600)
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new HarnessError('ERR_USAGE', `${path} ${exists ? 'is there already' : 'cannot be written'}`, {
      hint: exists
        ? 'where that drill was killed, harness drill restore goes back to it; else move it away'
        : 'name another folder with --out',
      cause,
    })
  }
}

/** Reads one. @throws HarnessError ERR_USAGE when it cannot be read, or is something else. */
export async function readExport(path: string): Promise<DrillExport> {
  const refuse = (message: string, cause?: unknown): HarnessError =>
    new HarnessError('ERR_USAGE', `${path} ${message}`, {
      hint: 'name the file that the drill has printed as its “state before”',
      ...(cause === undefined ? {} : { cause }),
    })
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refuse('cannot be read', cause)
  })
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (cause) {
    throw refuse('is not JSON', cause)
  }
  const ajv = new Ajv2020({ strict: false })
  const validate = ajv.compile<DrillExport>(schema)
  if (validate(value)) return value
  const [problem] = validate.errors ?? []
  throw refuse(`is not the export of a drill: ${problem?.instancePath ?? ''} ${problem?.message ?? ''}`)
}
