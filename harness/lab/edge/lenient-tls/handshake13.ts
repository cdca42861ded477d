/**
 * A TLS 1.3 handshake as the server (RFC 8446 §2), honest in all but the holes it is given.
 * @module
 */
import { createHash, createHmac, randomBytes, sign } from 'node:crypto'
import { Cursor } from '../../../wire/bytes.ts'
import { type Channel, sealer13 } from '../../../wire/client/channel.ts'
import { certificate, chainOf } from '../../../wire/client/client-messages.ts'
import {
  contentType,
  extension,
  handshake,
  handshakeTypes,
  uint,
  vector,
} from '../../../wire/client/encode.ts'
import { groupCodes, type KeyShare, makeKeyShare } from '../../../wire/client/key-share.ts'
import { signedContent13 } from '../../../wire/client/sign.ts'
import { type ClientHello, readClientHello } from '../../../wire/client-hello.ts'
import { opener13 } from '../../../wire/decrypt.ts'
import { pick, readExtensions } from '../../../wire/extensions.ts'
import { hkdfExpandLabel, hkdfExtract } from '../../../wire/keys.ts'
import { type Suite, suiteCode, suite as suiteOf } from '../../../wire/suites.ts'
import { clientSchemes, type ProofRules } from './client-proof.ts'
import { alertCodes, FatalAlert, Flight } from './flight.ts'
import type { ServerSide } from './handshake.ts'
import { serverScheme, shareFor, suiteName13 } from './hello.ts'
import { afterCertificate, nothingAtAll, type Presented, readPresented } from './presented.ts'

const empty = Buffer.alloc(0)
const expand = ({ hash }: Suite, secret: Buffer, label: string, context: Buffer): Buffer =>
  hkdfExpandLabel(hash, secret, label, context, secret.length)

/** Runs the handshake. Throws FatalAlert, ClientLeft, and what the connection fails with. */
export async function serve13(channel: Channel, own: ServerSide, rules: ProofRules): Promise<Presented> {
  const flight = new Flight(channel)
  const suite = suiteOf(suiteCode(suiteName13))
  const body = await flight.expect(handshakeTypes.clientHello)
  const hello = readClientHello(body)
  const group = shareFor(hello)
  if (group === undefined || suite === undefined) throw new FatalAlert(alertCodes.handshakeFailure)
  const share = makeKeyShare(group)
  flight.send(serverHello(hello, share))
  if (hello.sessionId.length > 0) channel.send(contentType.changeCipherSpec, Buffer.from([1]))

  const nothing = createHash(suite.hash).digest()
  const zeros = Buffer.alloc(nothing.length)
  const early = hkdfExtract(suite.hash, zeros, zeros)
  const secret = hkdfExtract(
    suite.hash,
    expand(suite, early, 'derived', nothing),
    share.agree(peerShare(body, share)),
  )
  const client = expand(suite, secret, 'c hs traffic', flight.hash(suite))
  const server = expand(suite, secret, 's hs traffic', flight.hash(suite))
  channel.opener = opener13(suite, client)
  channel.sealer = sealer13(suite, server)
  flight.send(
    encryptedExtensions(hello),
    certificateRequest(own.caNames),
    certificate(chainOf(own.cert), empty, undefined),
  )
  flight.send(certificateVerify(flight.hash(suite), own.key))
  flight.send(handshake(handshakeTypes.finished, mac(suite, server, flight.hash(suite))))
  const master = hkdfExtract(suite.hash, expand(suite, secret, 'derived', nothing), zeros)
  const application = {
    client: expand(suite, master, 'c ap traffic', flight.hash(suite)),
    server: expand(suite, master, 's ap traffic', flight.hash(suite)),
  }
  channel.sealer = sealer13(suite, application.server)
  const presented = await clientFlight(flight, suite, client, rules)
  // Keys change with the client's Finished; what came before it was read under the old ones.
  channel.opener = opener13(suite, application.client)
  return presented
}

