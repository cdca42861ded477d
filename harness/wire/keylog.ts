/**
 * NSS key log lines, as Node's `keylog` event and `SSLKEYLOGFILE` give them (draft-ietf-tls-keylogfile).
 * @module
 */

/** Labels this reader uses. */
export type SecretLabel =
  | 'CLIENT_RANDOM'
  | 'CLIENT_EARLY_TRAFFIC_SECRET'
  | 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'
  | 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
  | 'CLIENT_TRAFFIC_SECRET_0'
  | 'SERVER_TRAFFIC_SECRET_0'

/** Secrets of one or more connections. Never print one. */
export interface KeyLog {
  /** The secret of the handshake with this client random (hex), if the log has it. */
  secret: (label: SecretLabel, clientRandom: string) => Buffer | undefined
  /** Secrets read. */
  size: number
  /** Lines that are neither empty, nor a comment, nor a secret. Their text is not kept. */
  malformed: number
}

// The middle field is the client random, but for old labels such as `RSA` (RSA key exchange).
const form = /^([A-Z][A-Z0-9_]*) ([0-9a-f]{16,64}) ((?:[0-9a-f]{2}){16,64})$/i

/** Reads key log lines; each entry may hold several. Unknown labels are kept and harm nothing. */
export function parseKeyLog(lines: readonly (string | Buffer)[]): KeyLog {
  const secrets = new Map<string, Buffer>()
  let malformed = 0
  for (const entry of lines) {
    for (const line of entry.toString('latin1').split(/\r?\n/)) {
      const text = line.trim()
      if (text === '' || text.startsWith('#')) continue
      const [, label, random, secret] = form.exec(text) ?? []
      if (label === undefined || random === undefined || secret === undefined) malformed++
      else secrets.set(`${label} ${random.toLowerCase()}`, Buffer.from(secret, 'hex'))
    }
  }
  return {
    secret: (label, clientRandom) => secrets.get(`${label} ${clientRandom}`),
    size: secrets.size,
    malformed,
  }
}
