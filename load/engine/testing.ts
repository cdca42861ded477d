/**
 * Servers and lanes for the tests of the load side.
 * @module
 */
import type { Lane, TlsVersion } from './types.ts'

/** A lane of a loopback port. */
export const laneTo = (
  port: number,
  id: string,
  identity?: { cert: string; key: string },
  version: TlsVersion = 'TLSv1.3',
): Lane => ({
  id,
  host: '127.0.0.1',
  port,
  servername: 'mtls.test',
  version,
  ...(identity === undefined ? {} : { identity: { cert: identity.cert, key: identity.key } }),
})
