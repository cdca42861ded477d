/**
 * What Node does not let a server say about TLS, done below it.
 * @module
 */
import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { sealer13 } from '../../wire/client/channel.ts'
import { contentType } from '../../wire/client/encode.ts'
import { suite, suiteCode } from '../../wire/suites.ts'

/**
 * No session tickets: a resumed session would bring no certificate, and an alert of ours must be the first record under
 * the application keys. A ticket key callback that answers 0 stops them; see `edge/tls-contexts.ts`.
 */
export function withoutTickets(secure: SecureContext): SecureContext {
  const context = secure.context as {
    enableTicketKeyCallback?: () => void
    onticketkeycallback?: () => unknown[]
  }
  const none = Buffer.alloc(16)
  context.onticketkeycallback = () => [0, Buffer.alloc(32), none, none, none]
  context.enableTicketKeyCallback?.()
  return secure
}

/** A bad signature among the client's certificates must not end the connection; see `edge/terminate.ts`. */
export function keepVerificationErrors(tls: TLSSocket): void {
  const handle = (tls as { _handle?: { onerror?: (error: { library?: string }) => void } })._handle
  const report = handle?.onerror
  if (handle === undefined || report === undefined) return
  handle.onerror = function onerror(error) {
    if (error.library === undefined || error.library === 'SSL routines') report.call(this, error)
  }
}

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
