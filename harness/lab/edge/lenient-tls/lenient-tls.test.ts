import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { GoodId, Mint } from '../../../pki/mint.ts'
import type { DefectId, Identity } from '../../../pki/types.ts'
import { clientHello } from '../../../wire/client/client-messages.ts'
import { contentType, handshake, handshakeTypes, uint, vector } from '../../../wire/client/encode.ts'
import { makeKeyShare } from '../../../wire/client/key-share.ts'
import type { Mutation } from '../../../wire/client/types.ts'
import { forwardedHeaders, partner, primary } from '../../hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../../lab.ts'
import { certificateRequest } from '../../testing/certificate-request.ts'
import { inWords, originSaw, send } from '../../testing/client.ts'
import { mintFor } from '../../testing/mint.ts'
import { scripted } from '../../testing/scripted.ts'
import { suiteName } from './hello.ts'

let material: LabMaterial
let healthy: Lab
let faulty: Lab
let mint: Mint

before(async () => {
  material = await createLabMaterial()
  mint = mintFor(material)
  healthy = await startLab({ material })
  faulty = await startLab({ material, faults: ['edge.accepts-empty-certificate-entry'] })
})
after(() => Promise.all([healthy.close(), faulty.close()]))

const version = 'TLSv1.2'
const as = (id: GoodId | DefectId): Promise<Identity> => mint.get(id)

/** The suite that a lab chooses of those that OpenSSL offers; the lenient server knows the second alone. */
async function suiteOf({ edge }: Lab): Promise<string> {
  const { host, port } = edge
  const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256'
  const socket = connectTls({
    host,
    port,
    ciphers,
    servername: primary.hostname,
    rejectUnauthorized: false,
    maxVersion: version,
  })
  await once(socket, 'secureConnect')
  const { standardName } = socket.getCipher()
  socket.destroy()
  return standardName
}

