/**
 * The strongest proof: k6's own connections, recorded by the tap and decrypted with the key log k6 writes
 * (`SSLKEYLOGFILE`). Names the certificate that crossed the wire. Used in the preflight; a key log costs too much in a
 * load, and must not lie about.
 * @module
 */

import { fingerprint } from '../../../harness/pki/certificate.ts'
import { certificatesIn } from '../../../harness/pki/pem.ts'
import { readTranscript } from '../../../harness/wire/transcript.ts'
import type { SendingProof } from '../../flood/types.ts'
import type { Recorded } from './tap.ts'

/** What the recorded connections show together. */
export interface DecryptedProof {
  proof: SendingProof
  /** CA names of the first CertificateRequest: DER in hex, and as text. */
  caNames: { der: string; text: string }[]
}

/**
 * Reads recorded connections.
 * @param cert PEM of the chain that should have been sent; undefined: none.
 * @param keylog the lines of the key log file.
 */
export function readProof(
  recorded: readonly Recorded[],
  cert: string | undefined,
  keylog: readonly string[],
): DecryptedProof {
  const [leaf] = cert === undefined ? [] : certificatesIn(cert)
  const wanted = leaf === undefined ? undefined : fingerprint(leaf)
  const proof: SendingProof = {
    by: 'preflight',
    connections: recorded.length,
    sent: 0,
    empty: 0,
    notAsked: 0,
    other: 0,
    unread: 0,
    limits:
      "a few of k6's own attempts before the load; shows what left this machine, not that the server read it",
  }
  let caNames: DecryptedProof['caNames'] = []
  for (const { chunks, closedBy } of recorded) {
    const transcript = readTranscript({ chunks, keylog, closedBy })
    const { certificateRequest, clientCertificates } = transcript
    if (certificateRequest !== undefined && caNames.length === 0) {
      caNames = certificateRequest.caNames.map(({ der, text }) => ({ der, text }))
    }
    const [first] = clientCertificates
    if (first === undefined) {
      // Only a handshake that came to its Finished shows that nobody asked.
      const finished = transcript.messages.some(({ from, name }) => from === 'client' && name === 'Finished')
      if (finished && certificateRequest === undefined) proof.notAsked += 1
      else proof.unread += 1
    } else if (first[0] === undefined) proof.empty += 1
    else if (first[0].fingerprint256 === wanted) proof.sent += 1
    else proof.other += 1
  }
  return { proof, caNames }
}
