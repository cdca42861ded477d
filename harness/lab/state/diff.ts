/**
 * What differs between two states, for people and for the proof that a rollback left nothing behind. Secrets appear as
 * fingerprints.
 * @module
 */
import { createHash } from 'node:crypto'
import type { LabState } from './types.ts'

/** One difference. */
export interface StateChange {
  /** JSON pointer (RFC 6901) into the state. */
  path: string
  /** Absent: it was added. */
  before?: unknown
  /** Absent: it was removed. */
  after?: unknown
}

/** What to look at. */
export interface DiffOptions {
  /** Passes over moments that change with every write: `updatedAt`, `modifiedOn` and their like. Default false. */
  ignoreTimestamps?: boolean
}

/** Fields that hold a secret, or its hash. */
const secretFields: ReadonlySet<string> = new Set(['privateKey', 'hash', 'secretHash', 'client_secret'])

/** Fields that hold the moment of a write. */
const timestamps: ReadonlySet<string> = new Set([
  'createdOn',
  'modifiedOn',
  'createdAt',
  'updatedAt',
  'uploadedOn',
  'issuedOn',
  'lastUpdated',
  'lastSeenAt',
  'lastRotationAt',
  'certificateSettingsAt',
  'deployedAt',
])

/** The differences, in the order of the paths of `before`, then what was added. */
export function diffStates(before: LabState, after: LabState, options: DiffOptions = {}): StateChange[] {
  const changes: StateChange[] = []
  const ignored = options.ignoreTimestamps === true ? timestamps : new Set<string>()
  compare('', '', before, after, ignored, changes)
  return changes
}

function compare(
  path: string,
  name: string,
  before: unknown,
  after: unknown,
  ignored: ReadonlySet<string>,
  changes: StateChange[],
): void {
  if (ignored.has(name) || Object.is(before, after)) return
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    // `undefined` is what JSON leaves out.
    changes.push({
      path,
      ...(before === undefined ? {} : { before: hideSecrets(name, before) }),
      ...(after === undefined ? {} : { after: hideSecrets(name, after) }),
    })
    return
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  for (const key of keys) {
    const step = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    compare(step, key, own(before, key), own(after, key), ignored, changes)
  }
}

/** A copy without secrets. */
function hideSecrets(name: string, value: unknown): unknown {
  if (typeof value === 'string') return isSecret(name, value) ? fingerprint(value) : value
  if (Array.isArray(value)) return value.map((item) => hideSecrets('', item))
  if (!isContainer(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hideSecrets(key, inner)]))
}

const isSecret = (name: string, value: string): boolean =>
  secretFields.has(name) || /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(value)

const fingerprint = (secret: string): string =>
  `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 16)}`

const own = (container: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(container, key) ? container[key] : undefined

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
