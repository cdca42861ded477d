/**
 * Who answers for a hostname: its applications, most specific first, its team, and the client CAs of Access on it. Worked out
 * once per revision of the state.
 * @module
 */
import { fingerprint } from '../../pki/certificate.ts'
import { certificatesIn } from '../../pki/pem.ts'
import type { Faults } from '../faults.ts'
import type { AccessApplication, AccessObjects } from '../state/access-types.ts'
import type { Store } from '../state/store.ts'
import type { AccountState } from '../state/types.ts'
import { normalisePath, pathOf } from './paths.ts'
import { bySpecificity, coversHost, coversPath, type Pattern, parsePattern } from './patterns.ts'

/** Where cloudflared fetches what a browser has logged in to; not a team's. */
export const transferHostname = 'login.cloudflareaccess.org'

/** An application on a hostname. */
export interface Coverage {
  account: AccountState
  /** The team domain: `<team>.cloudflareaccess.com`; undefined while the account has no organization. */
  authDomain: string | undefined
  application: AccessApplication
  /** The pattern that covers. */
  pattern: Pattern
  /** Where its policies, groups, providers and tokens are: the zone's and the account's. */
  objects: readonly AccessObjects[]
}

/** Looks up by hostname. */
export interface Directory {
  /** Access has something to do with this hostname. */
  concerns(hostname: string): boolean
  /** The application that covers a request. */
  covering(hostname: string, target: string): Coverage | undefined
  /** All applications on a hostname, most specific first. */
  on(hostname: string): readonly Coverage[]
  /** The account whose team domain this is. */
  team(hostname: string): AccountState | undefined
  /** SHA-256 (lower-case hex) of the client CAs of Access that are associated with a hostname. */
  anchors(hostname: string): ReadonlySet<string>
}

/** What is known of one hostname. */
interface Entry {
  coverages: readonly Coverage[]
  anchors: ReadonlySet<string>
}

const mostHostnames = 1000

/** A directory of a store. */
export function createDirectory(store: Store, faults: Faults): Directory {
  let revision = -1
  let entries = new Map<string, Entry>()
  let teams = new Map<string, AccountState>()
  const refresh = (): void => {
    if (revision === store.revision && entries.size < mostHostnames) return
    revision = store.revision
    entries = new Map()
    teams = new Map(
      Object.values(store.state.accounts).flatMap((account) => {
        const domain = account.access.organization?.authDomain.toLowerCase()
        return domain === undefined ? [] : [[domain, account] as const]
      }),
    )
  }
  const entry = (hostname: string): Entry => {
    refresh()
    const known = entries.get(hostname)
    if (known !== undefined) return known
    const made = entryOf(store, hostname, faults)
    entries.set(hostname, made)
    return made
  }
  const on = (hostname: string): readonly Coverage[] => entry(hostname).coverages
  return {
    on,
    team(hostname) {
      refresh()
      return teams.get(hostname)
    },
    concerns(hostname) {
      refresh()
      return teams.has(hostname) || hostname === transferHostname || on(hostname).length > 0
    },
    covering(hostname, target) {
      const path = comparedPath(target, faults)
      if (faults.has('access.acme-open') && path.startsWith('/.well-known/acme-challenge/')) return undefined
      return on(hostname).find(({ pattern }) => coversPath(pattern, path))
    },
    anchors: (hostname) => entry(hostname).anchors,
  }
}

function comparedPath(target: string, faults: Faults): string {
  const path = pathOf(target)
  const compared = faults.has('access.path-not-normalised') ? path : normalisePath(path)
  return faults.has('access.query-in-path') ? `${compared}${target.slice(path.length)}` : compared
}

function entryOf(store: Store, hostname: string, faults: Faults): Entry {
  const state = Object.hasOwn(store.state.hostnames, hostname) ? store.hostname(hostname) : undefined
  if (state === undefined) return { coverages: [], anchors: new Set() }
  const zone = store.zoneOf(state)
  const account = store.accountOf(zone)
  const objects: readonly AccessObjects[] = [zone.access, account.access]
  const authDomain = account.access.organization?.authDomain.toLowerCase()
  const coverages = objects
    .flatMap(({ applications }) => Object.values(applications))
    .flatMap((application) =>
      application.domains.map((text) => ({ application, pattern: parsePattern(text) })),
    )
    .filter(({ pattern }) => coversHost(pattern, hostname))
    .map((found): Coverage => ({ ...found, account, authDomain, objects }))
    .toSorted((a, b) => bySpecificity(a.pattern, b.pattern))
  const sorted = faults.has('access.less-specific-wins') ? coverages.toReversed() : coverages
  return { coverages: sorted, anchors: anchorsOn(hostname, objects, faults) }
}

function anchorsOn(hostname: string, objects: readonly AccessObjects[], faults: Faults): ReadonlySet<string> {
  const certificates = objects
    .flatMap((some) => Object.values(some.certificates))
    .filter(
      ({ associatedHostnames }) =>
        faults.has('access.certificate-of-any-hostname') ||
        associatedHostnames.some((name) => name.toLowerCase() === hostname),
    )
  return new Set(
    certificates.flatMap(({ certificate }) => certificatesIn(certificate).map((der) => fingerprint(der))),
  )
}

/** The objects of one kind, by id; the zone's own before the account's. */
export function lookUp<Kind extends keyof AccessObjects>(
  objects: readonly AccessObjects[],
  kind: Kind,
  id: string,
): AccessObjects[Kind][string] | undefined {
  for (const some of objects) {
    const table = some[kind] as Record<string, AccessObjects[Kind][string]>
    if (Object.hasOwn(table, id)) return table[id]
  }
  return undefined
}

/** All objects of one kind. */
export const allOf = <Kind extends keyof AccessObjects>(
  objects: readonly AccessObjects[],
  kind: Kind,
): AccessObjects[Kind][string][] =>
  objects.flatMap((some) => Object.values(some[kind]) as AccessObjects[Kind][string][])
