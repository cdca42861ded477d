import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { findCommand } from '../../fixtures/servers/command.ts'
import { serverKinds } from '../../fixtures/servers/index.ts'
import { createMaterial } from '../../fixtures/servers/material.ts'
import { freePort } from '../../fixtures/servers/ports.ts'
import { scratchFolder } from '../../fixtures/servers/scratch.ts'
import type { Material, ServerName } from '../../fixtures/servers/types.ts'
import { createAuthority } from '../../harness/pki/authority.ts'
import { createMint, type Mint } from '../../harness/pki/mint.ts'
import { certificatesIn } from '../../harness/pki/pem.ts'
import { latencyOf, mergeHistograms } from '../stats/histogram.ts'
import { type Generator, startGenerator } from './generator.ts'
import { evenly } from './loops.ts'
import { laneTo } from './testing.ts'
import type { Lane, LaneResult, TlsVersion } from './types.ts'

let generator: Generator
let material: Material
let mint: Mint
let scratch: Awaited<ReturnType<typeof scratchFolder>>

before(async () => {
  scratch = await scratchFolder()
  material = await createMaterial(join(scratch.dir, 'material'))
  const [cert, key] = await Promise.all(
    [material.clientCa, material.clientCaKey].map((file) => readFile(file, 'utf8')),
  )
  mint = createMint({ authority: { cert: cert ?? '', key: key ?? '' } })
  generator = await startGenerator()
})

after(async () => {
  await generator.stop()
  await scratch.remove()
})

const few = async (lane: Lane, attempts = 6): Promise<LaneResult> => {
  const { lanes } = await generator.block({
    lanes: [lane],
    attempts: [attempts],
    concurrency: 3,
    timeoutMs: 5000,
  })
  const [only] = lanes
  assert.ok(only !== undefined)
  return only
}

/** What load-anchors 3.2 and 3.5 say: rows are identities, columns outcome and alert in TLS 1.2 and 1.3. */
const expected: Record<Exclude<ServerName, 'openssl' | 'caddy'>, Record<string, [string, string]>> = {
  nginx: {
    none: ['http-400', 'http-400'],
    valid: ['allowed', 'allowed'],
    'expired-day': ['http-400', 'http-400'],
    'unknown-ca': ['http-400', 'http-400'],
    'self-signed': ['http-400', 'http-400'],
    'impostor-ca': ['http-400', 'http-400'],
  },
  httpd: {
    none: ['alert 40', 'alert 116'],
    valid: ['allowed', 'allowed'],
    'expired-day': ['alert 45', 'alert 45'],
    'unknown-ca': ['alert 48', 'alert 48'],
  },
  haproxy: {
    none: ['alert 40', 'alert 116'],
    valid: ['allowed', 'allowed'],
    'expired-day': ['alert 45', 'alert 45'],
    'unknown-ca': ['alert 48', 'alert 48'],
    'self-signed': ['alert 48', 'alert 48'],
    'impostor-ca': ['alert 51', 'alert 51'],
  },
  node: {
    none: ['alert 40', 'alert 116'],
    valid: ['allowed', 'allowed'],
    'expired-day': ['close', 'close'],
    'unknown-ca': ['close', 'close'],
    'self-signed': ['close', 'close'],
  },
}

