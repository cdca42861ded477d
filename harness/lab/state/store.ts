/**
 * Holds the state. Writers change it in place, synchronously after their last `await`, and call {@link Store.changed};
 * readers keep what they derive from it until the revision moves.
 * @module
 */
import type { AccountState, HostnameState, LabState, ZoneState } from './types.ts'

/** The state of one lab. */
export interface Store {
  readonly state: LabState
  /** Epoch milliseconds of the lab's clock. */
  now(): number
  /** The lab's clock as the API writes it. */
  timestamp(): string
  /** Moves the lab's clock forward. */
  advance(milliseconds: number): void
  /** Goes up with every change. */
  readonly revision: number
  /** To be called after every change. */
  changed(): void
  /** Replaces everything: an import. */
  replace(state: LabState): void
  hostname(name: string): HostnameState | undefined
  zoneOf(hostname: HostnameState): ZoneState
  accountOf(zone: ZoneState): AccountState
}

/** A store that holds `state`. `clock` is for tests. */
export function createStore(initial: LabState, clock: () => number = Date.now): Store {
  let state = initial
  let revision = 1
  let offset = 0
  const now = (): number => clock() + offset
  const known = <Value>(value: Value | undefined, what: string): Value => {
    if (value === undefined) throw new Error(`lab state: ${what} is missing`)
    return value
  }
  return {
    get state() {
      return state
    },
    get revision() {
      return revision
    },
    now,
    timestamp: () => new Date(now()).toISOString(),
    advance(milliseconds) {
      offset += milliseconds
      revision += 1
    },
    changed() {
      revision += 1
    },
    replace(next) {
      state = next
      revision += 1
    },
    hostname: (name) => state.hostnames[name.toLowerCase()],
    zoneOf: ({ zoneId }) => known(state.zones[zoneId], `zone ${zoneId}`),
    accountOf: ({ accountId }) => known(state.accounts[accountId], `account ${accountId}`),
  }
}
