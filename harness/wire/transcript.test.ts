import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createServer } from 'node:tls'
import { parseKeyLog } from './keylog.ts'
import { renderTranscript } from './render.ts'
import { certificates, listen, names, tapped } from './testing.ts'
import { readTranscript } from './transcript.ts'
import type { Chunk, Transcript } from './types.ts'

const { serverEc, client, clientCas } = certificates()

const record = (type: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3, body.length >> 8, body.length & 0xff]), body])
const message = (type: number, body: Buffer): Buffer => {
  const head = Buffer.from([type, 0, 0, 0])
  head.writeUIntBE(body.length, 1, 3)
  return Buffer.concat([head, body])
}
const from = (side: Chunk['from'], ...parts: Buffer[]): Chunk[] =>
  parts.map((bytes, at) => ({ from: side, at, bytes }))
const read = (chunks: Chunk[]): Transcript => readTranscript({ chunks, keylog: [] })

describe('what is no TLS, or not well-formed', () => {
  test('no bytes', () => {
    assert.deepEqual(read([]).problems, ['no bytes crossed the wire'])
    assert.equal(read([]).version, undefined)
  })

  test('plain text from the server, quoted and escaped', () => {
    const { problems, messages } = read(from('server', Buffer.from('HTTP/1.1 400 Bad \x1b[31mRequest\r\n')))
    assert.deepEqual(messages, [])
    assert.deepEqual(problems, ['server: not a TLS record: "HTTP/1.1 400 Bad \\x1b[31mRequest\\x0d\\x0a"'])
  })

  test('an endless handshake message: named, skipped, and reading goes on behind it', () => {
    const block = record(22, Buffer.alloc(16384))
    const head = Buffer.from([11, 0xff, 0xff, 0xff])
    const full = Array.from({ length: 1023 }, () => block)
    const tail = record(22, Buffer.alloc(16384 - 1))
    const chunks = from('server', record(22, head), ...full, tail, record(22, message(14, Buffer.alloc(0))))
    const { messages, problems } = read(chunks)
    assert.deepEqual(
      messages.map(({ name, length }) => [name, length]),
      [
        ['Certificate', 0xffffff],
        ['ServerHelloDone', 0],
      ],
    )
    assert.deepEqual(problems, ['server: Certificate announces 16777215 bytes: too long to be read, skipped'])
    const cut = read(chunks.slice(0, 100))
    assert.ok(cut.problems.some((problem) => problem.includes('is cut off')))
  })

  test('a message announced long but within bounds, never finished', () => {
    const { problems, messages } = read(from('server', record(22, Buffer.from([11, 0x10, 0, 0, 1, 2]))))
    assert.deepEqual(messages, [])
    assert.deepEqual(problems, ['server: Certificate is cut off: 1048576 bytes announced, 2 there'])
  })

  test('a handshake message interrupted, an empty handshake record, unknown types', () => {
    const cut = record(22, Buffer.from([11, 0, 0, 9, 1]))
    const all = from(
      'server',
      cut,
      record(21, Buffer.from([2, 40])),
      record(22, Buffer.alloc(0)),
      record(24, Buffer.from('x')),
      record(22, message(99, Buffer.from('x'))),
    )
    const { problems, messages } = read(all)
    assert.deepEqual(
      messages.map((one) => one.name),
      ['alert handshake_failure', 'unknown (99)'],
    )
    assert.deepEqual(problems, [
      'server: Certificate is cut off: 9 bytes announced, 1 there, interrupted',
      'server: an empty handshake record',
      'server: a record of unknown content type 24',
      'server: handshake message of unknown type 99',
    ])
  })

  test('alerts: unknown codes and levels, wrong length', () => {
    const { alerts, problems } = read(
      from('server', record(21, Buffer.from([3, 200])), record(21, Buffer.from([2]))),
    )
    assert.deepEqual(
      alerts.map(({ name, level }) => [name, level]),
      [['unknown (200)', 'unknown (3)']],
    )
    assert.deepEqual(problems, ['server: an alert record of 1 bytes'])
  })

  test('a record longer than allowed is read and reported', () => {
    const { problems, alerts } = read(
      from('server', record(22, message(14, Buffer.alloc(30_000))), record(21, Buffer.from([2, 40]))),
    )
    assert.equal(alerts.length, 1)
    assert.deepEqual(problems, ['server: 1 records longer than the protocol allows'])
  })

  test('an empty entry in a Certificate is shown', () => {
    const { problems, serverCertificates } = read(
      from('server', record(22, message(11, Buffer.from('000003000000', 'hex')))),
    )
    assert.deepEqual(problems, ['server: Certificate holds an empty entry'])
    assert.deepEqual(
      serverCertificates.map((one) => [one.subject, one.length]),
      [['(empty entry)', 0]],
    )
  })

  test('messages, alerts and problems are bounded; the reading is linear', () => {
    const alert = record(21, Buffer.from([1, 100]))
    const many = Buffer.concat(Array.from({ length: 200_000 }, () => alert))
    const single = Array.from(many, (_byte, at) => ({
      from: 'server' as const,
      at,
      bytes: many.subarray(at, at + 1),
    }))
    const { messages, alerts, problems } = read(single)
    assert.deepEqual([messages.length, alerts.length], [10_000, 1000])
    assert.deepEqual(problems, ['190000 further messages are not listed'])
    const kinds = Array.from({ length: 150 }, (_one, type) =>
      record(22, message(type, Buffer.alloc(0))),
    ).slice(30)
    const types = Array.from({ length: 200 }, (_one, length) => record(21, Buffer.alloc(length)))
    assert.equal(read(from('server', ...kinds, ...types)).problems.length, 101)
  })

  test('a version before TLS 1.2 is named; its encrypted records are not opened', () => {
    const hello = Buffer.concat([
      Buffer.from('0302', 'hex'),
      Buffer.alloc(32),
      Buffer.from('00002f00', 'hex'),
    ])
    const client10 = Buffer.concat([
      Buffer.from('0302', 'hex'),
      Buffer.alloc(32),
      Buffer.from('000002002f0100', 'hex'),
    ])
    const chunks = [
      ...from('client', record(22, message(1, client10))),
      ...from(
        'server',
        record(22, message(2, hello)),
        record(20, Buffer.from([1])),
        record(22, Buffer.alloc(40)),
      ),
    ]
    const { version, cipher, problems, messages } = read(chunks)
    assert.deepEqual([version, cipher], ['unknown (TLSv1.1)', 'TLS_RSA_WITH_AES_128_CBC_SHA'])
    assert.deepEqual(problems, ['server: records of TLSv1.1 are not opened'])
    assert.deepEqual([messages.at(-1)?.name, messages.at(-1)?.opaque], ['Finished', true])
  })
})

