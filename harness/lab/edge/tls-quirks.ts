/**
 * What Node does not let a server say about TLS, done below it.
 * @module
 */
import type { SecureContext, TLSSocket } from 'node:tls'

/**
 * No session tickets. SSL_OP_NO_TICKET would not do: in TLS 1.3 it makes tickets stateful, in TLS 1.2 it brings a session
 * id, and clients take both for sessions that nobody honours. A ticket key callback that answers 0 stops both: in TLS 1.3
 * nothing is sent, in TLS 1.2 an empty ticket (RFC 5077 §3.3). Node has that callback, undocumented; without it sessions
 * are sent.
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

/**
 * When two certificates that the client sent look like issuer and subject but the signature does not verify, OpenSSL leaves
 * an error in its queue although verification was told to go on. If the client's flight arrives in several reads, Node takes
 * that for a failed handshake and ends the connection, before the verdict could fall at HTTP. Errors of the handshake itself
 * come from the library "SSL routines"; a CertificateVerify that fails still never lets the handshake complete.
 */
export function keepVerificationErrors(tls: TLSSocket): void {
  const handle = (tls as { _handle?: { onerror?: (error: { library?: string }) => void } })._handle
  const report = handle?.onerror
  if (handle === undefined || report === undefined) return
  handle.onerror = function onerror(error) {
    if (error.library === undefined || error.library === 'SSL routines') report.call(this, error)
  }
}
