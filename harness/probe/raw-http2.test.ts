import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { after, before, test } from 'node:test'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { canaryPath, primary, www } from '../lab/hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab/lab.ts'
import { frameTypes, writeFrame } from '../wire/http2/frames.ts'
import type { Field } from '../wire/http2/hpack.ts'
import { attemptRawHttp2, type RawAttempt } from './raw-http2.ts'

let material: LabMaterial
let lab: Lab

before(async () => {
  material = await createLabMaterial()
  lab = await startLab({ material })
})
after(() => lab.close())

const get = (...names: Field[]): Field[] => [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '{canary}'],
  ...names,
]
const own: Field = [':authority', primary.hostname]
const to = (port: number, extra: Partial<RawAttempt> = {}): RawAttempt => ({
  endpoint: { hostname: primary.hostname, address: '127.0.0.1', port },
  proof: { canary: canaryPath },
  fields: get(own),
  deadline: 3000,
  ...extra,
})
const here = (extra: Partial<RawAttempt> = {}): RawAttempt => to(lab.edge.port, extra)

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test('with a valid certificate it is let in by nonce, by :authority and by a host field alone; without one refused', async () => {
  const identity = material.identities['sensor-001']
  for (const fields of [get(own), get(['host', primary.hostname])]) {
    const valid = await attemptRawHttp2(here({ identity, fields }))
    assert.deepEqual(
      [valid.verdict, valid.code, valid.layer],
      ['allowed', 'proof-nonce', 'http'],
      valid.summary,
    )
    const none = await attemptRawHttp2(here({ fields }))
    assert.deepEqual([none.verdict, none.http?.status], ['refused', 403])
    assert.equal(none.transcript?.certificateRequest !== undefined, true)
  }
})

test('what node:http2 would not send leaves as written: :authority twice, a contradicting host, no name', async () => {
  const identity = material.identities['sensor-001']
  for (const fields of [
    get(own, [':authority', www.hostname]),
    get(own, ['host', www.hostname]),
    get(),
    get(own, ['UPPER', 'x']),
  ]) {
    const outcome = await attemptRawHttp2(here({ identity, fields }))
    assert.equal(outcome.verdict, 'refused', outcome.summary)
    assert.ok(outcome.http?.status === 400 || /HTTP\/2 error 1\b/.test(outcome.summary), outcome.summary)
  }
})

test('a server without HTTP/2, nobody, silence, the caller’s abort: undecided, each by its name', async () => {
  const old = createTlsServer({ ...material.server.good, ALPNProtocols: ['http/1.1'] })
  old.on('tlsClientError', () => {})
  const idle = createServer((socket) => socket.on('error', () => {}).resume())
  const [http1, silent] = [await listen(old), await listen(idle)]
  try {
    for (const [input, verdict, code] of [
      [to(silent, { deadline: 150 }), 'inconclusive', 'timeout'],
      [to(silent, { signal: AbortSignal.timeout(100) }), 'inconclusive', 'aborted'],
      [to(1), 'refused', 'tcp-refused'],
    ] as const) {
      const outcome = await attemptRawHttp2(input)
      assert.deepEqual([outcome.verdict, outcome.code], [verdict, code], outcome.summary)
    }
    const outcome = await attemptRawHttp2(to(http1))
    assert.notEqual(outcome.verdict, 'allowed', outcome.summary)
    assert.equal(outcome.http, undefined)
  } finally {
    old.close()
    idle.close()
  }
})

/** A server that sends these bytes behind its SETTINGS, whatever it is asked. */
async function saying(bytes: Buffer): Promise<{ port: number; close: () => void }> {
  const server = createTlsServer({ ...material.server.good, ALPNProtocols: ['h2'] }, (socket: TLSSocket) => {
    socket.on('error', () => {})
    const settings = writeFrame({ type: frameTypes.settings, flags: 0, stream: 0, payload: Buffer.alloc(0) })
    socket.once('data', () => socket.end(Buffer.concat([settings, bytes])))
  })
  return { port: await listen(server), close: () => server.close() }
}

test('resets, floods, broken field blocks and frames that are too long are never an answer', async () => {
  const reset = (code: number): Buffer =>
    writeFrame({ type: frameTypes.rstStream, flags: 0, stream: 1, payload: Buffer.from([0, 0, 0, code]) })
  for (const [bytes, verdict] of [
    [reset(1), 'refused'],
    [reset(7), 'inconclusive'],
    [reset(11), 'inconclusive'],
    [writeFrame({ type: 1, flags: 5, stream: 1, payload: Buffer.from([0xff]) }), 'inconclusive'],
    [writeFrame({ type: 3, flags: 0, stream: 1, payload: Buffer.alloc(0) }), 'inconclusive'],
    [Buffer.from('00ffff000000000001', 'hex'), 'inconclusive'],
  ] as const) {
    const server = await saying(bytes)
    try {
      const outcome = await attemptRawHttp2(to(server.port))
      assert.deepEqual([outcome.verdict, outcome.http], [verdict, undefined], outcome.summary)
    } finally {
      server.close()
    }
  }
})
