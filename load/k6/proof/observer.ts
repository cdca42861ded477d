/**
 * The server's own count of certificates: the only proof that it read them. From a log that holds the fingerprint of each
 * client certificate, for example
 *
 *     nginx    log_format seen '$ssl_client_verify $ssl_client_fingerprint';   (a request must have come through: style B)
 *     HAProxy  log-format "%[ssl_c_sha1,hex]"
 *
 * Where the handshake is refused, most servers log no fingerprint: then there is nothing to count, and the tap's proof stands.
 * @module
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fingerprint } from '../../../harness/pki/certificate.ts'
import { certificatesIn } from '../../../harness/pki/pem.ts'

/** Something that can say what the server saw. */
export interface Observer {
  /** For people: which log, and what it proves. */
  what: string
  /** Certificates of a profile that the server saw since it began; undefined: it cannot tell for this one. */
  sent(profile: string): Promise<number | undefined>
}

/**
 * Counts the lines of a log that name a certificate by SHA-1 or SHA-256, in any case, with or without colons. A log that
 * is not there has no lines.
 * @param identities the certificates, PEM, by profile.
 */
export function logObserver(file: string, identities: ReadonlyMap<string, { cert: string }>): Observer {
  const marks = new Map<string, string[]>()
  for (const [profile, { cert }] of identities) {
    const [leaf] = certificatesIn(cert)
    if (leaf !== undefined) marks.set(profile, [fingerprint(leaf), fingerprint(leaf, 'sha1')].map(plain))
  }
  return {
    what: `lines of ${file} with the fingerprint of the certificate: the server read it`,
    async sent(profile) {
      const wanted = marks.get(profile)
      if (wanted === undefined) return undefined
      let count = 0
      try {
        for await (const line of createInterface({ input: createReadStream(file) })) {
          const text = plain(line)
          if (wanted.some((mark) => text.includes(mark))) count += 1
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
      return count
    },
  }
}

const plain = (text: string): string => text.replaceAll(':', '').toLowerCase()