test('the lenient server is the one that answers OpenSSL, and asks for the same CAs', async () => {
  assert.equal(await suiteOf(healthy), 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')
  assert.equal(await suiteOf(faulty), 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256')
  for (const lab of [healthy, faulty]) {
    assert.equal(await certificateRequest(lab, primary.hostname, 'tls1_2'), '1 names')
    assert.equal(await certificateRequest(lab, primary.hostname, 'tls1_3'), '1 names')
  }
})

test('an honest valid client of OpenSSL is let in, with its identity', async () => {
  const identity = await as('valid')
  const seen = await send(faulty, { version, identity })
  assert.equal(inWords(seen), '200 valid')
  assert.equal(seen.protocol, version)
  assert.deepEqual(originSaw(seen, forwardedHeaders.fingerprint), [identity.fingerprint256])
})

test('several requests and a long body on one connection', async () => {
  const identity = await as('valid')
  assert.equal(inWords(await send(faulty, { version, identity, times: 3 })), '200 valid')
  const body = Buffer.alloc(100_000, 'x')
  assert.equal(inWords(await send(faulty, { version, identity, method: 'POST', body })), '200 valid')
})

for (const [what, id] of [
  ['no certificate', undefined],
  ['a self-signed one', 'self-signed'],
  ['one of an unknown CA', 'unknown-ca'],
  ['an expired one', 'expired-day'],
  ['one with a broken signature', 'signature-tampered'],
  ['a weak RSA one', 'rsa-1024'],
] as const) {
  test(`${what}: refused as by the normal edge`, async () => {
    const sent = { version, ...(id === undefined ? {} : { identity: await as(id) }) } as const
    const [expected, seen] = [await send(healthy, sent), await send(faulty, sent)]
    assert.equal(seen.status, 403)
    assert.equal(seen.body, primary.mtls.refusal.body.toString())
    assert.deepEqual([seen.status, seen.body], [expected.status, expected.body])
  })
}

test('TLS 1.3, HTTP/2 and other hosts are left to the normal edge', async () => {
  const identity = await as('valid')
  assert.equal(inWords(await send(faulty, { version: 'TLSv1.3', identity })), '200 valid')
  assert.equal(inWords(await send(faulty, { version, http: 2, identity })), '200 valid')
  assert.equal(inWords(await send(faulty, { version, to: partner.hostname })), '403')
})

test('the scripted client, honest, in both groups: let in with a certificate, refused without', async () => {
  const identity = await as('valid')
  for (const group of ['x25519', 'secp256r1'] as const) {
    const groups = [group]
    assert.equal(await scripted(faulty, { version, identity, groups }), '200')
    assert.equal(await scripted(faulty, { version, groups }), '403')
  }
})

test('a certificate without its key is refused', async () => {
  const identity = await as('valid')
  for (const [certificateVerify, alert] of [
    ['omitted', 10],
    ['other-key', 51],
    ['bit-flipped', 51],
  ] as const) {
    const seen = await scripted(faulty, { version, identity, mutate: { certificateVerify } })
    assert.equal(seen, `the server sent alert ${alert}`)
  }
})

test('an empty entry: refused by the healthy edge, let in by the faulty one in TLS 1.2 only', async () => {
  const selfSigned = await as('self-signed')
  for (const [certificate, identity] of [
    ['empty-entry', undefined],
    ['empty-entry-then-chain', selfSigned],
    ['chain-then-empty-entry', selfSigned],
  ] as const) {
    const script = { mutate: { certificate }, ...(identity === undefined ? {} : { identity }) }
    assert.match(await scripted(healthy, { ...script, version }), /alert 50/)
    assert.equal(await scripted(faulty, { ...script, version }), '200')
    assert.match(await scripted(faulty, { ...script, version: 'TLSv1.3' }), /alert 50/)
  }
})

test('what is no handshake behind the ClientHello draws a fatal alert, and harms nobody else', async () => {
  const script = {
    host: '',
    port: 0,
    version,
    serverName: primary.hostname,
    request: Buffer.alloc(0),
  } as const
  const shares = [makeKeyShare('x25519')]
  const hello = clientHello(script, Buffer.alloc(32), [suiteName], shares, Buffer.alloc(0))
  const record = (type: number, bytes: Buffer): Buffer =>
    Buffer.concat([uint(1, type), uint(2, 0x0303), vector(2, bytes)])
  for (const [behind, code] of [
    [record(contentType.applicationData, Buffer.from('GET /')), 10],
    [record(contentType.handshake, handshake(handshakeTypes.finished, Buffer.alloc(12))), 10],
    [record(contentType.handshake, handshake(handshakeTypes.certificate, Buffer.from([0, 0, 9]))), 50],
    [Buffer.from('GET / HTTP/1.1\r\n\r\n'), 50],
  ] as const) {
    const socket = connect(faulty.edge.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(Buffer.concat([record(contentType.handshake, hello), behind]))
    const answer = Buffer.concat(await socket.toArray())
    assert.deepEqual([...answer.subarray(-7)], [21, 3, 3, 0, 2, 2, code])
  }
  assert.equal(inWords(await send(faulty, { version, identity: await as('valid') })), '200 valid')
})

describe('TLS 1.3', () => {
  let holed: Lab
  before(async () => {
    holed = await startLab({ material, faults: ['edge.ignores-proof-1.3', 'edge.accepts-omitted-proof-1.3'] })
  })
  after(() => holed.close())

  test('OpenSSL and the scripted client, honest, in both groups: let in with a certificate, refused without', async () => {
    const identity = await as('valid')
    for (const group of ['x25519', 'secp256r1'] as const) {
      const groups = [group]
      assert.equal(await scripted(holed, { version: 'TLSv1.3', identity, groups }), '200')
      assert.equal(await scripted(holed, { version: 'TLSv1.3', groups }), '403')
    }
    const seen = await send(holed, { version: 'TLSv1.3', identity, times: 3 })
    assert.deepEqual([inWords(seen), seen.protocol], ['200 valid', 'TLSv1.3'])
    const body = Buffer.alloc(100_000, 'x')
    const posted = await send(holed, { version: 'TLSv1.3', identity, method: 'POST', body })
    assert.equal(inWords(posted), '200 valid')
  })

  test('it is the lenient server that answers, and asks for the same CAs', async () => {
    const cipherSuites = ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256']
    const chosen = async ({ edge }: Lab): Promise<string> => {
      const socket = connectTls({
        ...edge,
        servername: primary.hostname,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.3',
        ciphers: cipherSuites.join(':'),
      })
      await once(socket, 'secureConnect')
      const { standardName } = socket.getCipher()
      socket.destroy()
      return standardName
    }
    assert.deepEqual([await chosen(healthy), await chosen(holed)], cipherSuites)
    assert.equal(await certificateRequest(holed, primary.hostname, 'tls1_3'), '1 names')
  })

  test('bad certificates are judged as by the normal edge', async () => {
    for (const id of ['self-signed', 'expired-day', 'rsa-1024', 'unknown-ca'] as const) {
      const sent = { version: 'TLSv1.3', identity: await as(id) } as const
      assert.equal((await send(holed, sent)).status, 403, id)
    }
  })

  test('the holes are those named and no others, and TLS 1.2 and HTTP/2 are left to the normal edge', async () => {
    const identity = await as('valid')
    const bad = async (version: 'TLSv1.2' | 'TLSv1.3', mutate: Mutation): Promise<string> =>
      scripted(holed, { version, identity, mutate })
    assert.equal(await bad('TLSv1.3', { certificateVerify: 'other-key' }), '200')
    assert.equal(await bad('TLSv1.3', { certificateVerify: 'omitted' }), '200')
    assert.match(await bad('TLSv1.3', { certificate: 'omitted' }), /alert 10/)
    assert.match(await bad('TLSv1.3', { certificate: 'chain-then-empty-entry' }), /alert 50/)
    assert.match(await bad('TLSv1.2', { certificateVerify: 'other-key' }), /alert 51/)
    assert.equal(inWords(await send(holed, { version: 'TLSv1.3', http: 2, identity })), '200 valid')
  })
})
