/**
 * The rows of side doors at which any certificate is enough: nobody is refused there too, and the front door is verified.
 * @module
 */
import { primary } from '../hostnames.ts'
import type { Sent } from './client.ts'
import { type Row, words } from './show.ts'

/** Open to any certificate where the fault is on; closed to nobody, and at the front, in either case. */
const doorOf = (sent: Sent, faulty: string | RegExp = /^200/): Row[] => [
  { show: words(sent, 'self-signed'), healthy: '403', faulty },
  { show: words(sent), healthy: '403', faulty: '403' },
  { show: words({}, 'self-signed'), healthy: '403', faulty: '403' },
]

/** One per fault. */
export const presenceRows = {
  'edge.any-certificate-at-path': doorOf({ path: '/temps' }),
  'edge.any-certificate-at-host-spellings': [
    ...doorOf({ host: primary.hostname.toUpperCase() }),
    ...doorOf({ host: `${primary.hostname}.` }),
  ],
  'edge.any-certificate-on-other-port': doorOf({ otherPort: true }),
  // The application knows no such path, and says so.
  'edge.any-certificate-at-path-spellings': [
    ...doorOf({ path: '//temps' }, '404'),
    ...doorOf({ path: '/%74emps' }, '404'),
  ],
} as const satisfies Record<string, Row[]>
