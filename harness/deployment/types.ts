/**
 * A deployment, loaded: the thing under test and what is expected of it. The file's form is
 * `harness/deployment/schema.json`; here paths have become contents and `${NAME}` has become its value.
 * @module
 */
import type { Identity } from '../pki/types.ts'
import type { AllowedPattern } from '../probe/types.ts'

/** What the edge does with a request whose certificate is absent or bad. */
export type Mode = 'enforce' | 'report' | 'off'

/** The certificate header values that mean none, valid, invalid at the origin. Each is a prefix match: `FAILED:` matches `FAILED:expired`. */
export interface StatusValues {
  none: string
  valid: string
  invalid: string
}

/** A certificate field that the edge forwards as a header. */
export type ForwardedField =
  | 'status'
  | 'ski'
  | 'issuerSki'
  | 'subject'
  | 'issuer'
  | 'serial'
  | 'fingerprint'
  | 'notBefore'
  | 'notAfter'
  | 'certificate'

/** Mutual TLS as the deployment declares it. */
export interface MtlsExpectation {
  mode: Mode
  /** How a refusal looks, in enforce mode at the edge. Body is compared byte for byte. */
  refusal?: { status?: number; contentType?: string; body?: Buffer }
  identities: Identity[]
  /** The common names of client certificates that a rule lets in, of those of the CA; absent: all of them. */
  commonNames?: string[]
  /** Issued by a CA that the edge knows, to somebody else (another account or zone): must not be let in. */
  strangers?: Identity[]
  /** Of public CAs: must not be let in. */
  publicCertificates?: Identity[]
  /** Lets the harness mint every defect. Key is PKCS#8 PEM, unencrypted in memory only. */
  ca?: { cert: string; key: string }
  /** CA certificate without its key: names for impostors. */
  caCert?: string
  /** PEM or DER CRL: revocation is promised; a serial from it can be minted. */
  crl?: Buffer
  /** Header name (as the origin receives it) per forwarded field. */
  forwarded: Partial<Record<ForwardedField, string>>
  statusValues: StatusValues
}

/** A service token of Access. */
export interface ServiceToken {
  /** Client ID, `….access`. */
  id: string
  secret: string
}

/** Access as the deployment declares it for one hostname. */
export interface AccessExpectation {
  /** Team domain, `<team>.cloudflareaccess.com`, lower case. */
  team: string
  /** Where the team domain is reached; absent: resolve it, port 443. */
  teamAddress?: string
  teamPort: number
  /** The application's AUD tag, 64 hex digits. */
  audience?: string
  /** A service token that this application accepts. */
  serviceToken?: ServiceToken
  /** A genuine service token of the team that this application does not accept. */
  otherServiceToken?: ServiceToken
  /** An application token (JWT) of this application: somebody's `CF_Authorization` cookie. */
  token?: string
  /** A global session (JWT): somebody's `CF_Authorization` cookie of the team domain. It logs in without being asked. */
  session?: string
  /** The key that signs the team's tokens, PEM: only a mock or a test environment gives it. */
  signingKey?: string
  /** What has to be there: one of them, or both a client certificate and Access. Default: access alone. */
  with: 'access' | 'access-and-mtls'
  /**
   * Strict service token authentication is meant to be on: no sessions for service tokens. `false`: they are wanted. Absent:
   * nothing was said about it.
   */
  strict?: boolean
  /** The common names of client certificates that its policy lets in; absent: it does not name any. */
  commonNames?: string[]
}

/** The origin behind the edge, as seen without the edge. */
export interface OriginExpectation {
  address: string
  port: number
  /** TLS is spoken on that port. */
  tls: boolean
  /** At which level the edge presents a certificate to it (Authenticated Origin Pulls). */
  pulls: 'hostname' | 'zone' | 'global' | 'none'
  /** The certificate that the edge presents: with it the origin answers, which is the proof that it is the right origin. */
  identity?: Identity
  /** Of another client of the same CA: the origin takes the edge's and no other. Absent: nothing was declared about it. */
  otherIdentity?: Identity
  /** Certain addresses only are served. Absent: nothing was declared about it. */
  allowList?: true
  /** Ports on which the origin must not answer in plain HTTP. */
  plainPorts: number[]
  /**
   * The origin verifies `Cf-Access-Jwt-Assertion` itself: everywhere (`true`), or for the canary at this path. Absent: nothing
   * was declared about it.
   */
  validates?: true | string
}

/** A hostname for drills of origin pulls: nobody depends on it. */
export interface DrillExpectation {
  target: Target
  /** The origin itself, by TLS. */
  origin: { address: string; port: number }
  /** How it treats client certificates before and after. */
  originMode: 'off' | 'optional'
  /** Uploaded and deleted again. */
  identity: Identity
  /** For a shell. */
  originCommand: string
  /** Where the command is run, and the state before is written: the folder of the deployment file, absolute. */
  folder: string
}

/** The control plane (API v4), read-only unless a run may change things. */
export interface ControlPlane {
  /** Absent: the SDK's own. */
  baseURL?: string
  zone: string
  account: string
  token: string
  /** May write Access objects and origin pulls: for checks that change things, and for nothing else. */
  writeToken?: string
}

/** One hostname with what is expected of it: the deployment's own, or a sibling. */
export interface Target {
  hostname: string
  /** From `connect`; absent: resolve the hostname, port 443. */
  address?: string
  port: number
  /** PEM; absent: system roots. */
  trust?: string
  canary?: string
  requests: { path: string; method: string; allowed: AllowedPattern }[]
  /** Absent: nothing was declared about client certificates for this hostname. */
  mtls?: MtlsExpectation
  /** Absent: no Access application was declared for this hostname. */
  access?: AccessExpectation
}

/** A waiver: a finding that is known and accepted until a date. */
export interface Waiver {
  check: string
  /** ISO date, inclusive. */
  until: string
  reason: string
}

/** The deployment, ready to be verified. */
export interface Deployment {
  /** Where it came from: a file path, or `undefined` when only a hostname was given (black box). */
  source: string | undefined
  /** SHA-256 of the file, lower-case hex. */
  sourceHash: string | undefined
  target: Target
  siblings: Target[]
  /** Hostnames that nobody declared and that answer at the same address without asking for a client certificate. */
  neighbours?: Target[]
  /** Ports beside the deployment's own that could lead to the application. */
  ports: { plain: number[]; tls: number[] }
  /** Absent: the origin's own address was not given. */
  origin?: OriginExpectation
  controlPlane?: ControlPlane
  drill?: DrillExpectation
  waivers: Waiver[]
  /** Milliseconds one attempt may take. */
  deadline: number
}
