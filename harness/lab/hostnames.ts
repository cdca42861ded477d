/**
 * The hostnames of the lab as it starts, as data: what each asks for and how it refuses. From here the initial state is
 * made; what the edge does is decided by the state alone.
 * @module
 */

/** The accounts: the operator's, and somebody else's on the same edge. */
export const accounts = {
  lab: { id: 'ac000000000000000000000000000001', name: 'Harness Lab' },
  neighbour: { id: 'ac000000000000000000000000000002', name: 'Neighbour' },
} as const

/** Name of an account of the lab. */
export type AccountName = keyof typeof accounts

/** The zones. */
export const zones = {
  lab: { id: 'd0000000000000000000000000000001', name: 'harness.test', account: 'lab' },
  neighbour: { id: 'd0000000000000000000000000000002', name: 'neighbour.test', account: 'neighbour' },
} as const

/** Name of a zone of the lab. */
export type ZoneName = keyof typeof zones

/** Where people log in: the team domain of the operator's account. */
export const teamDomain = 'harness-lab.cloudflareaccess.com'

/** Where cloudflared fetches tokens (a constant of it). */
export const transferDomain = 'login.cloudflareaccess.org'

/** How a refusal looks; undefined where the edge's own page is used. */
export interface Refusal {
  status: number
  contentType: string
  body: Buffer
}

/** The lab's client CAs: A is the managed one of the operator's account, B an uploaded one. */
export type ClientCaName = 'A' | 'B'

/** Client certificates on one hostname. */
export interface LabMtls {
  mode: 'enforce' | 'report'
  /** Which of the lab's client CAs are associated. */
  clientCas: readonly ClientCaName[]
  refusal: Refusal | undefined
  /** The rule names the CAs whose certificates are meant, by key identifier. */
  pinned?: true
  /** The rule names the certificates that are let in, of those of the CA: their common names. */
  named?: readonly ('sensor-001' | 'sensor-002')[]
}

/** One hostname of the lab. */
export interface LabHostname {
  hostname: string
  /** For people, one phrase. */
  what: string
  /** Undefined: no client certificates. */
  mtls: LabMtls | undefined
  /** Default: `lab`. */
  zone?: ZoneName
  /** Name of the origin behind it; default: `main`. */
  origin?: 'main' | 'pulls' | 'guarded'
  /** An Access application covers it. */
  access?: true
}

/** The canary's path on every hostname. */
export const canaryPath = '/__harness/echo'

/** The canary again, for whoever brings an assertion of Access that the origin has verified. */
export const assertedPath = '/__harness/whoami'

const json = Buffer.from(
  `${JSON.stringify({ error: 'client_certificate_required', message: 'A valid client certificate is required.', documentation: 'https://docs.harness.test/mtls' })}\n`,
)

