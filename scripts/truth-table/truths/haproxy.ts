/**
 * HAProxy, mode by mode.
 * @module
 */
import { closed, closedSilently, open, strangers, type Truth } from './truth.ts'

/** One row per mode (and version set, where they differ). */
export const haproxy: readonly Truth[] = [
  {
    server: 'haproxy',
    mode: 'off',
    asks: 'off',
    admits: strangers,
    ...open,
    because: 'verify none by default',
  },
  {
    server: 'haproxy',
    mode: 'optional',
    asks: 'requested',
    admits: ['nobody'],
    ...open,
    because: 'verify optional: the handshake fails only for a certificate that fails',
  },
  {
    server: 'haproxy',
    mode: 'required',
    asks: 'required',
    ...closed,
    refusedAt: 'tls',
    because: 'verify required: an alert without a valid certificate',
  },
  {
    server: 'haproxy',
    mode: 'optional-no-ca',
    asks: 'requested',
    admits: strangers,
    ...open,
    because: 'ca-ignore-err and crt-ignore-err all, and no rule looks at the result',
  },
  {
    server: 'haproxy',
    mode: 'optional-enforced',
    asks: 'requested',
    ...closedSilently,
    refusedAt: 'http',
    because: 'denied unless ssl_c_used and ssl_c_verify 0; the page does not name the certificate',
  },
  {
    server: 'haproxy',
    mode: 'presence-only',
    versions: ['both'],
    asks: 'requested',
    admits: ['self-signed', 'unknown-ca'],
    ...open,
    because: 'ssl_c_used tells that there is a certificate, not that it is good',
  },
  {
    server: 'haproxy',
    mode: 'required-unverified',
    versions: ['both'],
    asks: 'required',
    admits: ['self-signed', 'unknown-ca'],
    ...open,
    because: 'verify required asks for some certificate, crt-ignore-err all forgives its errors',
  },
  {
    server: 'haproxy',
    mode: 'result-alone',
    versions: ['both'],
    asks: 'requested',
    admits: ['nobody'],
    ...open,
    because: 'ssl_c_verify is 0 too when no certificate was sent',
  },
]
