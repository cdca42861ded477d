/**
 * From the key log to keys: which secret opens which part of a connection, and what is said where it is missing.
 * @module
 */
import type { ClientHello } from './client-hello.ts'
import { type Opener, opener12, opener13 } from './decrypt.ts'
import type { KeyLog } from './keylog.ts'
import { keyBlock } from './keys.ts'
import type { Lane, Stage } from './lane.ts'
import type { ServerHello } from './server-hello.ts'
import { isSuite13, suite, suiteName } from './suites.ts'
import type { Direction } from './types.ts'

interface Epoch {
  stage: Stage
  opener: Opener
}

/** The keys of a TLS 1.2 handshake for one direction, or why there are none. */
export function sessionEpoch(
  secrets: KeyLog,
  client: ClientHello,
  server: ServerHello,
  from: Direction,
): Epoch | string {
  if (server.version !== 'TLSv1.2') return `records of ${server.version} are not opened`
  const chosen = suite(server.suite)
  if (chosen === undefined || isSuite13(server.suite)) {
    return `records of ${suiteName(server.suite)} are not opened in TLSv1.2`
  }
  if (server.compression !== 0) return 'compressed records are not opened'
  const master = secrets.secret('CLIENT_RANDOM', client.random.toString('hex'))
  if (master === undefined) return 'no secret for this connection in the key log (CLIENT_RANDOM)'
  const keys = keyBlock(chosen, master, client.random, server.random)
  return { stage: 'session', opener: opener12(chosen, keys[from], server.encryptThenMac) }
}

const labels = {
  client: ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_TRAFFIC_SECRET_0'],
  server: ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0'],
} as const

/** Gives a lane the TLS 1.3 keys of its direction, as far as the key log has them. */
export function setTrafficSecrets(
  secrets: KeyLog,
  client: ClientHello,
  server: ServerHello,
  lane: Lane,
): void {
  const chosen = suite(server.suite)
  if (chosen === undefined || !isSuite13(server.suite)) {
    lane.missing = `records of ${suiteName(server.suite)} are not opened in TLSv1.3`
    return
  }
  const random = client.random.toString('hex')
  const [handshakeLabel, applicationLabel] = labels[lane.from]
  const handshake = secrets.secret(handshakeLabel, random)
  const application = secrets.secret(applicationLabel, random)
  if (handshake !== undefined) lane.addStage('handshake', chosen, handshake)
  if (application !== undefined) lane.addStage('application', chosen, application)
  if (handshake === undefined)
    lane.missing = `no secret for this connection in the key log (${handshakeLabel})`
}

// Hash length tells SHA-384 from SHA-256 suites; authentication does the rest.
const earlySuites: Readonly<Record<number, number[]>> = { 32: [0x1301, 0x1303, 0x1304, 0x1305], 48: [0x1302] }

/** Keys of early data. The suite is that of the resumed session, which is not on the wire: all that fit are tried. */
export function earlyEpochs(secrets: KeyLog, client: ClientHello): Epoch[] {
  const secret = secrets.secret('CLIENT_EARLY_TRAFFIC_SECRET', client.random.toString('hex'))
  if (secret === undefined) return []
  return (earlySuites[secret.length] ?? []).flatMap((code) => {
    const candidate = suite(code)
    return candidate === undefined ? [] : [{ stage: 'early' as const, opener: opener13(candidate, secret) }]
  })
}
