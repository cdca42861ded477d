/**
 * The identities that a load is made of, and the server's own count of their certificates.
 * @module
 */
import type { ReadyProfile } from '../../../load/flood/preflight.ts'
import type { Observer, Sent } from '../../../load/k6/proof/observer.ts'
import { profileMaker } from '../../../load/profiles/make.ts'
import type { ProfileId } from '../../../load/profiles/table.ts'
import { HarnessError } from '../../errors.ts'
import type { Identity } from '../../pki/types.ts'
import type { LoadTarget } from './target.ts'

/**
 * Makes the valid identity and those of profiles.
 * @param left gets the profiles that cannot be made of what is known of a target.
 * @throws HarnessError ERR_USAGE when none can.
 */
export async function identitiesOf(
  { source, name }: LoadTarget,
  wanted: readonly ProfileId[],
  left: { name: string; reason: string }[],
): Promise<{ valid: Identity; profiles: ReadyProfile[] }> {
  const maker = profileMaker(source)
  const valid = await maker.make('valid')
  if (valid === undefined) throw new HarnessError('ERR_INTERNAL', 'the valid identity was not made')
  const profiles: ReadyProfile[] = []
  for (const id of new Set(wanted)) {
    const needs = maker.missing(id)
    if (needs === undefined) profiles.push({ id, identity: await maker.make(id) })
    else left.push({ name: `${name}, ${id}`, reason: `it cannot be made without ${needs}` })
  }
  if (profiles.length === 0)
    throw new HarnessError('ERR_USAGE', `no profile of the flood can be made: ${left.at(-1)?.reason ?? ''}`)
  return { valid, profiles }
}

/** The server's own count, where something can say it. */
export function observerFor(
  { observe }: LoadTarget,
  valid: Identity,
  profiles: readonly ReadyProfile[],
): { observer?: Observer } {
  const sent: Sent = new Map([
    ['valid', valid],
    ...profiles.flatMap(({ id, identity }) => (identity === undefined ? [] : [[id, identity] as const])),
  ])
  return observe === undefined ? {} : { observer: observe(sent) }
}
