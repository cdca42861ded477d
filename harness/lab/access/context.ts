/**
 * What the parts of Access work with, and what Access remembers between requests. Nothing of it is part of the state: after a
 * restart everybody logs in again.
 * @module
 */
import { randomBytes } from 'node:crypto'
import type { Faults } from '../faults.ts'
import type { Store } from '../state/store.ts'
import { countryOf } from './countries.ts'
import { createDirectory, type Directory } from './directory.ts'
import { createExpiring, type Expiring } from './expiring.ts'
import { type IdpFetch, loopbackFetch } from './idp-fetch.ts'
import type { LoginParts } from './policies.ts'
import type { Facts, Identity } from './selectors.ts'
import { createTransfers, type Transfers } from './transfers.ts'

/** Somebody who logged in: what is behind `identity_nonce`. */
export interface Session {
  kind: 'app' | 'org'
  userId: string
  identity: Identity
  /** Epoch milliseconds, finer than `iat`. */
  issuedAt: number
  expiresAt: number
  remoteAddress: string
  country: string
  /** Of an application: what was decided at login, the policy that admitted, and the global session it came from. */
  app: { aud: string; parts: LoginParts; policyId: string; orgNonce: string } | undefined
}

/** Where a login leads back to. */
export interface Destination {
  aud: string
  /** Hostname of the application. */
  hostname: string
  /** Path and query. */
  redirectUrl: string
  /** SHA-256 of the application session cookie, hex. */
  appSessionHash: string
  /** The certificate shown at the application's hostname: at the team domain none is asked for. */
  certificate: Facts['certificate']
}

/** A login that waits for its identity provider. */
export interface PendingLogin extends Destination {
  accountId: string
  identityProviderId: string
  /** SHA-256 of the session cookie of the team domain, hex. */
  sessionHash: string
  nonce: string
  codeVerifier: string | undefined
}

/** A login that is done; its token is fetched once, at the application's hostname. */
export interface Admission extends Destination {
  state: string
  orgNonce: string
  policyId: string
  parts: LoginParts
}

/** What every part may use. */
export interface AccessContext {
  store: Store
  faults: Faults
  directory: Directory
  /** By identity nonce. */
  sessions: Expiring<Session>
  /** By OAuth state. */
  logins: Expiring<PendingLogin>
  /** By the nonce of `authorized`. */
  admissions: Expiring<Admission>
  /** Tokens of services and certificates, for some seconds: signing takes longer than everything else. */
  serviceTokens: Expiring<{ token: string; expiresAt: number }>
  transfers: Transfers
  /** Binding cookies are made with it. */
  bindingKey: Buffer
  idpFetch: IdpFetch
  countryOf(address: string): string
}

/** How Access of a lab is made. */
export interface AccessGateOptions {
  store: Store
  faults: Faults
  /** Calls identity providers; default: loopback addresses only, bounded in size and time. */
  idpFetch?: IdpFetch
  /** Country of an address. */
  countryOf?(address: string): string
  /** How long a transfer is waited for, milliseconds; cloudflared gives up on an answer after 60 s. */
  transferWait?: number
}

const mostSessions = 20_000
const mostLogins = 2000

/** A fresh memory. */
export function createContext({
  store,
  faults,
  idpFetch = loopbackFetch,
  countryOf: country = countryOf,
  transferWait = 30_000,
}: AccessGateOptions): AccessContext {
  const now = (): number => store.now()
  return {
    store,
    faults,
    directory: createDirectory(store, faults),
    sessions: createExpiring(mostSessions, now),
    logins: createExpiring(mostLogins, now),
    admissions: createExpiring(mostLogins, now),
    serviceTokens: createExpiring(mostLogins, now),
    transfers: createTransfers({ now, wait: transferWait }),
    bindingKey: randomBytes(32),
    idpFetch,
    countryOf: country,
  }
}
