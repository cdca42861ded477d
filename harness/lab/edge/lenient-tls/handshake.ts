/**
 * A TLS 1.2 handshake as the server, with one deliberate hole: a Certificate message that holds an entry of length zero
 * is not turned away, and nothing further is asked of who sent it. In all else it is honest.
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
import { clientSchemes, provesKey, publicKeyOf } from './client-proof.ts'
import { alertCodes, FatalAlert, Flight, type Received } from './flight.ts'
import { groupFor, serverHello, serverScheme, suiteName } from './hello.ts'

/** Who the server is and whom it asks for. */
export interface ServerSide {
  cert: string
  key: string
  /** DER of the CA names for the CertificateRequest. */
  caNames: readonly Buffer[]
}

/** What the client presented. */
export interface Presented {
  /** DER in the order sent, empty entries left out. */
  certificates: Buffer[]
  /** An entry of length zero was among them: the hole. */
  emptyEntry: boolean
}

/** Runs the handshake. Throws FatalAlert, ClientLeft, and what the connection fails with. */
export async function serve(channel: Channel, own: ServerSide): Promise<Presented> {
  const flight = new Flight(channel)
  const suite = suiteOf(suiteCode(suiteName))
  const hello = readClientHello(await flight.expect(handshakeTypes.clientHello))
  const group = groupFor(hello)
  if (group === undefined || suite === undefined) throw new FatalAlert(alertCodes.handshakeFailure)
  const share = makeKeyShare(group)
  const random = randomBytes(32)
  flight.send(
    serverHello(hello, random),
    certificate(chainOf(own.cert), undefined, undefined),
    keyExchange(share, Buffer.concat([hello.random, random]), own.key),
    certificateRequest(own.caNames),
    handshake(handshakeTypes.serverHelloDone),
  )
  const presented = readPresented(await flight.expect(handshakeTypes.certificate))
  const exchange = new Cursor(await flight.expect(handshakeTypes.clientKeyExchange), 'ClientKeyExchange')
  const shared = share.agree(exchange.vector(1))
  await finish(flight, presented, {
    hello,
    random,
    suite,
    master: master(flight, suite, hello, random, shared),
  })
  return presented
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
): Promise<void> {
  const { channel } = flight
  const keys = keyBlock(suite, secret, hello.random, random)
  let changed = false
  const onChange = (): void => {
    if (changed) throw new FatalAlert(alertCodes.unexpectedMessage)
    changed = true
    channel.opener = opener12(suite, keys.client, false)
  }
  let next = await flight.next(onChange)
  if (next.type === handshakeTypes.certificateVerify && !changed) {
    checkProof(flight, presented, next)
    flight.add(next)
    next = await flight.next(onChange)
  } else if (presented.certificates.length > 0 && !presented.emptyEntry) {
    throw new FatalAlert(alertCodes.unexpectedMessage)
  }
  const finished = (label: string): Buffer => prf(suite.hash, secret, label, flight.hash(suite), 12)
  if (next.type !== handshakeTypes.finished || !changed) throw new FatalAlert(alertCodes.unexpectedMessage)
  if (!next.body.equals(finished('client finished'))) throw new FatalAlert(alertCodes.decryptError)
  flight.add(next)
  channel.send(contentType.changeCipherSpec, Buffer.from([1]))
  channel.sealer = sealer12(suite, keys.server)
  flight.send(handshake(handshakeTypes.finished, finished('server finished')))
}

/** The signature counts, unless the hole has been used: then there is no telling whose it would be. */
function checkProof(flight: Flight, { certificates, emptyEntry }: Presented, { body }: Received): void {
  if (emptyEntry) return
  const [leaf] = certificates
  if (leaf === undefined) throw new FatalAlert(alertCodes.unexpectedMessage)
  const key = publicKeyOf(leaf)
  if (key === undefined) throw new FatalAlert(alertCodes.badCertificate)
  if (!provesKey(body, key, flight.messages)) throw new FatalAlert(alertCodes.decryptError)
}

function readPresented(body: Buffer): Presented {
  const cursor = new Cursor(body, 'Certificate')
  const entries = cursor.within(3, 'certificate list').all((list) => list.vector(3))
  cursor.end()
  const certificates = entries.filter((entry) => entry.length > 0)
  return { certificates, emptyEntry: certificates.length < entries.length }
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
    vector(2, ...clientSchemes.map((code) => uint(2, code))),
    vector(2, ...caNames.map((name) => vector(2, name))),
  )
