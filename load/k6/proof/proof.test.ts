import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer, type Server, connect as tlsConnect } from 'node:tls'
import { createAuthority } from '../../../harness/pki/authority.ts'
import type { Identity } from '../../../harness/pki/types.ts'
import { runScript } from '../../../harness/wire/client/run.ts'
import { FlightReader, firstRecordLength } from './flight.ts'
import { countFrom, countObserver, logObserver } from './observer.ts'
import { startTap } from './tap.ts'

const authority = await createAuthority()
const [serverIdentity, client, other] = await Promise.all([
  authority.issue({ purpose: 'server', san: { dns: ['mtls.test'] } }),
  authority.issue({ name: 'one' }),
  authority.issue({ name: 'another one', subject: 'CN=another one with a name of another length' }),
])
const servers: Server[] = []
const port: Record<string, number> = {}

before(async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const asks of [true, false]) {
      const server = createServer(
        {
          cert: serverIdentity.cert,
          key: serverIdentity.key,
          ca: authority.cert,
          requestCert: asks,
          rejectUnauthorized: false,
          minVersion: version,
          maxVersion: version,
        },
        (socket) => {
          socket.on('error', () => undefined)
          socket.end('done')
        },
      )
      server.on('tlsClientError', () => undefined)
      await once(server.listen(0, '127.0.0.1'), 'listening')
      port[`${version} ${asks}`] = (server.address() as AddressInfo).port
      servers.push(server)
    }
  }
})
after(() => {
  for (const server of servers) server.close()
})

/** One connection of an honest client through a tap that expects `expected`. */
async function through(where: string, sends: Identity | undefined, expected: Identity | undefined) {
  const tap = await startTap({ address: '127.0.0.1', port: port[where] ?? 0, cert: expected?.cert })
  const [host = '', tapPort = ''] = tap.address.split(':')
  const socket = tlsConnect({
    host,
    port: Number(tapPort),
    rejectUnauthorized: false,
    ...(sends === undefined ? {} : { cert: sends.cert, key: sends.key }),
  })
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'close')
  for (let tries = 0; tries < 500 && tap.proof().unread > 0; tries += 1) await sleep(5)
  const proof = tap.proof()
  const versions = tap.versions()
  await tap.close()
  return { proof, versions }
}

test('the tap tells the expected certificate, none, another one, and a server that does not ask, in both versions', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const asks = `${version} true`
    const sent = await through(asks, client, client)
    assert.deepEqual([sent.proof.connections, sent.proof.sent], [1, 1], version)
    assert.deepEqual(sent.versions, [version])
    assert.equal((await through(asks, undefined, client)).proof.empty, 1, version)
    assert.equal((await through(asks, other, client)).proof.other, 1, version)
    assert.equal((await through(asks, client, undefined)).proof.other, 1, version)
    assert.equal((await through(`${version} false`, client, client)).proof.notAsked, 1, version)
  }
})

test('a client of our own that sends a bad possession proof counts as having sent: the certificate went out', async () => {
  const tap = await startTap({ address: '127.0.0.1', port: port['TLSv1.2 true'] ?? 0, cert: client.cert })
  const result = await runScript({
    host: '127.0.0.1',
    port: Number(tap.address.split(':')[1]),
    version: 'TLSv1.2',
    identity: client,
    mutate: { certificateVerify: 'bit-flipped' },
    request: Buffer.from('x'),
  })
  assert.notEqual(result.chunks.length, 0)
  for (let tries = 0; tries < 500 && tap.proof().sent === 0; tries += 1) await sleep(5)
  assert.equal(tap.proof().sent, 1)
  await tap.close()
})

test('a connection without TLS, and one to a server that is not there, are unread, and the tap closes at once', async () => {
  const tap = await startTap({ address: '127.0.0.1', port: 1, cert: client.cert })
  const socket = connect(Number(tap.address.split(':')[1]), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  for (let tries = 0; tries < 500 && tap.proof().connections === 0; tries += 1) await sleep(5)
  assert.deepEqual([tap.proof().connections, tap.proof().unread, tap.proof().sent], [1, 1, 0])
  await tap.close()
})

test('what was seen is the same however the bytes are cut, and garbage proves nothing', () => {
  const chain = [Buffer.alloc(900, 1)]
  const length = firstRecordLength(chain)
  assert.equal(length, 4 + 1 + 3 + 3 + 900 + 2 + 17)
  assert.equal(firstRecordLength([Buffer.alloc(20_000)]), 16_384 + 17)
  const reader = new FlightReader(client.cert)
  for (const byte of Buffer.from('17030300051122334455', 'hex')) reader.client(Buffer.from([byte]))
  assert.equal(reader.verdict, 'other')
  const silent = new FlightReader(client.cert)
  silent.server(Buffer.from('not tls at all, not at all'))
  silent.client(Buffer.from('160301'))
  silent.end()
  assert.deepEqual([silent.verdict, silent.version], ['unread', undefined])
})

test('a log names a certificate by fingerprint or serial number, or tells that one was refused from an address', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'harness-observer-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const file = join(dir, 'seen.log')
  const { serialNumber, fingerprint, fingerprint256 } = new X509Certificate(client.cert)
  const sent = new Map([
    ['valid', client],
    ['expired', other],
  ])
  const sources = new Map([['expired', '127.0.16.3']])
  const line = (address: string): RegExp => new RegExp(`from ${address}:\\d+: bad`)
  const observer = logObserver(file, sent, 'its log', { sources, line })
  assert.deepEqual([await observer.sent('valid'), await observer.sent('none')], [0, undefined])
  const earlier = `${fingerprint256}\n`
  await writeFile(file, earlier)
  const counter = await countFrom(observer, ['valid', 'expired', 'none', 'twice', 'twice'])
  const lines = [
    `seen ${fingerprint.replaceAll(':', '')}`,
    `[serial: ${serialNumber.toLowerCase()}]`,
    `"client_serial":"${BigInt(`0x${serialNumber}`)}"`,
    'error from 127.0.16.3:4711: bad',
    'error from 127.0.16.33:4711: bad',
    'error from 127.0.16.3:4711: none was sent',
    'seen -',
  ]
  await writeFile(file, earlier + lines.join('\n'))
  // What was there before does not count.
  const counts = await counter(new Map([['valid', 3]]))
  assert.deepEqual(
    [...counts],
    [
      ['valid', 3],
      ['expired', 1],
    ],
  )
})

test('a server that writes after it has answered is waited for; one that says less is believed', async () => {
  let asked = 0
  const mark = new X509Certificate(client.cert).fingerprint256.replaceAll(':', '').toLowerCase()
  const counts = (): Promise<Record<string, number>> => {
    asked += 1
    return Promise.resolve({ [mark]: asked < 4 ? 0 : 2 })
  }
  const observer = countObserver(counts, new Map([['valid', client]]), 'itself')
  const counter = await countFrom(observer, ['valid'])
  assert.equal((await counter(new Map([['valid', 2]]))).get('valid'), 2)
  assert.equal((await counter(new Map([['valid', 5]]))).get('valid'), 2)
  assert.deepEqual([...(await (await countFrom(undefined, ['valid']))(new Map()))], [])
})
