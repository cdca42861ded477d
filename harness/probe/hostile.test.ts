import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { describe, test } from 'node:test'
import {
  handshakeHostiles,
  hostile,
  hostileName,
  http1Hostiles,
  http2Hostiles,
  material,
  tcpHostiles,
} from '../../fixtures/hostile/index.ts'
import { attempt } from './attempt.ts'
import { bodyLimit } from './http1.ts'
import type { Attempt, Outcome, OutcomeCode } from './types.ts'

const deadline = 1500
/** Far beyond the deadline: the server that floods and the probe that reads share this process and its CPU. */
const outer = 5000

/** What each of them is, in the words of the outcome. */
const expected: Record<string, OutcomeCode> = {
  'tcp.silent': 'timeout',
  'tcp.deaf': 'timeout',
  'tcp.plain-http': 'not-tls',
  'tcp.ssh': 'not-tls',
  'tcp.smtp': 'not-tls',
  'tcp.garbage': 'not-tls',
  'tcp.endless-garbage': 'not-tls',
  'tcp.closes-at-once': 'not-tls',
  'tcp.resets-at-once': 'not-tls',
  'tcp.closes-after-hello': 'not-tls',
  'tcp.resets-after-hello': 'not-tls',
  'tcp.one-byte': 'timeout',
  'tcp.record-header': 'timeout',
  'tcp.slow-record': 'timeout',
  'tcp.alert-at-once': 'tls-alert',
  'tcp.alert-after-hello': 'tls-alert',
  'tcp.endless-warnings': 'client-error',
  'tcp.endless-handshake-message': 'too-large',
  'tcp.hello-requests': 'timeout',
  'tcp.empty-records': 'client-error',
  'tls.stops-after-server-hello': 'timeout',
  'tls.stops-within-certificate': 'timeout',
  'tls.closes-within-certificate': 'not-tls',
  'tls.resets-after-server-hello': 'not-tls',
  'tls.garbage-records': 'client-error',
  'tls.garbage-records-1.2': 'client-error',
  'tls.garbage-bytes': 'client-error',
  'tls.endless-change-cipher-spec': 'client-error',
  'tls.huge-certificate': 'too-large',
  'http1.silent': 'timeout',
  'http1.falls-silent': 'http-refused',
  'http1.endless-body': 'http-unproven',
  'http1.endless-chunk': 'http-unproven',
  'http1.endless-chunks': 'http-unproven',
  'http1.endless-headers': 'too-large',
  'http1.endless-header-line': 'too-large',
  'http1.headers-10mb': 'too-large',
  'http1.endless-interim': 'too-large',
  'http1.endless-trailers': 'http-unproven',
  'http1.endless-chunk-extension': 'http-unproven',
  'http1.one-byte-a-second': 'timeout',
  'http1.slow-body': 'http-unproven',
  'http1.huge-chunk-size': 'http-unproven',
  'http1.negative-chunk-size': 'http-unproven',
  'http1.chunk-garbage': 'http-unproven',
  'http1.short-body': 'http-unproven',
  'http1.http09': 'not-http',
  'http1.bad-status-line': 'not-http',
  'http1.control-characters': 'http-refused',
  'http1.long-refusal': 'http-refused',
  'http1.cut-head': 'not-http',
  'http1.no-close-notify': 'tls-close',
  'http1.renegotiates': 'timeout',
  'http2.silent': 'timeout',
  'http2.never-answers': 'timeout',
  'http2.garbage': 'not-http',
  'http2.http1-answer': 'not-http',
  'http2.garbage-frames': 'not-http',
  'http2.goaway': 'not-http',
  'http2.goaway-close': 'not-http',
  'http2.reset': 'not-http',
  'http2.cut-body': 'http-unproven',
  'http2.endless-continuation': 'not-http',
  'http2.empty-continuation': 'not-http',
  'http2.endless-interim': 'not-http',
  'http2.endless-body': 'http-unproven',
  'http2.settings-flood': 'not-http',
  'http2.ping-flood': 'not-http',
  'http2.one-byte-a-second': 'timeout',
}

const endpoint = async (port: number): Promise<Attempt['endpoint']> => ({
  hostname: hostileName,
  address: '127.0.0.1',
  port,
  trust: (await material()).ca,
})

