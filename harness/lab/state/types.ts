/**
 * The state of the mock deployment: what an operator has set through the API, as plain JSON. The control plane writes it,
 * the data plane reads it, `harness lab state` exports, imports and compares it.
 * Holds private keys and hashes of secrets: an export is a secret file.
 * Times are ISO 8601 strings where the API shows them, epoch milliseconds inside {@link Lifecycle}.
 * @module
 */
import type { AccessObjects, AccessState } from './access-types.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { OriginPulls } from './origin-pulls.ts'

/** Everything. */
export interface LabState {
  schemaVersion: 1
  accounts: Record<string, AccountState>
  zones: Record<string, ZoneState>
  /** By hostname, lower case: what DNS would say. */
  hostnames: Record<string, HostnameState>
  /** By id. */
  credentials: Record<string, ApiCredential>
  /** How long things take, in milliseconds. */
  delays: Delays
}

/** Milliseconds until a change takes effect. */
export interface Delays {
  /** Origin-pull certificates and associations: `pending_deployment` to `active`. */
  deployment: number
  /** Origin-pull certificates: `pending_deletion` to `deleted`. */
  deletion: number
  /** Client certificates: `pending_revocation` to `revoked`, `pending_reactivation` to `active`. */
  revocation: number
  /** Access: until a logout or `revoke_tokens` is known everywhere. */
  sessionRevocation: number
  /** Access: how long a second write of the certificate settings conflicts with the first. */
  certificateSettings: number
}

/** A credential of the API. The secret itself is never in the state. */
export interface ApiCredential {
  /** 32 hex digits. */
  id: string
  name: string
  kind: 'token' | 'key'
  /** For `key`: X-Auth-Email. */
  email?: string
  /** SHA-256 of the token or key, hex. */
  hash: string
  /** `read` may only look. */
  access: 'edit' | 'read'
  status: 'active' | 'disabled' | 'expired'
  /** Accounts it may see; undefined: all. */
  accounts?: string[]
}

/** An account. */
export interface AccountState {
  id: string
  name: string
  createdOn: string
  /** Uploaded client CAs, by id. */
  mtlsCertificates: Record<string, MtlsCertificate>
  access: AccessState
}

/** An uploaded client CA (`/accounts/{a}/mtls_certificates`). */
export interface MtlsCertificate {
  id: string
  name: string
  ca: boolean
  /** PEM. */
  certificates: string
  /** PEM; present when a leaf was uploaded. Never shown. */
  privateKey?: string
  issuer: string
  signature: string
  serialNumber: string
  expiresOn: string
  uploadedOn: string
  type: 'custom'
}

/** SSL modes of a zone: how the edge talks to the origin. */
export type SslMode = 'off' | 'flexible' | 'full' | 'strict'

/** A zone. */
export interface ZoneState {
  id: string
  name: string
  accountId: string
  createdOn: string
  modifiedOn: string
  settings: {
    ssl: Setting<SslMode>
    /** The global switch of Authenticated Origin Pulls. */
    tls_client_auth: Setting<'on' | 'off'>
  }
  /** Issued by the managed CA, by id. Never deleted. */
  clientCertificates: Record<string, ClientCertificate>
  /** Hostnames on which a client certificate is asked for, by CA: `managed`, or the id of an uploaded one. */
  hostnameAssociations: Record<string, string[]>
  rulesets: Partial<Record<RulesetPhase, Ruleset>>
  /** Ids of managed request-header transforms that are on. */
  managedRequestHeaders: string[]
  originPulls: OriginPulls
  /** By id. Listed only: no script runs. Absent in exports of earlier labs. */
  workerRoutes?: Record<string, WorkerRoute>
  /** Access objects made at zone level. */
  access: AccessObjects
}

/** Requests that a Worker handles. */
export interface WorkerRoute {
  id: string
  /** `host/path`, with wildcards. */
  pattern: string
  /** Name of the Worker; null: none handles these requests. */
  script: string | null
  /** Over the plan's daily limit requests go past the Worker. */
  failOpen: boolean
}

/** A zone setting. */
export interface Setting<Value extends string> {
  value: Value
  modifiedOn: string | null
}

/** A client certificate of the managed CA. */
export interface ClientCertificate {
  id: string
  /** PEM. */
  certificate: string
  /** PEM with CRLF line ends, as the API echoes it. */
  csr: string
  validityDays: number
  issuedOn: string
  lifecycle: Lifecycle<ClientCertificateStatus>
}

/** States of a client certificate. */
export type ClientCertificateStatus = 'active' | 'pending_reactivation' | 'pending_revocation' | 'revoked'

/** Phases whose entry points the lab has. */
export type RulesetPhase = 'http_request_firewall_custom' | 'http_request_late_transform'

/** The entry point of a phase. */
export interface Ruleset {
  id: string
  name: string
  description: string
  version: number
  lastUpdated: string
  rules: Rule[]
}

/** A rule; `actionParameters` as the API takes them, checked. */
export interface Rule {
  id: string
  version: number
  ref: string
  description: string
  expression: string
  enabled: boolean
  lastUpdated: string
  action: 'block' | 'rewrite'
  actionParameters?: BlockParameters | RewriteParameters
}

/** The custom answer of a block rule. */
export interface BlockParameters {
  response: { status_code: number; content_type: string; content: string }
}

/** Request headers set or removed by a transform rule. */
export interface RewriteParameters {
  headers: Record<string, { operation: 'set' | 'add' | 'remove'; value?: string; expression?: string }>
}

/** A hostname that resolves to the edge. */
export interface HostnameState {
  hostname: string
  zoneId: string
  /** For people, one phrase. */
  what: string
  /** Name of the origin behind it. */
  origin: string
}
