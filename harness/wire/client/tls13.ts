/**
 * The TLS 1.3 handshake of a scripted client (RFC 8446 §2).
 * @module
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { Cursor } from '../bytes.ts'
import { readCertificateRequest } from '../certificate-messages.ts'
import { opener13 } from '../decrypt.ts'
import { type Extension, pick, readExtensions } from '../extensions.ts'
import { hkdfExpandLabel, hkdfExtract, nextTrafficSecret } from '../keys.ts'
import { readServerHello, type ServerHello } from '../server-hello.ts'
import { type Suite, suite as suiteOf } from '../suites.ts'
import { ScriptError, sealer13 } from './channel.ts'
import { certificate, chainOf, clientHello } from './client-messages.ts'
import { contentType, handshake, handshakeTypes } from './encode.ts'
import { groupCodes, type KeyShare, makeKeyShare } from './key-share.ts'
import type { Session } from './session.ts'
import { certificateVerify, signedContent13 } from './sign.ts'
import { suites13 } from './types.ts'

/** Runs the handshake up to our Finished; returns what reads post-handshake messages. */
export async function handshake13(session: Session): Promise<(type: number, body: Buffer) => void> {
  const { script, channel } = session
  const random = randomBytes(32)
  const shares = (script.groups ?? ['x25519', 'secp256r1']).map(makeKeyShare)
  const { suite, shared } = await hellos(session, random, shares)

  const expand = (secret: Buffer, label: string, context: Buffer): Buffer =>
    hkdfExpandLabel(suite.hash, secret, label, context, secret.length)
  const nothing = createHash(suite.hash).digest()
  const zeros = Buffer.alloc(nothing.length)
  const early = hkdfExtract(suite.hash, zeros, zeros)
  const handshakeSecret = hkdfExtract(suite.hash, expand(early, 'derived', nothing), shared)
  const client = expand(handshakeSecret, 'c hs traffic', session.hash(suite))
  const server = expand(handshakeSecret, 's hs traffic', session.hash(suite))
  session.log('CLIENT_HANDSHAKE_TRAFFIC_SECRET', random, client)
  session.log('SERVER_HANDSHAKE_TRAFFIC_SECRET', random, server)
  channel.opener = opener13(suite, server)

  const request = await serverFlight(session, suite, server)
  const master = hkdfExtract(suite.hash, expand(handshakeSecret, 'derived', nothing), zeros)
  const clientApplication = expand(master, 'c ap traffic', session.hash(suite))
  const serverApplication = expand(master, 's ap traffic', session.hash(suite))
  session.log('CLIENT_TRAFFIC_SECRET_0', random, clientApplication)
  session.log('SERVER_TRAFFIC_SECRET_0', random, serverApplication)
  channel.opener = opener13(suite, serverApplication)

  channel.send(contentType.changeCipherSpec, Buffer.from([1]))
  channel.sealer = sealer13(suite, client)
  if (request !== undefined) session.send(...authentication(session, suite, request))
  if (script.mutate?.finished === 'data-instead') {
    channel.send(contentType.applicationData, script.request)
    return () => {}
  }
  session.send(handshake(handshakeTypes.finished, finishedMac(suite, client, session.hash(suite))))
  channel.sealer = sealer13(suite, clientApplication)
  session.complete = true
  return updater(session, suite, serverApplication, clientApplication)
}

/** ClientHello to ServerHello, with one HelloRetryRequest between them at most (RFC 8446 §4.1.4). */
async function hellos(
  session: Session,
  random: Buffer,
  shares: KeyShare[],
): Promise<{ suite: Suite; shared: Buffer }> {
  const { script } = session
  const sessionId = randomBytes(32)
  const write = (sent: KeyShare[], cookie?: Buffer): Buffer =>
    clientHello(script, random, script.cipherSuites ?? suites13, shares, sessionId, {
      sent,
      ...(cookie === undefined ? {} : { cookie }),
    })
  const first = script.hello?.keyShares
  session.sendHello(write(first === undefined ? shares : shares.filter(({ group }) => first.includes(group))))
  const answer = await serverHello(session)
  if (!answer.hello.retry) return agreed(answer, shares)
  session.channel.send(contentType.changeCipherSpec, Buffer.from([1]))
  const { group, cookie } = readRetry(answer.extensions)
  const wanted = shares.filter((share) => groupCodes[share.group] === group)
  if (wanted.length === 0) throw new ScriptError('HelloRetryRequest for a group that was not offered')
  session.sendHello(write(wanted, cookie))
  const second = await serverHello(session)
  if (second.hello.retry) throw new ScriptError('a second HelloRetryRequest')
  return agreed(second, wanted)
}

