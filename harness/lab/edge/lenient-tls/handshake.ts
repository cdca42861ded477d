/**
 * A TLS 1.2 handshake as the server, honest in all but the holes it is given.
 * @module
 */
import { randomBytes, sign } from 'node:crypto'
import { Cursor } from '../../../wire/bytes.ts'
import { type Channel, sealer12 } from '../../../wire/client/channel.ts'
import { certificate, chainOf } from '../../../wire/client/client-messages.ts'
import { contentType, handshake, handshakeTypes, uint, vector } from '../../../wire/client/encode.ts'
import { groupCodes, type KeyShare, makeKeyShare } from '../../../wire/client/key-share.ts'
import { type ClientHello, readClientHello } from '../../../wire/client-hello.ts'
import { opener12 } from '../../../wire/decrypt.ts'
import { keyBlock, prf } from '../../../wire/keys.ts'
import { type Suite, suiteCode, suite as suiteOf } from '../../../wire/suites.ts'
import { clientSchemes, type ProofRules } from './client-proof.ts'
import { alertCodes, FatalAlert, Flight } from './flight.ts'
import { groupFor, serverHello, serverScheme, suiteName } from './hello.ts'
import { afterCertificate, nothingAtAll, type Presented, readPresented } from './presented.ts'

/** TLS 1.3 is spoken as well (RFC 8446 §4.1.3): the end of the random. */
const couldDoBetter = Buffer.from('444f574e47524401', 'hex')

/** Who the server is and whom it asks for. */
export interface ServerSide {
  cert: string
  key: string
  /** DER of the CA names for the CertificateRequest. */
  caNames: readonly Buffer[]
  /** Hashes of the proofs that were good before, for the hole about replays. */
  seenProofs: Set<string>
}

/** Runs the handshake. Throws FatalAlert, ClientLeft, and what the connection fails with. */
export async function serve12(channel: Channel, own: ServerSide, rules: ProofRules): Promise<Presented> {
  const flight = new Flight(channel)
  const suite = suiteOf(suiteCode(suiteName))
  const hello = readClientHello(await flight.expect(handshakeTypes.clientHello))
  const group = groupFor(hello)
  if (group === undefined || suite === undefined) throw new FatalAlert(alertCodes.handshakeFailure)
  const share = makeKeyShare(group)
  const random = Buffer.concat([randomBytes(24), couldDoBetter])
  flight.send(
    serverHello(hello, random),
    certificate(chainOf(own.cert), undefined, undefined),
    keyExchange(share, Buffer.concat([hello.random, random]), own.key),
    certificateRequest(own.caNames),
    handshake(handshakeTypes.serverHelloDone),
  )
  const presented = await certificateOf(flight, rules)
  const exchange = new Cursor(await flight.expect(handshakeTypes.clientKeyExchange), 'ClientKeyExchange')
  const shared = share.agree(exchange.vector(1))
  const secrets = { hello, random, suite, master: master(flight, suite, hello, random, shared) }
  return { ...presented, ...(await finish(flight, presented, secrets, rules)) }
}

/** The client's Certificate; where a hole allows it, nothing, and ClientKeyExchange comes next. */
async function certificateOf(flight: Flight, rules: ProofRules): Promise<Presented> {
  const next = await flight.next()
  if (next.type === handshakeTypes.clientKeyExchange && rules.holes.omittedCertificate) {
    flight.putBack(next)
    return nothingAtAll
  }
  if (next.type !== handshakeTypes.certificate) throw new FatalAlert(alertCodes.unexpectedMessage)
  flight.add(next)
  return readPresented(next.body, rules)
}

function master(
  flight: Flight,
  suite: Suite,
  { random: theirs, extensions }: ClientHello,
  ours: Buffer,
  shared: Buffer,
): Buffer {
  return extensions.includes('extended_master_secret')
    ? prf(suite.hash, shared, 'extended master secret', flight.hash(suite), 48)
    : prf(suite.hash, shared, 'master secret', Buffer.concat([theirs, ours]), 48)
}

interface Secrets {
  hello: ClientHello
  random: Buffer
  suite: Suite
  master: Buffer
}

async function finish(
  flight: Flight,
  presented: Presented,
  { hello, random, suite, master: secret }: Secrets,
  rules: ProofRules,
): Promise<{ early?: Buffer }> {
  const { channel } = flight
  const keys = keyBlock(suite, secret, hello.random, random)
  let changed = false
  const onChange = (): void => {
    if (changed) throw new FatalAlert(alertCodes.unexpectedMessage)
    changed = true
    channel.opener = opener12(suite, keys.client, false)
  }
  const next = await afterCertificate(flight, presented, () => flight.messages, rules, onChange)
  const finished = (label: string): Buffer => prf(suite.hash, secret, label, flight.hash(suite), 12)
  if (!changed) throw new FatalAlert(alertCodes.unexpectedMessage)
  if (!Buffer.isBuffer(next)) {
    if (next.type !== handshakeTypes.finished) throw new FatalAlert(alertCodes.unexpectedMessage)
    if (!next.body.equals(finished('client finished'))) throw new FatalAlert(alertCodes.decryptError)
    flight.add(next)
  }
  channel.send(contentType.changeCipherSpec, Buffer.from([1]))
  channel.sealer = sealer12(suite, keys.server)
  flight.send(handshake(handshakeTypes.finished, finished('server finished')))
  return Buffer.isBuffer(next) ? { early: next } : {}
}

function keyExchange(share: KeyShare, randoms: Buffer, key: string): Buffer {
  const parameters = Buffer.concat([uint(1, 3), uint(2, groupCodes[share.group]), vector(1, share.publicKey)])
  const signature = sign('sha256', Buffer.concat([randoms, parameters]), key)
  return handshake(
    handshakeTypes.serverKeyExchange,
    parameters,
    uint(2, serverScheme.code),
    vector(2, signature),
  )
}

/** rsa_sign and ecdsa_sign; the schemes; the names (RFC 5246 §7.4.4). */
const certificateRequest = (caNames: readonly Buffer[]): Buffer =>
  handshake(
    handshakeTypes.certificateRequest,
    vector(1, uint(1, 1), uint(1, 64)),
    vector(2, ...clientSchemes('TLSv1.2').map((code) => uint(2, code))),
    vector(2, ...caNames.map((name) => vector(2, name))),
  )
