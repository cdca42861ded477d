import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { request, Agent as TlsAgent } from 'node:https'
import { after, before, beforeEach, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { createAuthority } from '../../pki/authority.ts'
import type { Identity } from '../../pki/types.ts'
import { readToEnd, tlsTo } from '../testing/raw.ts'
import type { OriginMaterial } from './material.ts'
import { type Origin, startOrigin } from './origin.ts'
import { defaultSettings } from './settings.ts'
import { ask, canary, originMaterial } from './testing.ts'

let material: OriginMaterial
let origin: Origin
let good: Identity
let stranger: Identity
let trust: string
let now = Date.now()

before(async () => {
  material = await originMaterial()
  const [ca, foreign] = await Promise.all([
    createAuthority({ name: 'CN=Company Root' }),
    createAuthority({ name: 'CN=Foreign Root' }),
  ])
  trust = ca.cert
  good = await ca.issue({ subject: 'CN=edge,O=Example' })
  stranger = await foreign.issue({})
  origin = await startOrigin({ certificates: material.origin, now: () => now })
})
after(() => origin.close())
beforeEach(() => {
  now = Date.now()
  origin.configure(defaultSettings)
})

const tells = async (tls: NonNullable<Parameters<typeof ask>[1]>['tls']): Promise<unknown> => {
  const { status, body } = await ask(origin, { tls: tls ?? {} })
  return status === 200 ? (JSON.parse(body) as { clientCertificate?: unknown }).clientCertificate : status
}

test('without TLS the canary tells nothing about certificates', async () => {
  const { status, body } = await ask(origin)
  assert.equal(status, 200)
  const told = JSON.parse(body) as Record<string, unknown>
  assert.deepEqual(Object.keys(told), [
    ...['harness', 'v', 'challenge', 'nonce', 'method', 'path', 'host', 'headers', 'count'],
  ])
})

test('the canary tells what the origin thinks of the client certificate', async () => {
  const none = { presented: false, verified: false }
  assert.deepEqual(await tells({}), none)
  assert.deepEqual(await tells(good), none, 'not asked for')
  origin.configure({ clientCertificates: 'optional', trust })
  assert.deepEqual(await tells({}), none)
  assert.deepEqual(await tells(good), {
    presented: true,
    verified: true,
    subject: 'CN=edge,O=Example',
    fingerprint256: good.fingerprint256,
  })
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  describe(`client certificates in ${version}`, () => {
    beforeEach(() => origin.configure({ maxVersion: version, trust }))

    test('http-400: the handshake completes, the answer is nginx’s', async () => {
      origin.configure({ clientCertificates: 'required' })
      const missing = await ask(origin, { tls: {} })
      assert.deepEqual([missing.connected, missing.status], [true, 400])
      assert.match(missing.body, /No required SSL certificate was sent/)
      const bad = await ask(origin, { tls: stranger })
      assert.deepEqual([bad.connected, bad.status], [true, 400])
      assert.match(bad.body, /The SSL certificate error/)
      assert.equal(bad.headers.connection, 'close')
      assert.equal((await ask(origin, { tls: good })).status, 200)
    })

    test('alert: the handshake fails, in TLS 1.3 after the client believes it done', async () => {
      origin.configure({ clientCertificates: 'required', refusal: 'alert' })
      const missing = await ask(origin, { tls: {} })
      const bad = await ask(origin, { tls: stranger })
      const late = version === 'TLSv1.3'
      assert.deepEqual([missing.connected, bad.connected], [late, late])
      assert.match(missing.error ?? '', late ? /alert certificate required/ : /alert handshake failure/)
      assert.match(bad.error ?? '', /alert unknown ca/)
      assert.equal((await ask(origin, { tls: good })).status, 200)
    })

    test('optional: none is let through, a bad one is not', async () => {
      origin.configure({ clientCertificates: 'optional' })
      assert.equal((await ask(origin, { tls: {} })).status, 200)
      assert.equal((await ask(origin, { tls: stranger })).status, 400)
      origin.configure({ refusal: 'alert' })
      assert.equal((await ask(origin, { tls: {} })).status, 200)
      assert.match((await ask(origin, { tls: stranger })).error ?? '', /alert unknown ca/)
    })

    test('an expired certificate is a bad one, by the lab’s clock', async () => {
      origin.configure({ clientCertificates: 'required' })
      assert.equal((await ask(origin, { tls: good })).status, 200)
      now += 100 * 86_400_000
      assert.equal((await ask(origin, { tls: good })).status, 400)
    })

    test('no session brings an earlier client certificate back', async () => {
      origin.configure({ clientCertificates: 'optional' })
      let session: Buffer | undefined
      const visit = async (identity?: Identity): Promise<boolean> => {
        const socket = connect({
          host: '127.0.0.1',
          port: origin.tlsPort,
          servername: 'api.example.test',
          rejectUnauthorized: false,
          ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
          ...(session === undefined ? {} : { session }),
        })
        socket.write(`GET ${canary} HTTP/1.1\r\nhost: api.example.test\r\nconnection: close\r\n\r\n`)
        let reused = true
        socket.once('secureConnect', () => {
          reused = socket.isSessionReused()
          session ??= socket.getSession()
        })
        assert.match(await readToEnd(socket), / 200 /)
        return reused
      }
      assert.equal(await visit(good), false)
      assert.notEqual(session, undefined)
      assert.equal(await visit(), false)
    })
  })

test('the server certificate can be changed while it runs', async () => {
  for (const [serverCertificate, subject] of [
    ['good', 'CN=example.test'],
    ['self-signed', 'CN=example.test'],
    ['expired', 'CN=example.test'],
    ['other-name', 'CN=other.invalid'],
  ] as const) {
    origin.configure({ serverCertificate })
    assert.equal((await ask(origin, { tls: {} })).server, subject)
  }
})

test('settings that cannot be change nothing', async () => {
  for (const bad of ['not PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])
    assert.throws(() => origin.configure({ trust: bad, clientCertificates: 'required' }))
  assert.deepEqual(origin.settings, defaultSettings)
})

test('a change reaches clients that keep their connection', async () => {
  const agent = new TlsAgent({ keepAlive: true, rejectUnauthorized: false, servername: 'api.example.test' })
  const once = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: origin.tlsPort, path: canary, agent })
        .on('error', reject)
        .on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)))
        .end()
    })
  assert.equal(await once(), 200)
  assert.equal(await once(), 200)
  origin.configure({ clientCertificates: 'required', trust })
  // An idle connection was ended; wait until the agent knows.
  while (Object.keys(agent.freeSockets).length > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await once(), 400)
  agent.destroy()
})

