/**
 * nginx, mode by mode.
 * @module
 */
import { closed, closedSilently, open, strangers, type Truth } from './truth.ts'

/** One row per mode (and version set, where they differ). */
export const nginx: readonly Truth[] = [
  {
    server: 'nginx',
    mode: 'off',
    asks: 'off',
    admits: strangers,
    ...open,
    because: 'ssl_verify_client is off by default',
  },
  {
    server: 'nginx',
    mode: 'optional',
    asks: 'requested',
    admits: ['nobody'],
    ...open,
    because: 'optional: 400 only for a certificate that fails',
  },
  {
    server: 'nginx',
    mode: 'required',
    asks: 'requested',
    ...closed,
    refusedAt: 'http',
    because: 'the handshake always completes; nginx answers 400 and says why',
  },
  {
    server: 'nginx',
    mode: 'optional-no-ca',
    asks: 'requested',
    admits: strangers,
    ...open,
    because: 'optional_no_ca forgives an untrusted chain, and nothing looks at $ssl_client_verify',
  },
  {
    server: 'nginx',
    mode: 'optional-enforced',
    asks: 'requested',
    ...closedSilently,
    refusedAt: 'http',
    because: 'return 403 unless SUCCESS; its page says no more than 403 Forbidden',
  },
  {
    server: 'nginx',
    mode: 'presence-only',
    versions: ['both'],
    asks: 'requested',
    admits: ['self-signed', 'unknown-ca'],
    ...open,
    because: 'only NONE is turned away; FAILED passes',
  },
  {
    server: 'nginx',
    mode: 'open-in-1.2',
    versions: ['both'],
    asks: 'requested',
    admits: { 'TLSv1.2': ['nobody'], 'TLSv1.3': [] },
    ...open,
    because: 'the rule is skipped in TLS 1.2; one open version is an open door',
  },
  {
    server: 'nginx',
    mode: 'open-in-1.3',
    versions: ['both'],
    asks: 'requested',
    admits: { 'TLSv1.2': [], 'TLSv1.3': ['nobody'] },
    ...open,
    because: 'the rule is skipped in TLS 1.3; one open version is an open door',
  },
  {
    server: 'nginx',
    mode: 'required-remapped',
    versions: ['both'],
    asks: 'requested',
    ...closedSilently,
    refusedAt: 'http',
    because: 'error_page turns 495 and 496 into a bare 403 that does not name the certificate',
  },
]
