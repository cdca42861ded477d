/**
 * Apache httpd, mode by mode.
 * @module
 */
import { closed, closedSilently, open, strangers, type Truth } from './truth.ts'

/** One row per mode (and version set, where they differ). */
export const httpd: readonly Truth[] = [
  { server: 'httpd', mode: 'off', asks: 'off', admits: strangers, ...open, because: 'SSLVerifyClient none' },
  {
    server: 'httpd',
    mode: 'optional',
    asks: 'requested',
    admits: ['nobody'],
    ...open,
    because: 'optional: the handshake fails only for a certificate that fails',
  },
  {
    server: 'httpd',
    mode: 'required',
    asks: 'required',
    ...closed,
    refusedAt: 'tls',
    because: 'require: the handshake fails without a valid certificate',
  },
  {
    server: 'httpd',
    mode: 'optional-no-ca',
    asks: 'requested',
    admits: strangers,
    ...open,
    because: 'optional_no_ca forgives an untrusted chain',
  },
  {
    server: 'httpd',
    mode: 'optional-enforced',
    asks: 'requested',
    ...closedSilently,
    refusedAt: 'http',
    because: 'Require expr SUCCESS; the 403 page does not name the certificate',
  },
  {
    server: 'httpd',
    mode: 'presence-only',
    versions: ['both'],
    asks: 'requested',
    admits: ['self-signed', 'unknown-ca'],
    ...open,
    because: 'only NONE is turned away; GENEROUS passes',
  },
  {
    server: 'httpd',
    mode: 'late',
    versions: ['TLSv1.2'],
    asks: 'late',
    ...closed,
    refusedAt: 'tls',
    because:
      'SSLVerifyClient in a Location: renegotiation, whose handshake fails without a valid certificate',
  },
  {
    server: 'httpd',
    mode: 'late',
    versions: ['both'],
    asks: 'late',
    admits: [],
    refusedAt: 'http',
    exit: { file: 3, blackBox: 0 },
    because: 'as below in TLS 1.3, as above in TLS 1.2',
  },
  {
    server: 'httpd',
    mode: 'late',
    versions: ['TLSv1.3'],
    asks: 'late',
    admits: [],
    refusedAt: 'http',
    exit: { file: 3, blackBox: 0 },
    unknowable: ['file', 'blackBox'],
    because:
      'post-handshake authentication, which most clients do not offer: closed, also to those with a valid certificate',
  },
]
