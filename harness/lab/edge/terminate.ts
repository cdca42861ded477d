/**
 * Ends TLS: one server-side TLSSocket per connection, made here and not by a `tls.Server`, because the context depends on
 * the whole ClientHello and because of {@link keepVerificationErrors}.
 * @module
 */
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'

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

/**
 * When two certificates that the client sent look like issuer and subject but the signature does not verify, OpenSSL leaves
 * an error in its queue although verification was told to go on. If the client's flight arrives in several reads, Node takes
 * that for a failed handshake and ends the connection, before the verdict could fall at HTTP. Errors of the handshake itself
 * come from the library "SSL routines"; a CertificateVerify that fails still never lets the handshake complete.
 */
function keepVerificationErrors(tls: TLSSocket): void {
  const handle = (tls as { _handle?: { onerror?: (error: { library?: string }) => void } })._handle
  const report = handle?.onerror
  if (handle === undefined || report === undefined) return
  handle.onerror = function onerror(error) {
    if (error.library !== undefined && error.library !== 'SSL routines') return
    report.call(this, error)
  }
}
