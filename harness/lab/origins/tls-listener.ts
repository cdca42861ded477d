/**
 * The TLS port of an origin: one TLSSocket per connection under the settings of that moment.
 * @module
 */
import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { certificatesIn, toPem } from '../../pki/pem.ts'
import { readTrusted } from '../edge/certificate.ts'
import { decoyOf } from '../edge/decoy.ts'
import { sentCertificates } from '../edge/terminate.ts'
import { keepVerificationErrors, withoutTickets } from '../edge/tls-quirks.ts'
import type { CertificateAndKey } from '../material.ts'
import { type ClientCertificate, judgeClient, type Refusal, refusalReason } from './client-certificate.ts'
import { refuseHandshake, watchSecret } from './late-refusal.ts'
import type { OriginServerCertificates } from './material.ts'
import type { OriginSettings } from './settings.ts'

/** A connection whose handshake is done. */
export interface TlsArrival {
  client: ClientCertificate
  /** To be answered with 400 or 403 like nginx. */
  refusal: Refusal | undefined
  /** The settings it was received under. */
  settings: OriginSettings
}

/** What connections are received with; built once per change of the settings. */
export interface TlsTerms {
  readonly settings: OriginSettings
  /** A connection is taken from here on. */
  accept(socket: Socket, arrived: (tls: TLSSocket, arrival: TlsArrival) => void): void
}

const handshakeTime = 10_000
/** unknown_ca (RFC 8446 §6.2): what OpenSSL sends for most certificates it cannot verify. */
const unknownCa = 48

/** Terms for these settings. @throws Error when a trusted certificate cannot be read, or text holds none. */
export function createTlsTerms(
  settings: OriginSettings,
  certificates: OriginServerCertificates,
  now: () => number,
): TlsTerms {
  const { clientCertificates, trust, refusal, maxVersion } = settings
  const anchors = readTrusted(trust)
  if (anchors.length === 0 && trust.trim() !== '') throw new Error('trust holds no certificate')
  const asks = clientCertificates !== 'off'
  // Decoys: see `edge/decoy.ts`. They name the CAs in the CertificateRequest.
  const named = asks ? certificatesIn(trust).map((der) => decoyOf(toPem('CERTIFICATE', der))) : []
  const context: SecureContext = withoutTickets(
    createSecureContext({
      ...serverCertificate(settings, certificates),
      ca: named,
      minVersion: 'TLSv1.2',
      maxVersion,
    }),
  )
  const alerts = refusal === 'alert'
  return {
    settings,
    accept(socket, arrived) {
      const tls = new TLSSocket(socket, {
        isServer: true,
        secureContext: context,
        requestCert: asks,
        // OpenSSL itself refuses a client without certificate; about bad ones Node does not let it.
        rejectUnauthorized: alerts && clientCertificates === 'required',
        ALPNProtocols: ['http/1.1'],
      })
      keepVerificationErrors(tls)
      const secret = watchSecret(tls)
      const timer = setTimeout(() => socket.destroy(), handshakeTime)
      tls.on('error', () => socket.destroy())
      tls.once('close', () => clearTimeout(timer))
      tls.once('secure', () => {
        clearTimeout(timer)
        const client = judgeClient(asks ? sentCertificates(tls) : [], anchors, now())
        const reason = refusalReason(client, settings)
        // Whose certificate it is, servers ask at the request.
        if (reason !== undefined && reason !== 'other' && alerts)
          refuseHandshake(tls, socket, unknownCa, secret())
        else arrived(tls, { client, refusal: reason, settings })
      })
    },
  }
}

function serverCertificate(
  { serverCertificate: name }: OriginSettings,
  certificates: OriginServerCertificates,
): CertificateAndKey {
  switch (name) {
    case 'good':
      return certificates.good
    case 'self-signed':
      return certificates.selfSigned
    case 'expired':
      return certificates.expired
    case 'other-name':
      return certificates.otherName
  }
}

/** A listener that hands its connections to whatever terms hold when they come. */
export function createTlsListener(
  terms: () => TlsTerms,
  arrived: (tls: TLSSocket, arrival: TlsArrival) => void,
): { server: Server; closeConnections(): void } {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    terms().accept(socket, arrived)
  })
  return {
    server,
    closeConnections() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
