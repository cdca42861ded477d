/**
 * What a drill works on: reading, changing and repairing the objects it may touch, and remembering what it knows of them,
 * for when the API does not tell any more.
 * @module
 */

import type { RemainingStep } from '../../reports/drill/types.ts'
import { HarnessError } from '../errors.ts'
import type { Identity } from '../pki/types.ts'
import { createAccessObjects } from './access-objects.ts'
import { type CommandFacts, commandFor } from './commands.ts'
import type { ControlPlane } from './control-plane.ts'
import type { TokenSecrets } from './lanes.ts'
import type { OriginControl, OriginTerms } from './origin-control.ts'
import { createPulls } from './pulls.ts'
import type { Repair, TouchedState } from './repairs.ts'
import type { DrillKind, DrillTerms, Operation, OriginMode, Slot } from './types.ts'
import { until } from './until.ts'

/** What a drill is run on. */
export interface WorldOptions {
  kind: DrillKind
  hostname: string
  controlPlane: ControlPlane
  /** Certificates to upload, with their keys. */
  identities: Partial<Record<Slot, Identity>>
  /** PEM of the CAs that the origin is to trust for them; '' leaves that to the operator. */
  cas: Partial<Record<Slot, string>>
  origin: OriginControl | undefined
  /** How the origin is taken to be where it cannot be asked. */
  originAtStart: OriginTerms
  secrets: TokenSecrets
  /** Name of the objects of Access that the drill makes: nobody else's. */
  accessName: string
  terms: DrillTerms
}

/** See the module. */
export interface World {
  /** Everything the drill can touch, as it is. @throws what the SDK throws. */
  read(): Promise<TouchedState>
  /** The same as far as it is known without asking: what may be there counts as there. */
  assumed(): TouchedState
  /** Carries out a step. @throws what the SDK throws, HarnessError when something takes too long. */
  operate(operation: Operation, before: TouchedState, signal: AbortSignal): Promise<void>
  repair(repair: Repair): Promise<void>
  command(repair: Repair): RemainingStep
}

const demand: readonly OriginMode[] = ['off', 'optional', 'required']

/** Makes a world. */
export function createWorld(options: WorldOptions): World {
  const { kind, hostname, controlPlane, identities, cas, origin, terms, accessName } = options
  const pulls = createPulls(controlPlane, hostname, identities)
  const access = createAccessObjects(controlPlane, { hostname, name: accessName, secrets: options.secrets })
  let originNow = options.originAtStart
  const never = new AbortController().signal

  const setOrigin = async (wanted: OriginTerms): Promise<void> => {
    if (origin === undefined) throw new HarnessError('ERR_USAGE', 'the drill has no way to change the origin')
    // Until it is known to be done: the stricter of the two, so that restoring begins with the origin.
    const stricter =
      demand.indexOf(wanted.mode) > demand.indexOf(originNow.mode) ? wanted.mode : originNow.mode
    originNow = { ...wanted, mode: stricter }
    await origin.set(wanted)
    originNow = wanted
  }
  const leavesState = (slot: Slot, states: readonly string[], signal: AbortSignal): Promise<void> =>
    until(async () => !states.includes(await pulls.status(slot)), {
      every: terms.poll,
      atMost: terms.grace,
      signal,
    })
  const facts = (): CommandFacts => ({
    baseURL: controlPlane.baseURL,
    zone: controlPlane.zone.zone_id,
    account: controlPlane.account.account_id,
    hostname,
    origin,
    certificates: Object.fromEntries(Object.entries(identities).map(([slot, { cert }]) => [slot, cert])),
    accessName,
  })

  return {
    async read() {
      if (kind === 'service-token') return { access: await access.read() }
      originNow = (await origin?.read()) ?? originNow
      return { ...(await pulls.read()), origin: originNow }
    },
    assumed: () =>
      kind === 'service-token' ? { access: access.assumed() } : { ...pulls.assumed(), origin: originNow },
    async operate(operation, before, signal) {
      switch (operation.kind) {
        case 'upload':
          return pulls.upload(operation.certificate)
        case 'await-active':
          return leavesState(operation.certificate, ['initializing', 'pending_deployment'], signal)
        case 'associate':
          return pulls.associate(operation.certificate, operation.enabled)
        case 'delete':
          return pulls.remove(operation.certificate)
        case 'await-deleted':
          return leavesState(operation.certificate, ['pending_deletion'], signal)
        case 'origin': {
          const trust = operation.trust.map((slot) => cas[slot] ?? '').join('')
          return setOrigin({ mode: operation.mode, trust })
        }
        case 'origin-as-before':
          return setOrigin(before.origin ?? options.originAtStart)
        case 'observe':
          return
        case 'create-token':
          return access.create()
        case 'protect':
          return access.protect()
        case 'rotate':
          return access.rotate(operation.overlap ? terms.overlap : undefined)
        case 'await-overlap':
          return access.overlapEnds(signal)
        case 'unprotect':
          return access.remove(['application'])
        case 'delete-token':
          return access.remove(['policy', 'token'])
      }
    },
    async repair(repair) {
      switch (repair.kind) {
        case 'origin':
          return setOrigin(repair.terms)
        case 'upload':
          return pulls.upload(slotOf(repair.slot))
        case 'associate':
          return pulls.associateId(repair.certId, repair.enabled)
        case 'wait':
          return leavesState(slotOf(repair.slot), [repair.status], never)
        case 'wait-association':
          return until(async () => (await pulls.read()).association?.status !== repair.status, {
            every: terms.poll,
            atMost: terms.grace,
            signal: never,
          })
        case 'delete':
          return pulls.removeId(repair.id)
        case 'delete-access':
          return access.removeId(repair.what, repair.id)
      }
    },
    command: (repair) => commandFor(repair, facts()),
  }
}

const slotOf = (name: string): Slot => (name === 'second' ? 'second' : 'first')
