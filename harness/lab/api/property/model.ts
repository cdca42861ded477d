/**
 * The control plane as its documents describe it, as plain data: what the generated sequences compare it with.
 * @module
 */
import type { Delays } from '../../state/types.ts'
import { ids } from '../testing/start.ts'
import type { View } from './operation.ts'
import type { Pool } from './pool.ts'

/** Everything the operations can change. */
export interface Model {
  /** Epoch milliseconds of the lab's clock. */
  now: number
  pool: Pool
  /** Milliseconds. */
  delays: Delays
  /** Every id given so far. */
  seen: Set<string>
  settings: Record<'ssl' | 'tls_client_auth', { value: string; modified_on: string | null }>
  /** Client certificates of the managed CA. */
  issued: Map<string, IssuedModel>
  /** Uploaded client CAs, as the API shows them. */
  uploads: Map<string, View>
  /** By uploaded CA; '' is the managed one. */
  hostnames: Map<string, string[]>
  pulls: Pulls
  rulesets: Map<string, RulesetModel>
  /** Ids of managed transforms that are on. */
  managed: Set<string>
  access: AccessModel
}

/** A client certificate. */
export interface IssuedModel {
  /** As shown, but for its status. */
  view: View
  revoked: boolean
  /** When it was revoked or restored; undefined: never. */
  since: number | undefined
}

/** Origin pulls. */
export interface Pulls {
  enabled: boolean
  zone: Map<string, PullModel>
  hostname: Map<string, PullModel>
  associations: Map<string, AssociationModel>
}

/** An uploaded certificate; kept after its deletion. */
export interface PullModel {
  id: string
  /** Which of the pool. */
  leaf: number
  /** As uploaded. */
  pem: string
  uploadedAt: number
  updatedAt: number
  activeAt: number
  /** When it has gone; undefined: nobody deletes it. */
  goneAt: number | undefined
}

/** A hostname and its certificate. */
export interface AssociationModel {
  certificate: string
  enabled: boolean
  createdAt: number
  updatedAt: number
  activeAt: number
  /** The certificate that is presented until then. */
  until: string | undefined
}

/** An entry point; rules as the API shows them. */
export interface RulesetModel {
  id: string
  description: string
  version: number
  updatedAt: number
  rules: View[]
}

/** Access of the account; objects as the API shows them where nothing else is said. */
export interface AccessModel {
  organization: View
  groups: Map<string, View>
  /** Reusable ones, without `app_count`. */
  policies: Map<string, View>
  providers: Map<string, View>
  apps: Map<string, AppModel>
  tokens: Map<string, TokenModel>
  certificates: Map<string, View>
  certificateSettings: Map<string, View>
  settingsWrittenAt: number
  keys: { interval: number; rotatedAt: number; rotated: boolean }
  /** By aud: moments of `revoke_tokens`. */
  revoked: Map<string, number>
}

/** An application. */
export interface AppModel {
  /** Without policies. */
  view: View
  domains: string[]
  /** In order of precedence. */
  links: { id: string; precedence: number }[]
  /** Its own policies. */
  own: Map<string, View>
}

/** A service token. */
export interface TokenModel {
  /** Without `expires_at` and secret. */
  view: View
  expiresAt: number | undefined
  secret: string
  version: number
  previous: { secret: string; until: string } | undefined
}

/** The model of the state the tests start with. */
export function initialModel(pool: Pool, now: number, delays: Model['delays']): Model {
  const at = '2026-01-01T00:00:00.000Z'
  return {
    now,
    pool,
    delays,
    seen: new Set(),
    settings: {
      ssl: { value: 'full', modified_on: null },
      tls_client_auth: { value: 'off', modified_on: null },
    },
    issued: new Map(),
    uploads: new Map(),
    hostnames: new Map(),
    pulls: { enabled: false, zone: new Map(), hostname: new Map(), associations: new Map() },
    rulesets: new Map(),
    managed: new Set(),
    access: {
      organization: {
        name: 'First',
        auth_domain: 'first.cloudflareaccess.com',
        session_duration: '24h',
        strict_service_token_auth: false,
        created_at: at,
        updated_at: at,
      },
      groups: new Map(),
      policies: new Map(),
      providers: new Map(),
      apps: new Map(),
      tokens: new Map(),
      certificates: new Map(),
      certificateSettings: new Map(),
      settingsWrittenAt: 0,
      keys: { interval: 42, rotatedAt: Date.parse(at), rotated: false },
      revoked: new Map(),
    },
  }
}

/** Names in the zone of the tests, and outside of it. */
export const hostnames = {
  own: [`a.${ids.zoneName}`, `b.${ids.zoneName}`, ids.zoneName],
  foreign: ['a.elsewhere.test', `evil${ids.zoneName}`],
} as const
