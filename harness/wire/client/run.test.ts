import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createServer as tlsServer } from 'node:tls'
import { certificates, listen } from '../testing.ts'
import { readTranscript } from '../transcript.ts'
import type { Transcript } from '../types.ts'
import { runScript } from './run.ts'
import { installed, type RealServer, serverNames, startServer } from './testing-servers.ts'
import { type GroupName, type Mutation, type Script, type ScriptResult, suites12, suites13 } from './types.ts'

const { client, clientRsa, clientEd25519, serverEc, serverRsa } = certificates()
const request = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
const versions = ['TLSv1.2', 'TLSv1.3'] as const

async function run(
  port: number,
  script: Partial<Script>,
): Promise<{ result: ScriptResult; transcript: Transcript }> {
  const result = await runScript({
    host: '127.0.0.1',
    port,
    serverName: 'localhost',
    version: 'TLSv1.3',
    request,
    ...script,
  })
  return { result, transcript: readTranscript(result) }
}

const answered = (result: ScriptResult): boolean =>
  /^HTTP\/1\.[01] 200 /i.test(result.response.toString('latin1'))

const schemes = {
  [client.cert]: 'ecdsa_secp256r1_sha256',
  [clientRsa.cert]: 'rsa_pss_rsae_sha256',
  [clientEd25519.cert]: 'ed25519',
}

// What, how, the alert it draws from OpenSSL (which all five use), what the transcript shows.
const faults: [string, Mutation, string, (transcript: Transcript) => void][] = [
  [
    'an empty entry alone',
    { certificate: 'empty-entry', certificateVerify: 'omitted' },
    'decode_error',
    ({ clientCertificates }) =>
      assert.deepEqual(
        clientCertificates[0]?.map((one) => one.length),
        [0],
      ),
  ],
  [
    'an empty entry alone, with CertificateVerify',
    { certificate: 'empty-entry' },
    'decode_error',
    ({ clientCertificates, clientVerify }) => {
      assert.deepEqual(
        clientCertificates[0]?.map((one) => one.length),
        [0],
      )
      assert.notEqual(clientVerify, undefined)
    },
  ],
  [
    'the chain, then an empty entry',
    { certificate: 'chain-then-empty-entry' },
    'decode_error',
    ({ clientCertificates, problems }) => {
      assert.deepEqual(clientCertificates[0]?.map((one) => one.subject).slice(-2), [
        'CN=Wire Test Intermediate',
        '(empty entry)',
      ])
      assert.ok(problems.includes('client: Certificate holds an empty entry'))
    },
  ],
  [
    'an empty entry, then the chain',
    { certificate: 'empty-entry-then-chain' },
    'decode_error',
    ({ clientCertificates }) => assert.equal(clientCertificates[0]?.[0]?.length, 0),
  ],
  [
    'CertificateVerify omitted',
    { certificateVerify: 'omitted' },
    'unexpected_message',
    ({ clientVerify }) => assert.equal(clientVerify, undefined),
  ],
  [
    'CertificateVerify by another key',
    { certificateVerify: 'other-key' },
    'decrypt_error',
    ({ clientVerify }) => assert.equal(clientVerify, 'ecdsa_secp256r1_sha256'),
  ],
  [
    'CertificateVerify with a bit inverted',
    { certificateVerify: 'bit-flipped' },
    'decrypt_error',
    ({ clientVerify }) => assert.equal(clientVerify, 'ecdsa_secp256r1_sha256'),
  ],
]

for (const name of serverNames) {
  describe(name, { skip: installed(name) ? false : 'not installed' }, () => {
    let server: RealServer | undefined
    const port = (): number => server?.port ?? 0
    before(async () => {
      server = await startServer(name)
    })
    after(async () => server?.stop())

    for (const version of versions) {
      test(`${version}: honest handshakes are completed and answered`, async () => {
        for (const identity of [client, clientRsa, clientEd25519]) {
          const { result, transcript } = await run(port(), { version, identity })
          assert.ok(answered(result), `${result.end} ${result.reason} ${result.response}`)
          assert.deepEqual([result.asked, result.handshake, transcript.version], [true, true, version])
          assert.deepEqual(transcript.problems, [])
          assert.equal(transcript.clientVerify, schemes[identity.cert])
          assert.equal(transcript.verdictPoint, 'application')
        }
      })

      test(`${version}: without a certificate it is refused`, async () => {
        const { result, transcript } = await run(port(), { version })
        assert.ok(!answered(result), `${result.response}`)
        assert.deepEqual(transcript.clientCertificates, [[]])
        assert.deepEqual(transcript.problems, [])
      })

      for (const [what, mutate, alert, shows] of faults) {
        test(`${version}: ${what}: refused, its honest twin is not`, async () => {
          const { result, transcript } = await run(port(), { version, identity: client, mutate })
          assert.ok(!answered(result), `${result.response}`)
          assert.equal(result.end, 'alert', result.reason)
          assert.deepEqual(
            transcript.alerts.map((one) => [one.from, one.name]),
            [['server', alert]],
          )
          assert.equal(transcript.verdictPoint, version === 'TLSv1.2' ? 'in-handshake' : 'after-handshake')
          shows(transcript)
          assert.ok(answered((await run(port(), { version, identity: client })).result))
        })
      }
    }
  })
}

