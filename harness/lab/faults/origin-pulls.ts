/**
 * Faults between the edge and the origin, and of changing over.
 * @module
 */
import type { Fault } from './fault.ts'

const precedence = 'Cloudflare: per-hostname over zone over global; catalogue ORI-14'
const independent = 'Cloudflare: the three levels are independent; catalogue ORI-14'
const strict = 'Traefik CVE-2025-66491 (verification inverted); Cloudflare error 526; catalogue ORI-18'
const lifeCycle = 'alchemy, seen on the real API'

/** Which certificate is presented, what the API does with it, and what is made of the origin's answer. */
export const originPullFaults = [
  {
    id: 'edge.pulls-zone-before-hostname',
    sentence: 'The zone’s certificate is presented where the hostname has one of its own.',
    source: precedence,
  },
  {
    id: 'edge.pulls-global-before-zone',
    sentence: 'With the global switch on, the shared certificate is presented instead of the zone’s.',
    source: `${precedence}, ORI-05 (shared by every account)`,
  },
  {
    id: 'edge.pulls-shared-for-hostname',
    sentence: 'The shared certificate is presented where the hostname’s own is due.',
    source: 'Cloudflare: per-hostname never uses the shared certificate; catalogue ORI-05',
  },
  {
    id: 'edge.pulls-false-falls-back',
    sentence: 'A hostname with `enabled: false` gets the certificate of the zone.',
    source: 'Cloudflare API: nothing is sent to it even if activated at the zone level',
  },
  {
    id: 'edge.pulls-false-fails',
    sentence:
      'A hostname with `enabled: false` is answered 520: its origin is not reached without a certificate.',
    source:
      'Cloudflare API: false presents nothing, and nothing else; catalogue ORI-12 (no outage without warning)',
  },
  {
    id: 'edge.pulls-null-as-false',
    sentence: '`enabled: null` switches the association off and keeps it.',
    source: 'Cloudflare API: null voids the association; research 1.5, rollback',
  },
  {
    id: 'edge.pulls-pending-presented',
    sentence: 'What is still being deployed is presented already.',
    source: 'research 1.3: upload is asynchronous',
  },
  {
    id: 'edge.pulls-oldest-certificate',
    sentence: 'Of several active zone certificates the one deployed first is presented.',
    source: 'Cloudflare: the most recently deployed is used',
  },
  {
    id: 'edge.pulls-stop-when-expired',
    sentence: 'An expired certificate is not presented any more.',
    source: 'Cloudflare: expired certificates stay until deleted; catalogue ORI-13',
  },
  {
    id: 'edge.pulls-need-global-switch',
    sentence: 'Nothing is presented at any level while the global switch is off.',
    source: 'Cloudflare documentation before 2026-04 contradicts the newer one; research 1.1',
  },
  {
    id: 'edge.pulls-zone-off-disables-hostnames',
    sentence: 'Switching the zone level off switches every hostname off.',
    source: independent,
  },
  {
    id: 'edge.pulls-in-flexible',
    sentence: 'In mode flexible the origin is reached by TLS, with the certificate.',
    source: 'Cloudflare: nothing is presented unless the mode is full or higher; catalogue ORI-17',
  },
  {
    id: 'edge.pulls-keeps-connections',
    sentence:
      'Kept connections to the origin are used on after their certificate was replaced or taken away.',
    source: 'curl CVE-2016-5420: connection reused with the wrong client certificate',
  },
  {
    id: 'edge.pulls-api-returns-private-key',
    sentence: 'The API returns the private key of an uploaded certificate.',
    source: 'in the schema of the answer; the real API does not (Terraform provider)',
  },
  {
    id: 'edge.pulls-tombstone-unreadable',
    sentence: 'A deleted certificate cannot be read by its id.',
    source: lifeCycle,
  },
  {
    id: 'edge.pulls-new-id-after-deletion',
    sentence: 'A certificate uploaded again after its deletion gets another id.',
    source: lifeCycle,
  },
  {
    id: 'edge.pulls-deletes-in-use',
    sentence: 'A certificate that is associated with a hostname can be deleted.',
    source: 'error 1433, seen on the real API; research 1.5',
  },
  {
    id: 'edge.pulls-accepts-wrong-key',
    sentence: 'A private key that does not belong to the certificate is accepted.',
    source: 'Cloudflare: check that certificate and private key match (error 2106)',
  },
  {
    id: 'edge.pulls-accepts-ca',
    sentence: 'A CA certificate can be uploaded to be presented.',
    source: 'Cloudflare: `missing leaf certificate`',
  },
  {
    id: 'origin.required-not-taken',
    sentence:
      'The origin `pulls` goes on serving those who have no certificate when it is told to require one.',
    source: 'a reload that did not happen, or of another virtual host; catalogue ORI-04, ORI-12',
  },
  {
    id: 'edge.strict-ignores-name',
    sentence: 'Strict mode takes a server certificate for another name.',
    source: strict,
  },
  {
    id: 'edge.strict-ignores-dates',
    sentence: 'Strict mode takes an expired server certificate.',
    source: strict,
  },
  {
    id: 'edge.strict-ignores-chain',
    sentence: 'Strict mode takes a server certificate of nobody it trusts.',
    source: strict,
  },
  {
    id: 'edge.full-verifies-origin',
    sentence: 'Mode full refuses server certificates that only strict would refuse.',
    source: 'Traefik CVE-2025-66491 (verification inverted)',
  },
  {
    id: 'edge.origin-falls-back-to-plain',
    sentence: 'When TLS with the origin fails, the request goes there without.',
    source: 'catalogue ORI-18 (52x, not a silent downgrade), ORI-17',
  },
  {
    id: 'edge.origin-errors-as-200',
    sentence: 'The edge’s own page about an origin that failed has status 200.',
    source: 'catalogue: a 200 of the edge is not the application’s',
  },
  {
    id: 'edge.origin-error-tells-address',
    sentence: 'The edge’s page about an origin that failed names its address.',
    source: 'catalogue RSP-05, ORI-08',
  },
] as const satisfies readonly Fault[]
