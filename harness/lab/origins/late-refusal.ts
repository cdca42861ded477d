/**
 * Refusing a client at the end of a handshake, which Node leaves to OpenSSL alone.
 * @module
 */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { sealer13 } from '../../wire/client/channel.ts'
import { contentType } from '../../wire/client/encode.ts'
import { suite, suiteCode } from '../../wire/suites.ts'

/** Notes the secret an alert is to be protected with. */
export function watchSecret(tls: TLSSocket): () => Buffer | undefined {
  let secret: Buffer | undefined
  tls.on('keylog', (line: Buffer) => {
    const found = /^SERVER_TRAFFIC_SECRET_0 [0-9a-f]+ ([0-9a-f]+)/i.exec(line.toString('latin1'))?.[1]
    if (found !== undefined) secret = Buffer.from(found, 'hex')
  })
  return () => secret
}

/**
 * A fatal alert as the last thing of a handshake, from a `secure` listener. OpenSSL would send it from its verification
 * callback, where Node always says yes. In TLS 1.2 it goes out in place of our ChangeCipherSpec, so in clear text; in 1.3
 * under the application keys, as the client has finished (RFC 8446 §4.4.2.4).
 */
export function refuseHandshake(
  tls: TLSSocket,
  socket: Socket,
  alert: number,
  secret: Buffer | undefined,
): void {
  const content = Buffer.from([2, alert])
  if (tls.getProtocol() !== 'TLSv1.3') {
    socket.end(Buffer.concat([Buffer.from([contentType.alert, 3, 3, 0, content.length]), content]))
    return
  }
  const parameters = suite(suiteCode(tls.getCipher().standardName))
  if (parameters === undefined || secret === undefined) socket.destroy()
  else socket.end(sealer13(parameters, secret)(contentType.alert, content))
}
