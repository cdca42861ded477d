/**
 * The objects of Access that a drill of a service token makes: token, policy, application, all of one name of its own.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { HarnessError } from '../errors.ts'
import { type ControlPlane, isRefusal } from './control-plane.ts'
import type { TokenSecrets } from './lanes.ts'
import type { TouchedState } from './repairs.ts'
import { pause } from './until.ts'

/** Kinds of objects, in the order in which they can be deleted. */
export type AccessObject = 'application' | 'policy' | 'token'

type Ids = NonNullable<TouchedState['access']>

/** See the module. */
export interface AccessObjects {
  read(): Promise<Ids>
  /** From memory; what was begun counts as made, with the id '' where the answer was lost. */
  assumed(): Ids
  /** Token and policy. */
  create(): Promise<void>
  protect(): Promise<void>
  /** @param overlap milliseconds for which the old secret stays good; undefined: not at all. */
  rotate(overlap: number | undefined): Promise<void>
  overlapEnds(signal: AbortSignal): Promise<void>
  remove(what: readonly AccessObject[]): Promise<void>
  removeId(what: AccessObject, id: string): Promise<void>
}

/** A secret that nobody has. */
export const noSecret = (): string => randomBytes(32).toString('hex')

/** Works on one hostname. */
export function createAccessObjects(
  { sdk, account }: ControlPlane,
  { hostname, name, secrets }: { hostname: string; name: string; secrets: TokenSecrets },
): AccessObjects {
  const { serviceTokens, policies, applications } = sdk.zeroTrust.access
  const ids: Record<AccessObject, string | null> = { application: null, policy: null, token: null }
  let ends = 0

  const made = async <Made extends { id?: string | undefined }>(
    what: AccessObject,
    call: () => Promise<Made>,
  ): Promise<Made> => {
    ids[what] = ''
    try {
      const result = await call()
      ids[what] = result.id ?? ''
      return result
    } catch (error) {
      if (isRefusal(error)) ids[what] = null
      throw error
    }
  }
  const removeId = async (what: AccessObject, id: string): Promise<void> => {
    if (what === 'application') await applications.delete(id, account)
    else if (what === 'policy') await policies.delete(id, account)
    else await serviceTokens.delete(id, account)
    ids[what] = null
  }
  const known = (what: AccessObject): string => {
    const id = ids[what]
    if (id === null || id === '') throw new HarnessError('ERR_USAGE', `the drill has no ${what} yet`)
    return id
  }

  return {
    async read() {
      const found: Record<AccessObject, string | null> = { application: null, policy: null, token: null }
      for await (const one of applications.list(account))
        if (one.name === name) found.application = one.id ?? null
      for await (const one of policies.list(account)) if (one.name === name) found.policy = one.id ?? null
      for await (const one of serviceTokens.list(account)) if (one.name === name) found.token = one.id ?? null
      return Object.assign(ids, found)
    },
    assumed: () => ({ ...ids }),
    async create() {
      const token = await made('token', () => serviceTokens.create({ ...account, name, duration: '24h' }))
      secrets.clientId = token.client_id ?? ''
      secrets.old = token.client_secret ?? ''
      secrets.new = noSecret()
      const include = [{ service_token: { token_id: known('token') } }]
      await made('policy', () => policies.create({ ...account, name, decision: 'non_identity', include }))
    },
    async protect() {
      const attached = [{ id: known('policy'), precedence: 1 }]
      await made('application', async () => {
        const body = { ...account, name, domain: hostname, type: 'self_hosted' as const, policies: attached }
        return (await applications.create(body)) as { id?: string }
      })
    },
    async rotate(overlap) {
      ends = Date.now() + (overlap ?? 0)
      const until =
        overlap === undefined ? {} : { previous_client_secret_expires_at: new Date(ends).toISOString() }
      const rotated = await serviceTokens.rotate(known('token'), { ...account, ...until })
      secrets.new = rotated.client_secret ?? ''
    },
    overlapEnds: (signal) => pause(Math.max(0, ends - Date.now()) + 50, signal),
    async remove(what) {
      for (const one of what) await removeId(one, known(one))
    },
    removeId,
  }
}