describe('/temps', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' }
  const post = (body: string | Buffer, headers: Record<string, string> = json) =>
    ask(origin, { path: '/temps', method: 'POST', headers, body })
  const list = async (): Promise<{ id?: string; sensor: string; celsius: number }[]> =>
    JSON.parse((await ask(origin, { path: '/temps' })).body)

  test('a reading is stored, and listed', async () => {
    assert.deepEqual((await list())[0], { sensor: 'sensor-001', celsius: 21.5 })
    const { status, body } = await post('{"sensor":"attic","celsius":-3.25,"more":true}')
    assert.equal(status, 201)
    const stored = JSON.parse(body)
    assert.deepEqual(stored, { id: stored.id, sensor: 'attic', celsius: -3.25 })
    assert.match(stored.id, /^reading-\d+$/)
    assert.deepEqual((await list()).at(-1), stored)
  })

  test('what is no reading is refused', async () => {
    const before = await list()
    for (const body of [
      '',
      'no JSON',
      'null',
      '[]',
      '{"sensor":"a"}',
      '{"sensor":5,"celsius":1}',
      '{"sensor":"","celsius":1}',
      '{"sensor":"a","celsius":"1"}',
      '{"sensor":"a","celsius":1e999}',
    ])
      assert.equal((await post(body)).status, 400, body)
    assert.equal((await post(`{"sensor":"a","celsius":1}${' '.repeat(64 * 1024)}`)).status, 413)
    assert.deepEqual(await list(), before)
  })

  test('a body of another type is taken as it is, however long', async () => {
    const before = await list()
    for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/jsonp' }]) {
      const { status, body } = await post(Buffer.alloc(256 * 1024, 'a'), headers)
      assert.deepEqual([status, JSON.parse(body)], [201, { stored: true }])
    }
    assert.deepEqual(await list(), before)
    assert.equal((await ask(origin, { path: '/temps', method: 'DELETE' })).status, 405)
  })

  test('the last hundred are remembered', async () => {
    const agent = new Agent({ keepAlive: true })
    for (let at = 0; at < 120; at++) await post(`{"sensor":"s${at}","celsius":${at}}`)
    agent.destroy()
    const all = await list()
    assert.equal(all.length, 100)
    assert.deepEqual([all[0]?.sensor, all.at(-1)?.sensor], ['s20', 's119'])
  })
})

test('close ends connections that are open', async () => {
  const other = await startOrigin({ certificates: material.origin })
  const socket = await tlsTo(other.tlsPort, 'api.example.test')
  const plain = get({
    host: '127.0.0.1',
    port: other.port,
    path: canary,
    agent: new Agent({ keepAlive: true }),
  })
  await new Promise((resolve) => plain.on('response', (response) => response.resume().on('end', resolve)))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await other.close()
  await closed
})
