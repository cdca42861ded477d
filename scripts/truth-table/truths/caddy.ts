/**
 * Caddy, mode by mode.
 * @module
 */
import { closed, closedSilently, open, strangers, type Truth } from './truth.ts'

/** One row per mode (and version set, where they differ). */
export const caddy: readonly Truth[] = [
  {
    server: 'caddy',
    mode: 'off',
    asks: 'off',
    admits: strangers,
    ...open,
    because: 'without client_auth nobody is asked',
  },
  {
    server: 'caddy',
    mode: 'optional',
    asks: 'requested',
    admits: ['nobody'],
    ...open,
    because: 'verify_if_given: an alert only for a certificate that fails',
  },
  {
    server: 'caddy',
    mode: 'required',
    asks: 'required',
    ...closed,
    refusedAt: 'tls',
    because: 'require_and_verify: an alert without a valid certificate',
  },
  {
    server: 'caddy',
    mode: 'optional-no-ca',
    asks: 'requested',
    admits: strangers,
    ...open,
    because: 'request asks and verifies nothing',
  },
  {
    server: 'caddy',
    mode: 'optional-enforced',
    versions: ['both'],
    asks: 'requested',
    ...closedSilently,
    refusedAt: 'http',
    because: '403 without a subject; certificates that fail do not get that far; the page does not name them',
  },
  {
    server: 'caddy',
    mode: 'presence-only',
    versions: ['both'],
    asks: 'requested',
    admits: ['self-signed', 'unknown-ca'],
    ...open,
    because: 'the rule tests that there is a subject, and request verified nothing',
  },
  {
    server: 'caddy',
    mode: 'required-unverified',
    versions: ['both'],
    asks: 'required',
    admits: ['self-signed', 'unknown-ca'],
    ...open,
    because: 'require wants some certificate, whoever signed it',
  },
]