/** Makes the attempt and asserts what holds whatever the server does. */
async function survive(input: Attempt): Promise<Outcome> {
  const started = performance.now()
  const outcome = await attempt({ deadline, ...input })
  assert.ok(performance.now() - started < outer, 'ended in time')
  assert.notEqual(outcome.verdict, 'allowed')
  assert.ok((outcome.http?.body.length ?? 0) <= bodyLimit)
  assert.ok((outcome.transcript?.messages.length ?? 0) <= 10_000)
  assert.ok(outcome.sessions.length <= 16)
  assert.doesNotMatch(outcome.summary, /\p{Cc}/u)
  assert.ok(outcome.summary.length < 300, outcome.summary)
  return outcome
}

const proof = { canary: '/__harness/echo' }

async function meet(id: string): Promise<Outcome> {
  const server = await hostile(id).listen()
  try {
    const alpn = id.startsWith('http2.') ? 'h2' : 'http/1.1'
    const outcome = await survive({ endpoint: await endpoint(server.port), proof, alpn })
    assert.ok(server.accepted >= 1)
    return outcome
  } finally {
    await server.close()
  }
}

const all = [...tcpHostiles, ...handshakeHostiles, ...http1Hostiles, ...http2Hostiles]
/** Those that send as much as they can: they get the process for themselves, and its memory is watched. */
const floods = all.filter(({ id }) =>
  /endless|flood|huge|10mb|empty|hello-requests|renegotiates|garbage-records/.test(id),
)

test('every hostile server has an expectation, and the other way round', () => {
  assert.deepEqual(all.map(({ id }) => id).sort(), Object.keys(expected).sort())
})

describe('a hostile server', { concurrency: 8 }, () => {
  for (const { id, what } of all.filter((one) => !floods.includes(one))) {
    test(`${id} ${what}`, async () => {
      const outcome = await meet(id)
      // Whether a reset at once is seen while connecting or right after is a race of the kernel.
      if (id === 'tcp.resets-at-once' && outcome.code === 'unreachable') return
      assert.equal(outcome.code, expected[id], outcome.summary)
    })
  }
})

for (const { id, what } of floods) {
  test(`${id} ${what}, in bounded memory`, async () => {
    const before = process.memoryUsage.rss()
    const outcome = await meet(id)
    // On a busy machine a flood may not get far enough for our own side to give up before the deadline.
    if (outcome.code !== 'timeout') assert.equal(outcome.code, expected[id], outcome.summary)
    assert.notEqual(outcome.verdict, 'allowed')
    const grown = (process.memoryUsage.rss() - before) / 2 ** 20
    assert.ok(grown < 150, `${Math.round(grown)} MiB more`)
  })
}

test('thousands of session tickets are not kept', async () => {
  const { cert, key } = await material()
  const directory = await mkdtemp(join(tmpdir(), 'harness-tickets-'))
  await writeFile(join(directory, 'cert.pem'), cert)
  await writeFile(join(directory, 'key.pem'), key, { mode: 0o600 })
  const args = [
    's_server',
    '-accept',
    '127.0.0.1:0',
    '-tls1_3',
    '-num_tickets',
    '5000',
    '-www',
    '-naccept',
    '1',
  ]
  const child = spawn('openssl', [...args, '-cert', 'cert.pem', '-key', 'key.pem'], { cwd: directory })
  try {
    const port = await new Promise<number>((resolve, reject) => {
      let text = ''
      child.once('error', reject)
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const match = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(text)
        if (match !== null) resolve(Number(match[1]))
      })
    })
    const outcome = await survive({ endpoint: await endpoint(port), proof, waitForTickets: 1000 })
    assert.equal(outcome.code, 'http-unproven', outcome.summary)
    assert.equal(outcome.sessions.length, 16)
  } finally {
    child.kill('SIGKILL')
    await rm(directory, { recursive: true })
  }
})

test('a port where nothing listens', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  await new Promise((resolve) => server.close(resolve))
  const outcome = await survive({ endpoint: await endpoint(address.port), proof })
  assert.deepEqual([outcome.verdict, outcome.code, outcome.layer], ['refused', 'tcp-refused', 'tcp'])
})

test('a name that does not resolve', async () => {
  const outcome = await survive({ endpoint: { hostname: 'no-such-host.invalid', port: 443 }, proof })
  assert.deepEqual([outcome.verdict, outcome.layer], ['inconclusive', 'tcp'])
  // A resolver that answers nothing at all is cut off by the deadline.
  assert.ok(['unreachable', 'timeout'].includes(outcome.code), outcome.code)
})

test('a port that cannot be', async () => {
  const outcome = await survive({ endpoint: { hostname: 'localhost', port: 70_000 }, proof })
  assert.equal(outcome.code, 'client-error')
})
