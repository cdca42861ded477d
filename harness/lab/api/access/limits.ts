/**
 * Limits of an account (developers.cloudflare.com cloudflare-one/account-limits). Objects of its zones count with them.
 * @module
 */
import type { AccessObjects } from '../../state/access-types.ts'
import type { ApiContext } from '../context.ts'
import { invalid } from './errors.ts'
import { type Owner, objectsOfAccount } from './scope.ts'

/** How many of each an account may have. */
export const accountLimits = {
  applications: 500,
  /** Reusable ones. */
  policies: 500,
  groups: 300,
  identityProviders: 50,
  serviceTokens: 50,
  certificates: 50,
} as const satisfies Record<keyof AccessObjects, number>

/** Domains of one application. */
export const domainsPerApplication = 5

/** Selectors of all policies of one application, and of one policy or group. */
export const rulesPerApplication = 1000

/** Characters of a name. */
export const nameLength = 350

/** Characters of an application's URL, and of the team's part of the team domain. */
export const urlLength = 63

const words: Record<keyof AccessObjects, string> = {
  applications: 'applications',
  policies: 'policies',
  groups: 'groups',
  identityProviders: 'identity providers',
  serviceTokens: 'service tokens',
  certificates: 'certificates',
}

/** @throws ApiError 400 / 12130 when the account can have no further one. */
export function checkRoom(context: ApiContext, owner: Owner, kind: keyof AccessObjects): void {
  const count = objectsOfAccount(context, owner.account)
    .flatMap((objects) => Object.values(objects[kind]))
    // A policy that is one application's own counts with the application.
    .filter((item) => !('applicationId' in item) || item.applicationId === undefined).length
  if (count >= accountLimits[kind]) throw invalid(`maximum number of ${words[kind]} has been reached`)
}
