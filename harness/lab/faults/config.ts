/**
 * Faults of the configuration: what an operator has set up wrongly before the lab starts. The control plane shows them; most of
 * them concern hostnames that no other check looks at.
 * @module
 */
import type { Fault } from './fault.ts'

const cautions = 'Cloudflare bring your own CA, cautions; catalogue CPA-12'
const review = 'Cloudflare mTLS troubleshooting, review of rules; catalogue CPA-05'
const names = 'Cloudflare fields: cert_subject_dn is one text; catalogue IDM-02, IDM-03'
const policies = 'Cloudflare Access policies; catalogue CPA-06, CPA-07'
const expiry = 'Cloudflare expiry alerts; catalogue CPA-10'

/** What is set up wrongly. */
export const configFaults = [
  {
    id: 'config.rule-missing',
    sentence: 'The portal is asked for certificates, and no rule blocks those without.',
    source: 'Cloudflare: the association only asks, blocking is a rule; catalogue CPA-04',
  },
  { id: 'config.rule-disabled', sentence: 'The rule of the portal is disabled.', source: review },
  {
    id: 'config.rule-limited',
    sentence: 'The rule of the portal holds for one path only.',
    source: review,
  },
  {
    id: 'config.rule-presence-only',
    sentence: 'The rule of the portal asks whether a certificate was presented, not whether it was verified.',
    source: 'Cloudflare: cert_presented is true for any certificate; catalogue CPA-02',
  },
  {
    id: 'config.rule-forgets-revoked',
    sentence: 'The rule of the portal does not look at cert_revoked.',
    source: 'Cloudflare: cert_verified stays true for a revoked certificate; catalogue CPA-03',
  },
  {
    id: 'config.rule-any-issuer',
    sentence: 'The rule of the portal takes verified certificates of every account on the managed CA.',
    source:
      'Cloudflare: without a test of the issuer any valid certificate is accepted; catalogue CRT-36, CPA-02',
  },
  {
    id: 'config.names-missing',
    sentence: 'The rule of the meters takes every certificate of the CA, whatever its name.',
    source: 'etcd CVE-2018-16886; “valid certificate” as the whole policy; catalogue IDM-01',
  },
  {
    id: 'config.names-by-prefix',
    sentence: 'The rule of the meters compares only how the subject begins.',
    source: names,
  },
  {
    id: 'config.names-by-suffix',
    sentence: 'The rule of the meters compares only how the subject ends.',
    source: names,
  },
  {
    id: 'config.names-in-text',
    sentence: 'The rule of the meters looks for the name anywhere in the subject.',
    source: `NATS CVE-2026-33248; ${names}`,
  },
  {
    id: 'config.names-any-case',
    sentence: 'The rule of the meters compares subjects in lower case.',
    source: names,
  },
  {
    id: 'config.association-missing',
    sentence: 'The portal has its rule and is associated with no client CA.',
    source: 'Cloudflare: a PUT of hostname associations replaces the list; catalogue CPA-04, ORI-15',
  },
  {
    id: 'config.unknown-ca',
    sentence: 'A CA that nobody declared is associated with the portal.',
    source: cautions,
  },
  {
    id: 'config.front-door',
    sentence: 'legacy.harness.test leads to the guarded origin, and nothing protects it.',
    source: 'Cloudflare: new hostnames are exposed by default; catalogue CPA-01, ORI-09, TLS-22',
  },
  {
    id: 'config.ssl-full',
    sentence: 'The SSL mode is full, not strict.',
    source: 'Cloudflare: full does not verify the origin; catalogue ORI-17, ORI-18',
  },
  {
    id: 'config.pull-association-missing',
    sentence: 'The portal has no origin-pull certificate associated.',
    source: 'Cloudflare Authenticated Origin Pulls, per hostname; catalogue ORI-12',
  },
  {
    id: 'config.pulls-global',
    sentence: 'The global switch of origin pulls is on beside the per-hostname certificates.',
    source:
      'Cloudflare: hostnames without an association then present the shared one; catalogue ORI-05, ORI-14',
  },
  {
    id: 'config.pull-expiring',
    sentence: 'The origin-pull certificate is listed as expiring in ten days.',
    source: `${expiry}, ORI-13`,
  },
  {
    id: 'config.ca-expiring',
    sentence: 'The uploaded client CA is listed as expiring in ten days.',
    source: expiry,
  },
  { id: 'config.token-expiring', sentence: 'The service token “ci” expires in five days.', source: expiry },
  {
    id: 'config.token-forever',
    sentence: 'The service token “ci” never expires.',
    source: 'Cloudflare service tokens: duration forever; catalogue CPA-10',
  },
  {
    id: 'config.bypass-everyone',
    sentence: 'An application on a path of staff lets everybody past Access.',
    source: policies,
  },
  {
    id: 'config.service-auth-everyone',
    sentence: 'An application on a path of staff includes everyone under Service Auth.',
    source: policies,
  },
  {
    id: 'config.any-service-token',
    sentence: 'An application on a path of staff takes every service token of the account.',
    source: policies,
  },
  {
    id: 'config.any-certificate',
    sentence: 'An application on a path of staff takes every valid client certificate, whatever its name.',
    source: policies,
  },
  {
    id: 'config.token-under-allow',
    sentence:
      'A policy on a path of staff names a service token under Allow, where it has to be Service Auth.',
    source: 'Cloudflare service tokens: the policy action has to be Service Auth; catalogue SVC-04',
  },
  {
    id: 'config.options-bypass',
    sentence: 'An application on a path of staff passes every OPTIONS on to the origin.',
    source: 'Cloudflare Access CORS; catalogue CPA-09, PTH-14',
  },
  {
    id: 'config.long-token-session',
    sentence:
      'A service token is exchanged for a session of a month on a path of staff, and strict service token authentication is off.',
    source:
      'Cloudflare service tokens: outside strict mode a token is answered with CF_Authorization; catalogue CPA-08',
  },
  {
    id: 'config.worker-fails-open',
    sentence: 'The route of a Worker on the primary hostname fails open.',
    source: 'Cloudflare Workers limits: fail open passes requests by the Worker; catalogue CPA-11, ORI-19',
  },
  {
    id: 'config.cookie-for-scripts',
    sentence:
      'An application on a path of staff has a cookie that scripts can read and that goes along from other sites.',
    source: 'Cloudflare Access cookie settings; catalogue CPA-09',
  },
] as const satisfies readonly Fault[]

/** Its id. */
export type ConfigFaultId = (typeof configFaults)[number]['id']