describe('the rest of the protocol', () => {
  const server = tlsServer(
    {
      cert: [serverRsa.cert, serverEc.cert],
      key: [serverRsa.key, serverEc.key],
      ALPNProtocols: ['h2', 'http/1.1'],
    },
    (socket) => {
      socket.on('error', () => {}).once('data', (bytes) => socket.end(bytes))
    },
  )
  let port = 0
  before(async () => {
    port = await listen(server)
  })
  after(() => server.close())

  test('every suite and group', async () => {
    for (const version of versions) {
      for (const suite of version === 'TLSv1.2' ? suites12 : suites13) {
        // In TLS 1.2 the groups also say on which curve the server's certificate may be.
        const groups: GroupName[] = suite.includes('_ECDSA_') ? ['secp256r1'] : ['x25519', 'secp256r1']
        for (const group of groups) {
          const script = { version, cipherSuites: [suite], groups: [group], alpn: ['http/1.1'] }
          const { result, transcript } = await run(port, script)
          assert.equal(result.response.toString(), request.toString(), `${suite} ${group} ${result.reason}`)
          assert.deepEqual([transcript.cipher, transcript.alpn, transcript.problems], [suite, 'http/1.1', []])
          assert.equal(result.asked, false)
        }
      }
    }
  })

  test('a long request and answer cross record boundaries', async () => {
    const long = Buffer.alloc(100_000, 'x')
    for (const version of versions) {
      const { result } = await run(port, { version, request: long, done: (bytes) => bytes.length >= 16_384 })
      assert.ok(result.response.length >= 16_384 && result.response.every((byte) => byte === 0x78))
      assert.equal(result.end, 'done')
    }
  })

  test('SNI is sent byte for byte, or not at all', async () => {
    assert.equal((await run(port, { serverName: 'UPPER.example' })).transcript.serverName, 'UPPER.example')
    const { serverName: _none, ...rest } = {
      serverName: '',
      host: '127.0.0.1',
      port,
      version: 'TLSv1.3',
      request,
    } as const
    assert.equal(readTranscript(await runScript(rest)).serverName, undefined)
  })

  test('a version the server does not speak ends with its alert', async () => {
    const old = tlsServer({ cert: serverEc.cert, key: serverEc.key, maxVersion: 'TLSv1.2' })
    old.on('tlsClientError', () => {})
    try {
      const { result, transcript } = await run(await listen(old), {})
      assert.deepEqual([result.end, result.handshake], ['alert', false])
      assert.equal(transcript.alerts[0]?.name, 'protocol_version')
    } finally {
      old.close()
    }
  })
})

describe('servers that do not follow', () => {
  async function against(
    behave: (socket: import('node:net').Socket) => void,
    script: Partial<Script> = {},
  ): Promise<ScriptResult> {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      behave(socket)
    })
    try {
      const port = await listen(server)
      return (await run(port, { deadline: 400, ...script })).result
    } finally {
      server.close()
    }
  }

  test('nothing, plain text, reset, garbage, endless handshake', async () => {
    assert.equal((await against((socket) => socket.on('data', () => {}))).end, 'deadline')
    const text = await against((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    assert.deepEqual([text.end, text.reason.includes('HTTP/1.1 400')], ['unsupported', true])
    const reset = await against((socket) => socket.once('data', () => socket.resetAndDestroy()))
    assert.deepEqual([reset.end, reset.closedBy], ['closed', 'rst'])
    const garbage = await against((socket) => socket.write(Buffer.from('160303000402000000', 'hex')))
    assert.equal(garbage.end, 'unsupported')
    const certificate = Buffer.alloc(16_384 - 4)
    const block = Buffer.concat([
      Buffer.from([22, 3, 3, 0x40, 0, 11, 0, certificate.length >> 8, certificate.length & 0xff]),
      certificate,
    ])
    const endless = (socket: import('node:net').Socket): void => {
      while (socket.write(block));
      socket.once('drain', () => endless(socket))
    }
    const result = await against(endless, { version: 'TLSv1.2', deadline: 8000 })
    assert.match(result.reason, /a handshake of more than/)
  })

  test('nobody listens', async () => {
    const server = createServer()
    const port = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    assert.equal((await run(port, {})).result.end, 'unreachable')
  })

  test('an identity that cannot be read', async () => {
    const bad = { cert: client.cert, key: 'no key' }
    await assert.rejects(run(1, { identity: bad }), { code: 'ERR_PRIVATE_KEY' })
    await assert.rejects(run(1, { identity: { cert: 'nothing', key: client.key } }), {
      code: 'ERR_CERTIFICATE',
    })
  })
})
