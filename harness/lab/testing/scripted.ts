/**
 * A request to a lab behind a handshake that OpenSSL would not make.
 * @module
 */

import { runScript } from '../../wire/client/run.ts'
import type { Script } from '../../wire/client/types.ts'
import { canaryPath, primary } from '../hostnames.ts'
import type { Lab } from '../lab.ts'

const request = Buffer.from(
  `GET ${canaryPath}?challenge=ab HTTP/1.1\r\nHost: ${primary.hostname}\r\nConnection: close\r\n\r\n`,
)

/** The status of the answer, or how the connection ended instead. */
export async function scripted(
  { edge }: Lab,
  script: Pick<Script, 'version' | 'mutate' | 'identity' | 'groups'>,
): Promise<string> {
  const result = await runScript({
    host: edge.host,
    port: edge.port,
    serverName: primary.hostname,
    request,
    alpn: ['http/1.1'],
    ...script,
  })
  const status = /^HTTP\/1\.1 (\d{3})/.exec(result.response.toString('latin1'))?.[1]
  return status ?? result.reason
}
