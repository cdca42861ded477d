/**
 * The hostnames of the lab, as data: what each asks for and how it refuses.
 * @module
 */

/** How a refusal looks; undefined where the edge's own page is used. */
export interface Refusal {
  status: number
  contentType: string
  body: Buffer
}

/** Client certificates on one hostname. */
export interface LabMtls {
  mode: 'enforce' | 'report'
  /** Which of the lab's client CAs are associated. */
  clientCas: readonly ('A' | 'B')[]
  refusal: Refusal | undefined
}

/** One hostname of the lab. */
export interface LabHostname {
  hostname: string
  /** For people, one phrase. */
  what: string
  /** Undefined: no client certificates. */
  mtls: LabMtls | undefined
}

/** The canary's path on every hostname. */
export const canaryPath = '/__harness/echo'

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
} as const satisfies LabHostname

/** Report mode. */
export const telemetry = {
  hostname: 'telemetry.harness.test',
  what: 'telemetry: report mode, every request is forwarded with the certificate status',
  mtls: { mode: 'report', clientCas: ['A'], refusal: undefined },
} as const satisfies LabHostname

/** Another CA. */
export const partner = {
  hostname: 'partner.harness.test',
  what: 'partners: enforce mode with a client CA of their own, HTML refusal',
  mtls: {
    mode: 'enforce',
    clientCas: ['B'],
    refusal: { status: 403, contentType: 'text/html; charset=utf-8', body: html },
  },
} as const satisfies LabHostname

/** Both CAs. */
export const portal = {
  hostname: 'portal.harness.test',
  what: 'portal: enforce mode, several client CAs, the edge’s own refusal page',
  mtls: { mode: 'enforce', clientCas: ['A', 'B'], refusal: undefined },
} as const satisfies LabHostname

/** No client certificates. */
export const www = {
  hostname: 'www.harness.test',
  what: 'public site: no client certificates, session tickets issued',
  mtls: undefined,
} as const satisfies LabHostname

/** All of them; they share one port, one server certificate and one origin. */
export const labHostnames: readonly LabHostname[] = [primary, telemetry, partner, portal, www]

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
