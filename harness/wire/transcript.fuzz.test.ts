import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createServer } from 'node:tls'
import { renderTranscript } from './render.ts'
import { certificates, listen, tapped } from './testing.ts'
import { readTranscript } from './transcript.ts'
import type { Chunk, Transcript } from './types.ts'

interface Capture {
  chunks: Chunk[]
  keylog: Buffer[]
}

const captures = new Map<string, Capture>()

/** Neighbours of one direction joined, so that every record lies in one chunk. */
function joined(chunks: Chunk[]): Chunk[] {
  const list: Chunk[] = []
  for (const chunk of chunks) {
    const last = list.at(-1)
    if (last?.from === chunk.from) last.bytes = Buffer.concat([last.bytes, chunk.bytes])
    else list.push({ ...chunk })
  }
  return list
}

async function capture(maxVersion: 'TLSv1.2' | 'TLSv1.3', ciphers?: string): Promise<Capture> {
  const { serverEc, client, clientCas } = certificates()
  const server = createServer(
    { cert: serverEc.cert, key: serverEc.key, ca: clientCas, requestCert: true },
    (socket) => socket.on('error', () => {}).once('data', () => socket.end('hello')),
  )
  const { cert, key } = client
  try {
    const port = await listen(server)
    const { tap, keylog, transcript } = await tapped(port, {
      maxVersion,
      cert,
      key,
      ...(ciphers ? { ciphers } : {}),
    })
    assert.deepEqual(transcript.problems, [])
    return { chunks: joined(tap.chunks), keylog }
  } finally {
    server.close()
  }
}

before(async () => {
  captures.set('TLS 1.3', await capture('TLSv1.3'))
  captures.set('TLS 1.2 GCM', await capture('TLSv1.2'))
  captures.set('TLS 1.2 CBC', await capture('TLSv1.2', 'ECDHE-ECDSA-AES128-SHA'))
})

/** Reads, and holds what must hold for any input. */
function read(chunks: Chunk[], keylog: Buffer[]): Transcript {
  const transcript = readTranscript({ chunks, keylog })
  assert.ok(
    !transcript.problems.some((problem) => problem.startsWith('reading stopped')),
    transcript.problems.join(),
  )
  for (const line of renderTranscript(transcript)) assert.doesNotMatch(line, /[\p{Cc}\u202e]/u)
  JSON.stringify(transcript)
  return transcript
}

/** Seeded (mulberry32): a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Start of each record in the bytes of one chunk list, per direction, with its outer type. */
function recordStarts(
  chunks: Chunk[],
): { chunk: number; at: number; type: number; length: number; protected: boolean }[] {
  const starts: ReturnType<typeof recordStarts> = []
  const secured = { client: false, server: false }
  for (const [chunk, { bytes, from }] of chunks.entries()) {
    for (let at = 0; at + 5 <= bytes.length; ) {
      const type = bytes[at] ?? 0
      const length = bytes.readUInt16BE(at + 3)
      starts.push({ chunk, at, type, length, protected: type === 23 || (type !== 20 && secured[from]) })
      if (type === 20) secured[from] = true
      at += 5 + length
    }
  }
  return starts
}

