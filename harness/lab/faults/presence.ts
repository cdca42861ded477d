/**
 * Faults of side doors: some certificate has to be there, and nobody looks whose it is. The front door is verified as ever, and
 * whoever brings none is refused everywhere.
 * @module
 */
import type { Fault } from './fault.ts'

/** One per kind of door. */
export const presenceFaults = [
  {
    id: 'edge.any-certificate-at-path',
    sentence: 'One path of the application passes with any client certificate.',
    source: 'nginx ssl_verify_client optional_no_ca; HAProxy ssl_c_used',
  },
  {
    id: 'edge.any-certificate-at-host-spellings',
    sentence: 'A Host in capitals or with a trailing dot passes with any client certificate.',
    source: 'nginx: a default server with ssl_verify_client optional_no_ca',
  },
  {
    id: 'edge.any-certificate-on-other-port',
    sentence: 'On the second TLS port any client certificate passes.',
    source: 'nginx: a second listener with ssl_verify_client optional_no_ca',
  },
  {
    id: 'edge.any-certificate-at-path-spellings',
    sentence: 'A path with two slashes in a row, or an encoded letter, passes with any client certificate.',
    source: 'HAProxy ssl_c_used beside a rule by path_beg',
  },
] as const satisfies readonly Fault[]
