/**
 * The client's flight behind the server's, as far as both versions have it in common: Certificate, CertificateVerify,
 * Finished or what a hole lets come in their place.
 * @module
 */
import { Cursor } from '../../../wire/bytes.ts'
import { handshakeTypes } from '../../../wire/client/encode.ts'
import { checkProof, type ProofRules } from './client-proof.ts'
import { alertCodes, FatalAlert, type Flight, type Received } from './flight.ts'

/** What the client presented. */
export interface Presented {
  /** DER in the order sent, empty entries left out. */
  certificates: Buffer[]
  /** A hole has been used that makes it count as verified, whatever the certificates. */
  taken: boolean
  /** Application data that came before Finished (a hole). */
  early?: Buffer
}

/** Nothing was sent although it was asked for (a hole). */
export const nothingAtAll: Presented = { certificates: [], taken: true }

/** Bytes of a Certificate message that OpenSSL reads (SSL_MAX_CERT_LIST_DEFAULT). */
const mostCertificates = 100 * 1024

/** Reads a Certificate message. Throws FatalAlert, and WireError where it breaks its syntax. */
export function readPresented(body: Buffer, { version, holes }: ProofRules): Presented {
  const is13 = version === 'TLSv1.3'
  if (body.length > mostCertificates && !holes.oversized) throw new FatalAlert(alertCodes.illegalParameter)
  const cursor = new Cursor(body, 'Certificate')
  if (is13) cursor.vector(1)
  const entries = cursor.within(3, 'certificate list').all((list) => {
    const der = list.vector(3)
    if (is13) list.vector(2)
    return der
  })
  if (!holes.trailingBytes) cursor.end()
  const certificates = entries.filter((entry) => entry.length > 0)
  const hasEmpty = certificates.length < entries.length
  if (hasEmpty && !holes.emptyEntry) throw new FatalAlert(alertCodes.decodeError)
  return { certificates, taken: hasEmpty }
}

/** What is there behind Certificate (and ClientKeyExchange): Finished, with the proof before it checked and taken in. */
export async function afterCertificate(
  flight: Flight,
  presented: Presented,
  content: () => Buffer,
  rules: ProofRules,
  onChange: () => void,
): Promise<Received | Buffer> {
  const { certificates, taken } = presented
  const [leaf] = certificates
  const next = await flight.nextOrData(onChange)
  if (Buffer.isBuffer(next)) return earlyData(next, rules)
  if (next.type === handshakeTypes.certificateVerify) {
    if (leaf === undefined && !taken) throw new FatalAlert(alertCodes.unexpectedMessage)
    // Where an empty entry has been used there is no telling whose the signature would be.
    if (leaf !== undefined && !taken) checkProof(next.body, leaf, content(), rules)
    flight.add(next)
    const last = await flight.nextOrData(onChange)
    return Buffer.isBuffer(last) ? earlyData(last, rules) : last
  }
  if (leaf !== undefined && !taken && !rules.holes.omittedProof)
    throw new FatalAlert(alertCodes.unexpectedMessage)
  return next
}

function earlyData(data: Buffer, { holes }: ProofRules): Buffer {
  if (!holes.servedEarly) throw new FatalAlert(alertCodes.unexpectedMessage)
  return data
}