for (const name of ['TLS 1.3', 'TLS 1.2 GCM', 'TLS 1.2 CBC']) {
  const get = (): Capture => captures.get(name) ?? { chunks: [], keylog: [] }

  describe(name, () => {
    test('cut into single bytes it reads the same', () => {
      const { chunks, keylog } = get()
      const single = chunks.flatMap(({ from, at, bytes }) =>
        [...bytes].map((byte) => ({ from, at, bytes: Buffer.from([byte]) })),
      )
      assert.deepEqual(read(single, keylog), read(chunks, keylog))
    })

    test('truncated at every byte', () => {
      const { chunks, keylog } = get()
      const starts = recordStarts(chunks)
      const whole = read(chunks, keylog).messages.length
      for (const [index, chunk] of chunks.entries()) {
        const ends = new Set(starts.filter((start) => start.chunk === index).map((start) => start.at))
        for (let length = 1; length < chunk.bytes.length; length++) {
          const cut = [...chunks.slice(0, index), { ...chunk, bytes: chunk.bytes.subarray(0, length) }]
          const { problems, messages } = read(cut, keylog)
          if (ends.has(length)) assert.ok(!problems.join().includes('inside a record'), problems.join())
          else
            assert.ok(
              problems.some((problem) => problem.includes('inside a record')),
              `${index}:${length}`,
            )
          assert.ok(messages.length < whole)
        }
      }
    })

    test('2000 damaged bytes', () => {
      const { chunks, keylog } = get()
      const starts = recordStarts(chunks)
      const next = random(name.length)
      let hits = 0
      for (let round = 0; round < 2000; round++) {
        const index = next(chunks.length)
        const bytes = Buffer.from(chunks[index]?.bytes ?? [])
        const at = next(bytes.length)
        bytes[at] = (bytes[at] ?? 0) ^ (1 + next(255))
        const { problems } = read(
          chunks.map((chunk, other) => (other === index ? { ...chunk, bytes } : chunk)),
          keylog,
        )
        const record = starts.findLast((start) => start.chunk === index && start.at <= at)
        assert.ok(record !== undefined)
        const offset = at - record.at
        // Framing, and everything that is authenticated.
        const structural = record.protected || offset === 0 || offset === 3 || offset === 4
        if (structural)
          assert.ok(problems.length > 0, `round ${round}: ${index}:${at} of type ${record.type}`)
        if (structural) hits++
      }
      assert.ok(hits > 200, `${hits}`)
    })

    test('blocks removed, doubled, swapped, exchanged between the directions', () => {
      const { chunks, keylog } = get()
      const next = random(7)
      for (let round = 0; round < 500; round++) {
        const list = chunks.map((chunk) => ({ ...chunk }))
        for (let step = 0; step <= next(3); step++) {
          const [a, b] = [next(list.length), next(list.length)]
          const [one, two] = [list[a], list[b]]
          if (one === undefined || two === undefined) continue
          const kind = next(4)
          if (kind === 0) list.splice(a, 1)
          else if (kind === 1) list.splice(a, 0, { ...two })
          else if (kind === 2) [list[a], list[b]] = [two, one]
          else one.from = one.from === 'client' ? 'server' : 'client'
        }
        read(list, keylog)
      }
    })

    test('without its key log', () => {
      const { chunks, keylog } = get()
      const blind = read(chunks, [])
      assert.ok(blind.problems.some((problem) => problem.includes('no secret for this connection')))
      assert.ok(blind.messages.some((message) => message.opaque))
      assert.deepEqual(blind.clientCertificates.length, name === 'TLS 1.3' ? 0 : 1)
      const other = captures.get(name === 'TLS 1.3' ? 'TLS 1.2 GCM' : 'TLS 1.3')
      assert.deepEqual(read(chunks, other?.keylog ?? []).problems, blind.problems)
      const garbled = read(chunks, [
        ...keylog,
        Buffer.from('CLIENT_RANDOM zz\n'),
        Buffer.from('# comment\n\n'),
      ])
      assert.deepEqual(garbled.problems, ['1 key log lines could not be read'])
    })
  })
}

test('TLS 1.3 with single secrets missing: the rest is still read', () => {
  const { chunks, keylog } = captures.get('TLS 1.3') ?? { chunks: [], keylog: [] }
  const without = (label: string): Transcript =>
    read(
      chunks,
      keylog.filter((line) => !line.includes(label)),
    )
  const noServer = without('SERVER_HANDSHAKE_TRAFFIC_SECRET')
  assert.equal(noServer.certificateRequest, undefined)
  assert.equal(noServer.clientCertificates.length, 1)
  assert.equal(noServer.messages.findLast((message) => message.from === 'server')?.name, 'alert close_notify')
  const noClient = without('CLIENT_HANDSHAKE_TRAFFIC_SECRET')
  assert.deepEqual(noClient.clientCertificates, [])
  assert.ok(
    noClient.messages.some((message) => message.from === 'client' && message.name === 'ApplicationData'),
  )
  assert.equal(noClient.verdictPoint, 'application')
})

test('garbage, bare and dressed as records', () => {
  const next = random(99)
  for (let round = 0; round < 1000; round++) {
    const chunks = Array.from({ length: 1 + next(8) }, (_one, at): Chunk => {
      const body = Buffer.from(Array.from({ length: next(200) }, () => next(256)))
      const head = Buffer.from([20 + next(5), 3, next(5), 0, body.length])
      const handshake = Buffer.from([next(26), 0, 0, next(body.length + 2)])
      const dressed = [[body], [head, body], [head, handshake, body.subarray(4)]][next(3)] ?? []
      return { from: next(2) === 0 ? 'client' : 'server', at, bytes: Buffer.concat(dressed) }
    })
    const { problems, messages } = read(chunks, [])
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0)
    assert.ok(bytes === 0 || problems.length + messages.length > 0)
  }
})
