/**
 * Node, mode by mode.
 * @module
 */
import { closed, open, strangers, type Truth } from './truth.ts'

/** One row per mode (and version set, where they differ). */
export const node: readonly Truth[] = [
  {
    server: 'node',
    mode: 'off',
    asks: 'off',
    admits: strangers,
    ...open,
    because: 'requestCert is false by default',
  },
  {
    server: 'node',
    mode: 'optional',
    asks: 'requested',
    admits: strangers,
    ...open,
    because: 'rejectUnauthorized: false, and nothing looks at socket.authorized',
  },
  {
    server: 'node',
    mode: 'required',
    asks: 'required',
    ...closed,
    refusedAt: 'tls',
    because: 'rejectUnauthorized: the connection is closed before any HTTP answer',
  },
  {
    server: 'node',
    mode: 'optional-enforced',
    asks: 'requested',
    ...closed,
    refusedAt: 'http',
    because: 'the application tests socket.authorized and its 403 says that a client certificate is required',
  },
  {
    server: 'node',
    mode: 'presence-only',
    versions: ['both'],
    asks: 'requested',
    admits: ['self-signed', 'unknown-ca'],
    ...open,
    because: 'the application tests that there is a certificate, not socket.authorized',
  },
]
