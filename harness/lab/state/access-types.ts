/**
 * Access as an operator has set it up, and the sessions that came of it.
 * @module
 */

/** Access of an account. */
export interface AccessState extends AccessObjects {
  /** Undefined until an organization is made. */
  organization: AccessOrganization | undefined
  keys: AccessKeys
  /** Client certificate forwarding, by hostname (`/access/certificates/settings`). */
  certificateSettings: Record<string, { chinaNetwork: boolean; clientCertificateForwarding: boolean }>
  /** When the certificate settings were last written (epoch ms); a second write too soon conflicts. */
  certificateSettingsAt: number
  /** People who logged in, by user id. */
  users: Record<string, AccessUser>
  /** What is revoked: a token issued up to `issuedUntil` is refused from `from` on (epoch ms). */
  revocations: AccessRevocation[]
}

/** What can be made both at account and at zone level. */
export interface AccessObjects {
  applications: Record<string, AccessApplication>
  /** Reusable policies and those of one application, by id. */
  policies: Record<string, AccessPolicy>
  groups: Record<string, AccessGroup>
  identityProviders: Record<string, AccessIdentityProvider>
  serviceTokens: Record<string, AccessServiceToken>
  /** Client CAs for Access, by id. */
  certificates: Record<string, AccessCertificate>
}

interface Dated {
  createdAt: string
  updatedAt: string
}

/** The Zero Trust organization. */
export interface AccessOrganization extends Dated {
  name: string
  /** `<team>.cloudflareaccess.com`. */
  authDomain: string
  /** Go duration of the global session; default 24h. */
  sessionDuration: string
  strictServiceTokenAuth: boolean
  /** Other fields of the API, kept as given. */
  extra: Record<string, unknown>
}

/** Keys that sign tokens: the current one, and the previous one while it is still honoured. */
export interface AccessKeys {
  rotationIntervalDays: number
  lastRotationAt: string
  current: AccessSigningKey
  previous: AccessSigningKey | undefined
}

/** An RS256 key. */
export interface AccessSigningKey {
  /** 64 hex digits. */
  kid: string
  /** PKCS#8 PEM. */
  privateKey: string
  /** Self-signed certificate of it, PEM. */
  certificate: string
  createdAt: string
}

/** An application; `settings` are the API's fields of behaviour, checked and as given. */
export interface AccessApplication extends Dated {
  id: string
  /** 64 hex digits. */
  aud: string
  name: string
  type: 'self_hosted'
  /** `host/path` patterns, the first one being `domain`. */
  domains: string[]
  /** Go duration. */
  sessionDuration: string
  /** Ids of policies in order of precedence. */
  policies: string[]
  /** Precedence as the operator gave it, by policy id; where there is none: the position, from 1. */
  precedence?: Record<string, number>
  settings: AccessApplicationSettings
  /** Other fields of the API, kept as given. */
  extra: Record<string, unknown>
}

/** What the data plane looks at. Names as in the API. */
export interface AccessApplicationSettings {
  allowed_idps?: string[]
  auto_redirect_to_identity?: boolean
  cors_headers?: {
    allow_all_headers?: boolean
    allow_all_methods?: boolean
    allow_all_origins?: boolean
    allow_credentials?: boolean
    allowed_headers?: string[]
    allowed_methods?: string[]
    allowed_origins?: string[]
    max_age?: number
  }
  options_preflight_bypass?: boolean
  service_auth_401_redirect?: boolean
  read_service_tokens_from_header?: string
  http_only_cookie_attribute?: boolean
  same_site_cookie_attribute?: 'none' | 'lax' | 'strict'
  path_cookie_attribute?: boolean
  enable_binding_cookie?: boolean
  custom_deny_message?: string
  custom_deny_url?: string
  custom_non_identity_deny_url?: string
}

/** A policy. */
export interface AccessPolicy extends Dated {
  id: string
  name: string
  decision: 'allow' | 'deny' | 'non_identity' | 'bypass'
  include: AccessRule[]
  exclude: AccessRule[]
  require: AccessRule[]
  /** Go duration; default: the application's. */
  sessionDuration: string | undefined
  /** The one application it belongs to; undefined: reusable. */
  applicationId: string | undefined
  extra: Record<string, unknown>
}

/** A selector, as in the API: one key. */
export type AccessRule =
  | { everyone: Record<string, never> }
  | { email: { email: string } }
  | { email_domain: { domain: string } }
  | { ip: { ip: string } }
  | { geo: { country_code: string } }
  | { certificate: Record<string, never> }
  | { common_name: { common_name: string } }
  | { service_token: { token_id: string } }
  | { any_valid_service_token: Record<string, never> }
  | { login_method: { id: string } }
  | { oidc: { claim_name: string; claim_value: string; identity_provider_id: string } }
  | { group: { id: string } }

/** A group of selectors. */
export interface AccessGroup extends Dated {
  id: string
  name: string
  include: AccessRule[]
  exclude: AccessRule[]
  require: AccessRule[]
  isDefault: boolean
}

/** An OpenID Connect provider. */
export interface AccessIdentityProvider extends Dated {
  id: string
  name: string
  type: 'oidc' | 'onetimepin'
  config: {
    client_id?: string
    /** Never shown. */
    client_secret?: string
    auth_url?: string
    token_url?: string
    certs_url?: string
    scopes?: string[]
    claims?: string[]
    email_claim_name?: string
    pkce_enabled?: boolean
  }
  extra: Record<string, unknown>
}

/** A service token; secrets as SHA-256 hex. */
export interface AccessServiceToken extends Dated {
  id: string
  name: string
  /** 32 hex digits and `.access`. */
  clientId: string
  secretHash: string
  secretVersion: number
  /** Still good until then (ISO 8601). */
  previous: { secretHash: string; until: string } | undefined
  /** Go duration, or `forever`. */
  duration: string
  expiresAt: string | undefined
  lastSeenAt: string | undefined
  enabled: boolean
}

/** A client CA for Access. */
export interface AccessCertificate extends Dated {
  id: string
  name: string
  /** PEM. */
  certificate: string
  associatedHostnames: string[]
  /** MD5 of the DER, hex pairs with colons. */
  fingerprint: string
  expiresOn: string
}

/** Somebody who logged in. */
export interface AccessUser {
  /** UUID: `sub` of the tokens. */
  id: string
  email: string
  identityProviderId: string
}

/** Tokens that are no longer honoured. */
export interface AccessRevocation {
  /** Whose: a user, an application (by aud), or one user's session. */
  who: { user: string } | { application: string }
  issuedUntil: number
  from: number
}
