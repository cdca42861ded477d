/**
 * Ends TLS: one server-side TLSSocket per connection, made here and not by a `tls.Server`, because the context depends on
 * the whole ClientHello and because of {@link keepVerificationErrors}.
 * @module
 */
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { keepVerificationErrors } from './tls-quirks.ts'

/** How a connection is to be terminated. */
export interface TlsTerms {
  context: SecureContext
  requestCertificate: boolean
}

/** Runs the handshake; undefined when it fails or takes longer than `deadline` milliseconds. Never rejects. */
export function terminateTls(
  socket: Socket,
  firstBytes: Buffer,
  terms: TlsTerms,
  deadline: number,
): Promise<TLSSocket | undefined> {
  socket.unshift(firstBytes)
  return new Promise((resolve) => {
    const tls: TLSSocket & { secureConnecting?: boolean } = new TLSSocket(socket, {
      isServer: true,
      secureContext: terms.context,
      requestCert: terms.requestCertificate,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    keepVerificationErrors(tls)
    const timer = setTimeout(() => socket.destroy(), deadline)
    tls.on('error', () => socket.destroy())
    tls.once('close', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
    tls.once('secure', () => {
      clearTimeout(timer)
      // A `tls.Server` does this for its sockets; `node:http2` waits for it.
      tls.secureConnecting = false
      resolve(tls)
    })
  })
}

/** The client's certificates in the order sent, leaf first. Only the first call on a socket is complete. */
export function sentCertificates(tls: TLSSocket): Buffer[] {
  const ders: Buffer[] = []
  // On a server, `issuerCertificate` walks the list as it was sent, whoever issued what.
  for (let one = tls.getPeerX509Certificate(); one !== undefined; one = one.issuerCertificate)
    ders.push(one.raw)
  return ders
}
