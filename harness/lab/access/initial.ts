/**
 * Access as it is before an operator has done anything.
 * @module
 */
import type { AccessObjects, AccessState } from '../state/access-types.ts'
import { createKeys } from './keys.ts'

/** Nothing made yet: the Access objects of a zone. */
export const emptyAccessObjects = (): AccessObjects => ({
  applications: {},
  policies: {},
  groups: {},
  identityProviders: {},
  serviceTokens: {},
  certificates: {},
})

/** Organizations made from this day on have strict service token authentication, and cannot switch it off. */
export const strictFrom = Date.UTC(2026, 9, 5)

/** How Access of an account starts. */
export interface InitialAccess {
  /** `<team>.cloudflareaccess.com`; undefined: no organization yet. */
  authDomain: string | undefined
  /** Name of the organization. */
  name: string
  /** Epoch milliseconds. */
  now: number
}

/**
 * Access of an account with signing keys. The organization counts as made before {@link strictFrom}, so that strict
 * service token authentication is off and can be switched both ways. Takes about 0.1 s.
 */
export async function createAccessState({ authDomain, name, now }: InitialAccess): Promise<AccessState> {
  const at = new Date(Math.min(now, strictFrom - 1)).toISOString()
  return {
    ...emptyAccessObjects(),
    organization:
      authDomain === undefined
        ? undefined
        : {
            name,
            authDomain: authDomain.toLowerCase(),
            sessionDuration: '24h',
            strictServiceTokenAuth: false,
            extra: {},
            createdAt: at,
            updatedAt: at,
          },
    keys: await createKeys(now),
    certificateSettings: {},
    certificateSettingsAt: 0,
    users: {},
    revocations: [],
  }
}