async function clientFlight(
  flight: Flight,
  suite: Suite,
  client: Buffer,
  rules: ProofRules,
): Promise<Presented> {
  // For show (RFC 8446 appendix D.4).
  const onChange = (): void => {}
  const first = await flight.next(onChange)
  const omitted = first.type === handshakeTypes.finished && rules.holes.omittedCertificate
  if (first.type !== handshakeTypes.certificate && !omitted)
    throw new FatalAlert(alertCodes.unexpectedMessage)
  if (omitted) flight.putBack(first)
  else flight.add(first)
  const presented = omitted ? nothingAtAll : readPresented(first.body, rules)
  const content = (): Buffer => signedContent13(flight.hash(suite))
  const next = await afterCertificate(flight, presented, content, rules, onChange)
  if (Buffer.isBuffer(next)) return { ...presented, early: next }
  if (next.type !== handshakeTypes.finished) throw new FatalAlert(alertCodes.unexpectedMessage)
  if (!next.body.equals(mac(suite, client, flight.hash(suite)))) throw new FatalAlert(alertCodes.decryptError)
  flight.add(next)
  return presented
}

/** The client's key for the group of ours. */
function peerShare(hello: Buffer, { group }: KeyShare): Buffer {
  const cursor = new Cursor(hello, 'ClientHello')
  cursor.take(34)
  cursor.vector(1)
  cursor.vector(2)
  cursor.vector(1)
  const shares = pick(readExtensions(cursor), 51, [], (one) =>
    one.within(2, 'key shares').all((list) => ({ group: list.uint(2), key: list.vector(2) })),
  )
  const found = shares?.find((one) => one.group === groupCodes[group])
  if (found === undefined) throw new FatalAlert(alertCodes.handshakeFailure)
  return found.key
}

const serverHello = (hello: ClientHello, { group, publicKey }: KeyShare): Buffer =>
  handshake(
    handshakeTypes.serverHello,
    uint(2, 0x0303),
    randomBytes(32),
    vector(1, hello.sessionId),
    uint(2, suiteCode(suiteName13)),
    uint(1, 0),
    vector(
      2,
      extension(43, uint(2, 0x0304)),
      extension(51, uint(2, groupCodes[group]), vector(2, publicKey)),
    ),
  )

const encryptedExtensions = ({ alpn }: ClientHello): Buffer =>
  handshake(
    8,
    vector(2, ...(alpn.length === 0 ? [] : [extension(16, vector(2, vector(1, Buffer.from('http/1.1'))))])),
  )

/** An empty context, the schemes, the names (RFC 8446 §4.3.2). */
function certificateRequest(caNames: readonly Buffer[]): Buffer {
  const schemes = extension(13, vector(2, ...clientSchemes('TLSv1.3').map((code) => uint(2, code))))
  const names = extension(47, vector(2, ...caNames.map((name) => vector(2, name))))
  return handshake(
    handshakeTypes.certificateRequest,
    vector(1),
    vector(2, schemes, ...(caNames.length === 0 ? [] : [names])),
  )
}

const certificateVerify = (hash: Buffer, key: string): Buffer =>
  handshake(
    handshakeTypes.certificateVerify,
    uint(2, serverScheme.code),
    vector(2, sign('sha256', signedContent13(hash, 'server'), key)),
  )

const mac = (suite: Suite, secret: Buffer, hash: Buffer): Buffer =>
  createHmac(suite.hash, expand(suite, secret, 'finished', empty))
    .update(hash)
    .digest()

/** A ticket that allows early data and resumes nothing: whoever offers it gets a full handshake. */
export const earlyDataTicket = (): Buffer =>
  handshake(
    handshakeTypes.newSessionTicket,
    uint(4, 7200),
    randomBytes(4),
    vector(1, Buffer.from([0])),
    vector(2, randomBytes(64)),
    vector(2, extension(42, uint(4, 16_384))),
  )