for (const kind of serverKinds) {
  const rows = kind.name === 'openssl' || kind.name === 'caddy' ? undefined : expected[kind.name]
  if (rows === undefined) continue
  const skip = kind.available()
  test(`${kind.name}: outcome classes, and certificates that are sent whatever the server's CA list says`, {
    ...(skip === undefined ? {} : { skip }),
  }, async () => {
    const dir = join(scratch.dir, kind.name)
    await mkdir(dir)
    const server = await kind.start({
      mode: 'required',
      version: 'both',
      port: await freePort(),
      material,
      dir,
    })
    try {
      const seen: Record<string, string[]> = {}
      for (const id of Object.keys(rows)) {
        const identity = id === 'none' ? undefined : await mint.get(id as 'valid')
        for (const version of ['TLSv1.2', 'TLSv1.3'] satisfies TlsVersion[]) {
          const lane = { ...laneTo(server.port, id, identity, version), marker: server.marker }
          const { outcomes, alerts, meanBytesWritten } = await few(lane)
          // An alert may be lost to the reset that answers our request (load-anchors 1.4): what is left is a close.
          const alert = Object.keys(alerts).join()
          const kept = Object.keys(outcomes).filter((outcome) => alert === '' || outcome !== 'close')
          seen[id] = [...(seen[id] ?? []), `${kept.join()}${alert === '' ? '' : ` ${alert}`}`]
          const none = await few(laneTo(server.port, 'none', undefined, version), 1)
          const der =
            identity === undefined
              ? 0
              : certificatesIn(identity.cert).reduce((sum, one) => sum + one.length, 0)
          assert.ok(meanBytesWritten >= none.meanBytesWritten + der, `${id} was not sent to ${kind.name}`)
        }
      }
      assert.deepEqual(seen, rows)
    } finally {
      await server.stop()
    }
  })
}

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<{ destroy: () => void }>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const https = async (
  t: TestContext,
  answer: Parameters<typeof createHttps>[1],
  options: ServerOptions = {},
): Promise<number> => {
  const [cert, key] = await Promise.all([readFile(material.serverCert), readFile(material.serverKey)])
  return listen(t, createHttps({ cert, key, ...options }, answer))
}

test('answers: a missing marker is not the application, 403 and others are told apart, chunks are read', async (t) => {
  const port = await https(t, (request, response) => {
    const status = Number(request.url?.slice(1))
    if (status === 299) response.writeHead(200).write('half ')
    if (!response.headersSent) response.writeHead(status)
    response.end('the page')
  })
  const outcome = async (path: string, more: Partial<Lane> = {}): Promise<unknown> =>
    (await few({ ...laneTo(port, 'x'), path, ...more }, 2)).outcomes
  assert.deepEqual(await outcome('/200'), { allowed: 2 })
  assert.deepEqual(await outcome('/299', { marker: 'half the page' }), { 'http-other': 2 })
  assert.deepEqual(await outcome('/299', { marker: 'the page' }), { allowed: 2 })
  assert.deepEqual(await outcome('/200', { marker: 'another page' }), { 'http-other': 2 })
  assert.deepEqual(await outcome('/403'), { 'http-403': 2 })
  assert.deepEqual(await outcome('/400'), { 'http-400': 2 })
  assert.deepEqual(await outcome('/302'), { 'http-other': 2 })
  assert.deepEqual(await outcome('/302', { statuses: [302] }), { allowed: 2 })
})

