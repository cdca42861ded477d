/**
 * Rotation of the keys that sign tokens (`/accounts/{id}/access/keys`).
 * @module
 */
import { createSigningKey, nextRotationAt, putInForce, rotateWhenDue } from '../../access/keys.ts'
import type { AccessKeys } from '../../state/access-types.ts'
import { type ApiContext, accountIn } from '../context.ts'
import { type Envelope, success } from '../envelope.ts'
import { bodyReader } from './body.ts'
import { faulty } from './faulty.ts'
import type { AccessRoute, Owner } from './scope.ts'

const day = 86_400_000

const read = bodyReader<{ key_rotation_interval_days: number }>({
  required: ['key_rotation_interval_days'],
  fields: { key_rotation_interval_days: { type: 'integer', minimum: 21, maximum: 365 } },
})

/** The routes. */
export function keyRoutes(context: ApiContext): AccessRoute[] {
  const { store } = context
  const view = (keys: AccessKeys): Envelope<Record<string, unknown>> =>
    success({
      key_rotation_interval_days: keys.rotationIntervalDays,
      days_until_next_rotation: Math.ceil((nextRotationAt(keys) - store.now()) / day),
      last_key_rotation_at: keys.lastRotationAt,
    })
  /** What is due happens before it is looked at. */
  const current = async ({ account, access }: Owner): Promise<AccessKeys> => {
    if (await rotateWhenDue(access, store.now())) store.changed()
    return keysOf(account.id)
  }
  /** The state may have been replaced while a key was made. */
  const keysOf = (id: string): AccessKeys => accountIn(context, id).access.keys
  return [
    {
      method: 'GET',
      path: '/keys',
      only: 'accounts',
      handle: async ({ owner }) => view(await current(owner)),
    },
    {
      method: 'PUT',
      path: '/keys',
      only: 'accounts',
      async handle({ owner, body }) {
        const { key_rotation_interval_days: days } = read(body)
        owner.access.keys.rotationIntervalDays = days
        store.changed()
        return view(await current(owner))
      },
    },
    {
      method: 'POST',
      path: '/keys/rotate',
      only: 'accounts',
      async handle({ owner: { account } }) {
        const next = await createSigningKey(store.now())
        const keys = keysOf(account.id)
        putInForce(keys, next, store.now())
        if (faulty(context, 'access-api.rotation-drops-previous-key')) keys.previous = undefined
        store.changed()
        return view(keys)
      },
    },
  ]
}