const html = Buffer.from(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Partners only</title></head>
<body><h1>Partners only</h1><p>This service needs the certificate you were given as a partner.</p></body>
</html>
`)

/** The deployment under test. */
export const primary = {
  hostname: 'api.harness.test',
  what: 'API for sensors: enforce mode, JSON refusal, revocation checked',
  mtls: {
    mode: 'enforce',
    clientCas: ['A'],
    refusal: { status: 403, contentType: 'application/json', body: json },
  },
  origin: 'guarded',
} as const satisfies LabHostname

/** Report mode. */
export const telemetry = {
  hostname: 'telemetry.harness.test',
  what: 'telemetry: report mode, every request is forwarded with the certificate status',
  mtls: { mode: 'report', clientCas: ['A'], refusal: undefined },
  origin: 'guarded',
} as const satisfies LabHostname

/** Another CA. */
export const partner = {
  hostname: 'partner.harness.test',
  what: 'partners: enforce mode with a client CA of their own, HTML refusal',
  mtls: {
    mode: 'enforce',
    clientCas: ['B'],
    refusal: { status: 403, contentType: 'text/html', body: html },
  },
  origin: 'guarded',
} as const satisfies LabHostname

/** Both CAs. */
export const portal = {
  hostname: 'portal.harness.test',
  what: 'portal: enforce mode, several client CAs by key identifier, the edge’s own refusal page',
  mtls: { mode: 'enforce', clientCas: ['A', 'B'], refusal: undefined, pinned: true },
  origin: 'guarded',
} as const satisfies LabHostname

/** Two certificates of the CA, and no other. */
export const meters = {
  hostname: 'meters.harness.test',
  what: 'meters: enforce mode, of the CA’s certificates those of sensor-001 and sensor-002 only',
  mtls: { mode: 'enforce', clientCas: ['A'], refusal: undefined, named: ['sensor-001', 'sensor-002'] },
  origin: 'guarded',
} as const satisfies LabHostname

/** No client certificates. */
export const www = {
  hostname: 'www.harness.test',
  what: 'public site: no client certificates, session tickets issued',
  mtls: undefined,
  origin: 'guarded',
} as const satisfies LabHostname

/** The deployment that the lab's `harness.yaml` describes; they share one port, one server certificate and one origin. */
export const deploymentHostnames: readonly LabHostname[] = [primary, telemetry, partner, portal, meters, www]

/** For drills of origin pulls. */
export const drilled = {
  hostname: 'pulls.harness.test',
  what: 'free: behind the origin that can ask the edge for a certificate',
  mtls: undefined,
  origin: 'pulls',
} as const satisfies LabHostname

/** Hostnames that nothing protects yet: for an operator to work on. */
export const freeHostnames: readonly LabHostname[] = [
  { hostname: 'iot.harness.test', what: 'free: an API for phones and sensors', mtls: undefined },
  { hostname: 'app.harness.test', what: 'free: an application for people and services', mtls: undefined },
  {
    hostname: 'corp.harness.test',
    what: 'free: a site for a company with a root of its own',
    mtls: undefined,
  },
  drilled,
  {
    hostname: 'www.neighbour.test',
    what: 'free: another account on the same edge',
    mtls: undefined,
    zone: 'neighbour',
  },
]

/** Behind Access: people log in, services bring a token. */
export const staff = {
  hostname: 'staff.harness.test',
  what: 'staff: an Access application; everybody who logs in, and the service token “ci”',
  mtls: undefined,
  access: true,
  origin: 'guarded',
} as const satisfies LabHostname

/** Another application of the same team. */
export const payroll = {
  hostname: 'payroll.harness.test',
  what: 'payroll: another Access application of the same team; alice only, and the service token “payroll”',
  mtls: undefined,
  access: true,
  origin: 'guarded',
} as const satisfies LabHostname

/** Both: a client certificate and a service token. */
export const vault = {
  hostname: 'vault.harness.test',
  what: 'vault: a client certificate and the service token “vault”, both',
  mtls: { mode: 'enforce', clientCas: ['A'], refusal: undefined },
  access: true,
  origin: 'guarded',
} as const satisfies LabHostname

/** Common name of the one client certificate that the strongroom lets in. */
export const namedCertificate = 'sensor-001'

/** Both, and the certificate by its name. */
export const strongroom = {
  hostname: 'strongroom.harness.test',
  what: 'strongroom: the client certificate of sensor-001 and the service token “vault”, both',
  mtls: { mode: 'enforce', clientCas: ['A'], refusal: undefined },
  access: true,
  origin: 'guarded',
} as const satisfies LabHostname

/** All of them. */
export const labHostnames: readonly LabHostname[] = [
  ...deploymentHostnames,
  staff,
  payroll,
  vault,
  strongroom,
  ...freeHostnames,
]

/** Origin header per certificate field: the deployment's choice, names as in the managed transform of the real edge. */
export const forwardedHeaders = {
  presented: 'cf-cert-presented',
  status: 'cf-cert-verified',
  ski: 'cf-cert-ski',
  issuerSki: 'cf-cert-issuer-ski',
  subject: 'cf-cert-subject-dn',
  issuer: 'cf-cert-issuer-dn',
  serial: 'cf-cert-serial',
  fingerprint: 'cf-cert-fingerprint-sha256',
  notBefore: 'cf-cert-not-before',
  notAfter: 'cf-cert-not-after',
} as const