interface Answer {
  hello: ServerHello
  suite: Suite
  extensions: Extension[]
}

async function serverHello(session: Session): Promise<Answer> {
  const { type, body, raw } = await session.handshake()
  if (type !== handshakeTypes.serverHello) throw new ScriptError(`message ${type} in place of ServerHello`)
  const hello = readServerHello(body)
  if (hello.version !== 'TLSv1.3') throw new ScriptError(`the server chose ${hello.version}`)
  const suite = suiteOf(hello.suite)
  if (suite === undefined) throw new ScriptError('a cipher suite that was not offered')
  if (hello.retry) session.retry(suite)
  session.add(raw)
  const cursor = new Cursor(body, 'ServerHello')
  cursor.take(34)
  cursor.vector(1)
  cursor.take(3)
  return { hello, suite, extensions: readExtensions(cursor) }
}

function readRetry(extensions: Extension[]): { group: number | undefined; cookie?: Buffer } {
  const cookie = pick(extensions, 44, [], (one) => one.vector(2))
  const group = pick(extensions, 51, [], (one) => one.uint(2))
  return { group, ...(cookie === undefined ? {} : { cookie }) }
}

function agreed({ hello, suite, extensions }: Answer, shares: KeyShare[]): { suite: Suite; shared: Buffer } {
  const peer = pick(extensions, 51, hello.problems, (one) => ({ group: one.uint(2), key: one.vector(2) }))
  const share = shares.find((one) => groupCodes[one.group] === peer?.group)
  if (peer === undefined || share === undefined)
    throw new ScriptError('no key share of a group that was offered')
  return { suite, shared: share.agree(peer.key) }
}

interface Request {
  context: Buffer
  schemes: string[]
}

// EncryptedExtensions to Finished; the server's certificate is passed over.
async function serverFlight(session: Session, suite: Suite, secret: Buffer): Promise<Request | undefined> {
  let request: Request | undefined
  for (;;) {
    const { type, body, raw } = await session.handshake()
    if (type === handshakeTypes.finished) {
      if (!body.equals(finishedMac(suite, secret, session.hash(suite))))
        throw new ScriptError('a wrong Finished')
      session.add(raw)
      return request
    }
    session.add(raw)
    if (type === handshakeTypes.certificateRequest) {
      session.asked = true
      const context = new Cursor(body, 'CertificateRequest').vector(1)
      request = { context, schemes: readCertificateRequest(body, true, []).signatureAlgorithms }
    }
  }
}

function authentication(session: Session, suite: Suite, { context, schemes }: Request): Buffer[] {
  const { script, messages } = session
  const { identity, mutate = {} } = script
  if (mutate.certificate === 'omitted') return []
  const chain = identity === undefined ? [] : chainOf(identity.cert)
  const sent = certificate(chain, context, mutate.certificate)
  if (identity === undefined || mutate.certificateVerify === 'omitted') return [sent]
  const hash = createHash(suite.hash).update(messages).update(sent).digest()
  const by = mutate.certificateVerify === 'other-context' ? 'server' : 'client'
  const verify = certificateVerify(
    { key: identity.key, offered: schemes, is13: true },
    signedContent13(hash, by),
    mutate.certificateVerify,
  )
  if (verify === undefined) throw new ScriptError('the server accepts no signature scheme of this key')
  session.proof = verify
  return [sent, handshake(handshakeTypes.certificateVerify, verify)]
}

const finishedMac = (suite: Suite, secret: Buffer, hash: Buffer): Buffer => {
  const key = hkdfExpandLabel(suite.hash, secret, 'finished', Buffer.alloc(0), secret.length)
  return createHmac(suite.hash, key).update(hash).digest()
}

function updater(
  session: Session,
  suite: Suite,
  server: Buffer,
  client: Buffer,
): (type: number, body: Buffer) => void {
  const { channel } = session
  let [theirs, ours] = [server, client]
  return (type, body) => {
    if (type !== handshakeTypes.keyUpdate) return
    theirs = nextTrafficSecret(suite, theirs)
    channel.opener = opener13(suite, theirs)
    if (body[0] !== 1) return
    channel.send(contentType.handshake, handshake(handshakeTypes.keyUpdate, Buffer.from([0])))
    ours = nextTrafficSecret(suite, ours)
    channel.sealer = sealer13(suite, ours)
  }
}