test('a server that says nothing, one that hangs up, nobody, and a failure of our own are four things', async (t) => {
  const silent = await listen(
    t,
    createTcp((socket) => socket.on('error', () => undefined)),
  )
  const { lanes } = await generator.block({
    lanes: [laneTo(silent, 'silent')],
    attempts: [2],
    concurrency: 2,
    timeoutMs: 100,
  })
  assert.deepEqual(lanes[0]?.outcomes, { timeout: 2 })
  const rude = await listen(
    t,
    createTcp((socket) => socket.on('error', () => undefined).once('data', () => socket.destroy())),
  )
  assert.deepEqual((await few(laneTo(rude, 'rude'), 2)).outcomes, { close: 2 })
  assert.deepEqual((await few(laneTo(9, 'nobody'), 2)).outcomes, { unreachable: 2 })
  const plain = await listen(
    t,
    createTcp((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n')),
  )
  const odd = await few(laneTo(plain, 'plain'), 2)
  assert.deepEqual(odd.outcomes, { local: 2 })
  assert.ok(odd.problem !== undefined)
})

test('a P-256 server in TLS 1.2 is reached although the group is pinned to X25519', async (t) => {
  const port = await https(t, (_request, response) => response.end('ok'), { maxVersion: 'TLSv1.2' })
  assert.deepEqual((await few(laneTo(port, 'x', undefined, 'TLSv1.2'), 2)).outcomes, { allowed: 2 })
})

test('an open load keeps its rate, measures from the moment due, and counts what it could not start', async (t) => {
  const port = await https(t, (_request, response) => setTimeout(() => response.end('ok'), 150))
  const lanes = [laneTo(port, 'a'), laneTo(port, 'b')]
  const calm = await generator.open({ lanes, rates: [20, 10], settleMs: 200, sustainMs: 1000 })
  assert.equal(calm.offered, 30)
  assert.equal(calm.dropped, 0)
  assert.equal(calm.completed, calm.offered)
  const [a, b] = calm.lanes
  assert.deepEqual(
    [a?.outcomes, b?.outcomes],
    [{ allowed: a?.outcomes.allowed }, { allowed: b?.outcomes.allowed }],
  )
  assert.ok((a?.outcomes.allowed ?? 0) > (b?.outcomes.allowed ?? 0))
  const { p50 = 0 } = latencyOf(mergeHistograms(calm.lanes.map(({ latency }) => latency))) ?? {}
  assert.ok(p50 >= 150, String(p50))
  const tight = await generator.open({ lanes, rates: [20, 10], settleMs: 0, sustainMs: 1000, maxInFlight: 1 })
  assert.ok(tight.dropped > 0)
  assert.equal(tight.completed + tight.dropped, tight.offered)
})

test('an abort does not wait for a server that says nothing', async (t) => {
  const silent = await listen(
    t,
    createTcp((socket) => socket.on('error', () => undefined)),
  )
  const lanes = [laneTo(silent, 'silent')]
  const patience = { timeoutMs: 120_000 }
  for (const work of [
    (signal: AbortSignal) => generator.block({ lanes, attempts: [50], concurrency: 20, ...patience }, signal),
    (signal: AbortSignal) =>
      generator.open({ lanes, rates: [50], settleMs: 0, sustainMs: 120_000, ...patience }, signal),
  ]) {
    const abort = new AbortController()
    const long = work(abort.signal)
    setTimeout(() => abort.abort(new Error('enough')), 300)
    await assert.rejects(long, /enough/)
  }
})

test('the generator is bound to the cores it is given', {
  ...(findCommand('taskset') === undefined ? { skip: 'taskset is not installed' } : {}),
}, async () => {
  const bound = await startGenerator({ cpus: '0' })
  try {
    assert.match(bound.describe, /bound to core 0/)
    const { lanes } = await bound.block({ lanes: [laneTo(9, 'x')], attempts: [2], concurrency: 1 })
    assert.deepEqual(lanes[0]?.outcomes, { unreachable: 2 })
  } finally {
    await bound.stop()
  }
})

test('an aborted block throws the reason, and the generator goes on to the next', async (t) => {
  const port = await https(t, (_request, response) => setTimeout(() => response.end('ok'), 20))
  const abort = new AbortController()
  const long = generator.block(
    { lanes: [laneTo(port, 'x')], attempts: [100_000], concurrency: 2 },
    abort.signal,
  )
  setTimeout(() => abort.abort(new Error('enough')), 100)
  await assert.rejects(long, /enough/)
  await assert.rejects(generator.block({ lanes: [], attempts: [], concurrency: 1 }, abort.signal), /enough/)
  assert.deepEqual((await few(laneTo(port, 'x'), 2)).outcomes, { allowed: 2 })
})

test('an identity that OpenSSL refuses is an error without the key in it; a dead generator is an error', async () => {
  const valid = await mint.get('valid')
  const other = await (await createAuthority()).issue()
  const broken = laneTo(9, 'x', { cert: valid.cert, key: other.key })
  await assert.rejects(few(broken), (error: Error) => {
    assert.match(error.message, /the load generator failed: certificate and private key of x do not match/)
    assert.doesNotMatch(error.message, /PRIVATE KEY/)
    return true
  })
  // OpenSSL itself would take a key of another kind, and send no certificate at all.
  const rsa = await mint.get('valid-rsa')
  await assert.rejects(few(laneTo(9, 'x', { cert: valid.cert, key: rsa.key })), /do not match/)
  const second = await startGenerator({ cpus: 'no cores' })
  assert.match(second.describe, /not bound/)
  await second.stop()
  await second.stop()
  await assert.rejects(second.block({ lanes: [], attempts: [], concurrency: 1 }), { code: 'ERR_INTERNAL' })
})

test('lanes of a mix are spread evenly and completely', () => {
  assert.deepEqual(evenly([2, 2]), [0, 1, 0, 1])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 }), (attempts) => {
      const order = evenly(attempts)
      const half = order.slice(0, Math.floor(order.length / 2))
      for (const [lane, count] of attempts.entries()) {
        assert.equal(order.filter((one) => one === lane).length, count)
        const early = half.filter((one) => one === lane).length
        assert.ok(Math.abs(early - count / 2) <= attempts.length, `${early} of ${count} in the first half`)
      }
    }),
  )
})
