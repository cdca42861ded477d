/**
 * The TLS 1.2 handshake of a scripted client: ECDHE, full handshake (RFC 5246 §7.3, RFC 8422, RFC 7627).
 * @module
 */
import { randomBytes } from 'node:crypto'
import { Cursor } from '../bytes.ts'
import { readCertificateRequest } from '../certificate-messages.ts'
import { opener12 } from '../decrypt.ts'
import { keyBlock, prf } from '../keys.ts'
import { readServerHello, type ServerHello } from '../server-hello.ts'
import { type Suite, suite as suiteOf } from '../suites.ts'
import { ScriptError, sealer12 } from './channel.ts'
import { certificate, chainOf, clientHello } from './client-messages.ts'
import { contentType, handshake, handshakeTypes, vector } from './encode.ts'
import { groupCodes, type KeyShare, makeKeyShare } from './key-share.ts'
import type { Session } from './session.ts'
import { certificateVerify } from './sign.ts'
import { suites12 } from './types.ts'

interface ServerFlight {
  hello: ServerHello
  suite: Suite
  share: KeyShare
  shared: Buffer
  /** Signature schemes of the CertificateRequest. */
  request: string[] | undefined
}

/** Runs the whole handshake. */
export async function handshake12(session: Session): Promise<() => void> {
  const { script, channel } = session
  const random = randomBytes(32)
  const shares = (script.groups ?? ['x25519', 'secp256r1']).map(makeKeyShare)
  session.sendHello(clientHello(script, random, script.cipherSuites ?? suites12, shares, Buffer.alloc(0)))
  const flight = await serverFlight(session, shares)
  const { hello, suite } = flight

  if (flight.request !== undefined && script.mutate?.certificate !== 'omitted')
    session.send(ownCertificate(session))
  session.send(handshake(handshakeTypes.clientKeyExchange, vector(1, flight.share.publicKey)))
  const master = hello.extendedMasterSecret
    ? prf(suite.hash, flight.shared, 'extended master secret', session.hash(suite), 48)
    : prf(suite.hash, flight.shared, 'master secret', Buffer.concat([random, hello.random]), 48)
  session.log('CLIENT_RANDOM', random, master)
  if (flight.request !== undefined) proveKey(session, flight.request)

  const keys = keyBlock(suite, master, random, hello.random)
  const finished = (label: string): Buffer => prf(suite.hash, master, label, session.hash(suite), 12)
  channel.send(contentType.changeCipherSpec, Buffer.from([1]))
  channel.sealer = sealer12(suite, keys.client)
  if (script.mutate?.finished === 'data-instead') {
    channel.send(contentType.applicationData, script.request)
    // An honest server sends an alert here, which is thrown.
    while ((await session.incoming()).kind !== 'change-cipher-spec');
    channel.opener = opener12(suite, keys.server, false)
    return () => {}
  }
  session.send(handshake(handshakeTypes.finished, finished('client finished')))
  await serverFinished(
    session,
    () => finished('server finished'),
    () => {
      channel.opener = opener12(suite, keys.server, false)
    },
  )
  session.complete = true
  // HelloRequest may be ignored (RFC 5246 §7.4.1.1).
  return () => {}
}

async function serverFlight(session: Session, shares: KeyShare[]): Promise<ServerFlight> {
  let hello: ServerHello | undefined
  let exchange: { share: KeyShare; shared: Buffer } | undefined
  let request: string[] | undefined
  for (;;) {
    const { type, body, raw } = await session.handshake()
    session.add(raw)
    if (type === handshakeTypes.serverHello) hello = readServerHello(body)
    if (type === handshakeTypes.serverKeyExchange) exchange = agree(body, shares)
    if (type === handshakeTypes.certificateRequest) {
      session.asked = true
      request = readCertificateRequest(body, false, []).signatureAlgorithms
    }
    if (type === handshakeTypes.serverHelloDone) break
  }
  if (hello?.version !== 'TLSv1.2') throw new ScriptError(`the server chose ${hello?.version ?? 'nothing'}`)
  const suite = suiteOf(hello.suite)
  if (suite === undefined || exchange === undefined) throw new ScriptError('no key exchange that was offered')
  return { hello, suite, request, ...exchange }
}

// The signature over the parameters is passed over: this client trusts nobody.
function agree(body: Buffer, shares: KeyShare[]): { share: KeyShare; shared: Buffer } {
  const cursor = new Cursor(body, 'ServerKeyExchange')
  const named = cursor.uint(1) === 3
  const code = cursor.uint(2)
  const share = shares.find((one) => groupCodes[one.group] === code)
  if (!named || share === undefined) throw new ScriptError('a group that was not offered')
  return { share, shared: share.agree(cursor.vector(1)) }
}

function ownCertificate({ script }: Session): Buffer {
  const chain = script.identity === undefined ? [] : chainOf(script.identity.cert)
  return certificate(chain, undefined, script.mutate?.certificate)
}

function proveKey(session: Session, schemes: string[]): void {
  const { identity, mutate } = session.script
  if (identity === undefined || mutate?.certificateVerify === 'omitted') return
  if (mutate?.certificate === 'omitted') return
  const verify = certificateVerify(
    { key: identity.key, offered: schemes, is13: false },
    mutate?.certificateVerify === 'other-context' ? session.messagesButLast : session.messages,
    mutate?.certificateVerify,
  )
  session.proof = verify
  if (verify === undefined) throw new ScriptError('the server accepts no signature scheme of this key')
  session.send(handshake(handshakeTypes.certificateVerify, verify))
}

async function serverFinished(session: Session, expected: () => Buffer, onChange: () => void): Promise<void> {
  for (;;) {
    const { type, body, raw } = await session.handshake(onChange)
    if (type === handshakeTypes.finished) {
      if (!body.equals(expected())) throw new ScriptError('a wrong Finished')
      return
    }
    session.add(raw) // NewSessionTicket
  }
}
