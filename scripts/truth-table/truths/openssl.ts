/**
 * openssl s_server, mode by mode.
 * @module
 */
import { closed, open, strangers, type Truth } from './truth.ts'

/** One row per mode (and version set, where they differ). */
export const openssl: readonly Truth[] = [
  {
    server: 'openssl',
    mode: 'off',
    asks: 'off',
    admits: strangers,
    ...open,
    because: 'neither -verify nor -Verify',
  },
  {
    server: 'openssl',
    mode: 'optional',
    asks: 'requested',
    admits: ['nobody'],
    ...open,
    because: '-verify with -verify_return_error: an alert only for a certificate that fails',
  },
  {
    server: 'openssl',
    mode: 'required',
    asks: 'required',
    ...closed,
    refusedAt: 'tls',
    because: '-Verify with -verify_return_error: an alert without a valid certificate',
  },
  {
    server: 'openssl',
    mode: 'optional-no-ca',
    asks: 'requested',
    admits: strangers,
    ...open,
    because: '-verify alone prints the error and goes on',
  },
  {
    server: 'openssl',
    mode: 'required-unverified',
    versions: ['both'],
    asks: 'required',
    admits: ['self-signed', 'unknown-ca'],
    ...open,
    because: '-Verify alone wants a certificate, prints the error and goes on',
  },
]
