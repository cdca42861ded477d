/**
 * Faults of answers: what is kept for others, and what is said to whom.
 * @module
 */
import type { Fault } from './fault.ts'

/** What goes wrong on the way back. */
export const responseFaults = [
  {
    id: 'edge.caches-for-everybody',
    sentence:
      'Answers to good clients are kept by URL where it has a query, and given to clients that should be refused.',
    source: 'RFC 9440 §2.4; Cloudflare cache rules: cache everything; catalogue RSP-01',
  },
  {
    id: 'edge.caches-static-names',
    sentence: 'The same for paths that end like a static file (.css, .js, .png).',
    source: 'Cloudflare default cached file extensions; web cache deception; catalogue RSP-02',
  },
  {
    id: 'edge.answers-cacheable',
    sentence: 'Answers of hostnames in enforce mode say that any cache may keep them.',
    source: 'RFC 9440 §2.4; Cloudflare cache rules: edge TTL, browser TTL; catalogue RSP-01',
  },
  {
    id: 'edge.reflects-origin',
    sentence: 'Every Origin that asks may read answers, with credentials.',
    source: 'Fiber CVE-2024-25124; catalogue RSP-04',
  },
  {
    id: 'edge.refusal-names-origin',
    sentence: 'Refusals name the address of the origin and the software of the edge.',
    source: 'catalogue RSP-05',
  },
  {
    id: 'edge.no-hsts',
    sentence: 'Answers have no Strict-Transport-Security.',
    source: 'RFC 6797 §7.1; catalogue RSP-06',
  },
] as const satisfies readonly Fault[]