describe('rendering', () => {
  async function exchange(options: object = {}): Promise<Awaited<ReturnType<typeof tapped>>> {
    const hostile = Buffer.from('\x1b[2J\u202e')
    const alpn = Buffer.concat([Buffer.from([hostile.length]), hostile])
    const server = createServer(
      { cert: serverEc.cert, key: serverEc.key, ca: clientCas, requestCert: true, ALPNProtocols: alpn },
      (socket) => socket.on('error', () => {}).once('data', () => socket.end('very private answer')),
    )
    try {
      const { cert, key } = client
      return await tapped(await listen(server), { cert, key, ALPNProtocols: alpn, ...options })
    } finally {
      server.close()
    }
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${maxVersion}: one line per message, nothing secret, nothing a terminal obeys`, async () => {
      const { transcript, keylog } = await exchange({ maxVersion, request: 'very private request' })
      const lines = renderTranscript(transcript)
      const shown = lines.filter((line) => /^[→←]/.test(line))
      assert.equal(shown.length, transcript.messages.length)
      for (const [index, one] of transcript.messages.entries()) {
        assert.ok(shown[index]?.startsWith(one.from === 'client' ? '→' : '←'))
        assert.ok(shown[index]?.includes(one.name))
      }
      const text = lines.join('\n')
      assert.match(text, /SNI localhost/)
      assert.match(text, /ALPN \\x1b\[2J/)
      assert.match(
        text,
        /→.* Certificate {2}CN=client-001,O=Exa \(…[0-9a-f]{8}\) ← CN=Wire Test Intermediate/,
      )
      assert.match(text, /←.* CertificateRequest {2}2 CA names: .*Second CA.*ecdsa_secp256r1_sha256/)
      assert.match(text, /ApplicationData {2}19 bytes/)
      assert.match(text, /verdict: application/)
      const secrets = keylog.map((line) => line.toString().trim().split(' ')[2] ?? '?')
      assert.ok(secrets.length > 0)
      for (const form of [text, JSON.stringify(transcript)]) {
        for (const secret of secrets) assert.ok(!form.includes(secret))
        assert.doesNotMatch(form, /private/)
        assert.doesNotMatch(form, /[\x00-\x09\x0b-\x1f\x7f\x9b]/)
      }
      assert.deepEqual(JSON.parse(JSON.stringify(transcript)).messages, transcript.messages)
    })
  }

  test('a refusal and what could not be read are said', async () => {
    const { tap, keylog } = await exchange()
    const blind = renderTranscript(readTranscript({ ...tap, keylog: [], dropped: 3 }))
    assert.ok(blind.some((line) => line.includes('opaque')))
    assert.ok(blind.some((line) => line.startsWith('problem: ') && line.includes('CLIENT_HANDSHAKE')))
    assert.ok(blind.some((line) => line === 'problem: 3 bytes beyond the recording limit were not kept'))
    assert.ok(
      !renderTranscript(readTranscript({ ...tap, keylog })).some((line) => line.startsWith('problem')),
    )
  })
})

describe('verdict', () => {
  const alertFrom = (side: Chunk['from'], level: number, code: number): Chunk[] =>
    from(side, record(21, Buffer.from([level, code])))

  test('refused before anything was negotiated', () => {
    assert.equal(read(alertFrom('server', 2, 70)).verdictPoint, 'in-handshake')
    assert.equal(readTranscript({ chunks: [], keylog: [], closedBy: 'rst' }).verdictPoint, 'in-handshake')
  })

  test('a warning, our own alert, and a close after ours are no refusal', () => {
    assert.equal(read(alertFrom('server', 1, 112)).verdictPoint, 'none')
    assert.equal(read(alertFrom('client', 2, 48)).verdictPoint, 'none')
    const ours = [...alertFrom('client', 2, 48), ...alertFrom('server', 2, 40)]
    assert.equal(
      readTranscript({ chunks: ours, keylog: [], closedBy: 'fin', closedAt: 5 }).verdictPoint,
      'none',
    )
  })

  test('a close before ours is one', () => {
    const chunks = alertFrom('client', 1, 0).map((chunk) => ({ ...chunk, at: 9 }))
    assert.equal(
      readTranscript({ chunks, keylog: [], closedBy: 'fin', closedAt: 5 }).verdictPoint,
      'in-handshake',
    )
  })
})

describe('key log', () => {
  const random = 'ab'.repeat(32)
  test('lines as strings and buffers, several in one, comments, upper case', () => {
    const log = parseKeyLog([
      `# comment\nCLIENT_RANDOM ${random} ${'01'.repeat(48)}\r\n`,
      Buffer.from(`SERVER_TRAFFIC_SECRET_0 ${random.toUpperCase()} ${'0F'.repeat(32)}\n`),
      `RSA 0123456789abcdef ${'02'.repeat(48)}`,
    ])
    assert.deepEqual([log.size, log.malformed], [3, 0])
    assert.equal(log.secret('CLIENT_RANDOM', random)?.toString('hex'), '01'.repeat(48))
    assert.equal(log.secret('SERVER_TRAFFIC_SECRET_0', random)?.length, 32)
    assert.equal(log.secret('CLIENT_TRAFFIC_SECRET_0', random), undefined)
    assert.equal(log.secret('CLIENT_RANDOM', 'cd'.repeat(32)), undefined)
  })

  test('what is no key log is counted, not kept', () => {
    for (const line of [
      'x',
      'CLIENT_RANDOM',
      `CLIENT_RANDOM ${random}`,
      `CLIENT_RANDOM ${random} abc`,
      `client ${random} zz`,
    ]) {
      assert.deepEqual([parseKeyLog([line]).size, parseKeyLog([line]).malformed], [0, 1], line)
    }
  })
})

test('names: GREASE offered by a client is shown as such', async () => {
  const hello = Buffer.concat([
    Buffer.from('0303', 'hex'),
    Buffer.alloc(32),
    Buffer.from('00', 'hex'),
    Buffer.from('00040a0a1301', 'hex'),
    Buffer.from('0100', 'hex'),
    Buffer.from('0004dada0000', 'hex'),
  ])
  const transcript = read(from('client', record(22, message(1, hello))))
  assert.deepEqual(transcript.messages[0]?.detail.cipherSuites, ['GREASE', 'TLS_AES_128_GCM_SHA256'])
  assert.deepEqual(transcript.messages[0]?.detail.extensions, ['GREASE'])
  assert.deepEqual(names(transcript), ['ClientHello'])
})
