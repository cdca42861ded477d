/**
 * Faults of the origin `guarded`: known-bad configurations of a server behind the edge.
 * @module
 */
import type { Fault } from './fault.ts'

const howTo =
  'Cloudflare Authenticated Origin Pulls: the samples ask first (nginx `optional`), insisting is a later step; catalogue ORI-04'

/** What its operator got wrong. */
export const originFaults = [
  {
    id: 'origin.open',
    sentence: 'The guarded origin asks nobody for a certificate.',
    source: 'Cloudflare: without origin pulls anybody with the address gets an answer; catalogue ORI-01',
  },
  {
    id: 'origin.allow-list-only',
    sentence:
      'The guarded origin looks at the address somebody comes from, and asks nobody for a certificate.',
    source:
      'firewalls with the edge’s published addresses: the edge fetches for every customer from them; catalogue ORI-05b, ORI-07',
  },
  {
    id: 'origin.optional',
    sentence: 'The guarded origin asks for a certificate and serves those who have none.',
    source: howTo,
  },
  {
    id: 'origin.open-in-1.2',
    sentence: 'In TLS 1.2 the guarded origin serves those who have no certificate.',
    source: 'catalogue ORI-01, TLS-01 (one policy per version)',
  },
  {
    id: 'origin.open-for-other-names',
    sentence:
      'For names of others, and without SNI, the guarded origin serves those who have no certificate.',
    source: 'a default server without ssl_verify_client; catalogue ORI-02, TLS-14',
  },
  {
    id: 'origin.trusts-edge-headers',
    sentence: 'Whoever says they are the edge (cf-connecting-ip, cf-ray) needs no certificate.',
    source: 'catalogue ORI-03',
  },
  {
    id: 'origin.accepts-self-signed',
    sentence: 'The guarded origin takes a certificate that signed itself.',
    source:
      'nginx ssl_verify_client optional_no_ca without a test of $ssl_client_verify; catalogue ORI-04, CRT-03',
  },
  {
    id: 'origin.compares-issuer-name',
    sentence: 'The guarded origin takes every certificate whose issuer has the name of its CA.',
    source: 'httpd SSLRequire on %{SSL_CLIENT_I_DN} with optional_no_ca; catalogue ORI-06, CRT-05',
  },
  {
    id: 'origin.trusts-shared-ca',
    sentence:
      'The guarded origin trusts the CA that is shared by all accounts of the edge as well, and serves everybody it trusts.',
    source: 'Cloudflare: the global certificate only proves the network; catalogue ORI-05',
  },
  {
    id: 'origin.trusts-client-ca',
    sentence: 'The guarded origin trusts the CA of the visitors as well, and serves everybody it trusts.',
    source: 'one ssl_client_certificate file for two purposes; catalogue ORI-06',
  },
  {
    id: 'origin.pins-nobody',
    sentence: 'The guarded origin serves every client of its CA, not only the edge.',
    source:
      'nginx ssl_verify_client on without a test of $ssl_client_s_dn, where the CA signs for others too; catalogue ORI-06',
  },
  {
    id: 'origin.plain-open',
    sentence: 'The guarded origin answers on its plain port.',
    source: 'catalogue ORI-01, ORI-17, TLS-23',
  },
  {
    id: 'origin.names-itself',
    sentence: 'The guarded origin writes its address into every answer.',
    source: 'catalogue ORI-08, RSP-05',
  },
] as const satisfies readonly Fault[]
