/**
 * A request to a lab behind a handshake that OpenSSL would not make.
 * @module
 */

import { runScript } from '../../wire/client/run.ts'
import type { Script, ScriptResult } from '../../wire/client/types.ts'
import { canaryPath, primary } from '../hostnames.ts'
import type { Lab } from '../lab.ts'

const request = Buffer.from(
  `GET ${canaryPath}?challenge=ab HTTP/1.1\r\nHost: ${primary.hostname}\r\nConnection: close\r\n\r\n`,
)

/** A script that asks for the canary of the enforcing host. */
export const canaryScript = ({ edge }: Lab): Omit<Script, 'version'> => ({
  host: edge.host,
  port: edge.port,
  serverName: primary.hostname,
  request,
  alpn: ['http/1.1'],
})

/** The status of the answer, or how the connection ended instead. */
export const inStatus = ({ response, reason }: ScriptResult): string =>
  /^HTTP\/1\.1 (\d{3})/.exec(response.toString('latin1'))?.[1] ?? reason

/** {@link inStatus} of a script of one's own. */
export async function scripted(
  lab: Lab,
  script: Pick<Script, 'version' | 'mutate' | 'identity' | 'groups' | 'hello' | 'delivery'>,
): Promise<string> {
  return inStatus(await runScript({ ...canaryScript(lab), ...script }))
}
