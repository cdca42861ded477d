import assert from 'node:assert/strict'
import type { Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createServer, getCiphers, type TlsOptions } from 'node:tls'
import { suite } from './suites.ts'
import { certificates, listen, names, type TappedOptions, tapped } from './testing.ts'
import { readTranscript } from './transcript.ts'

const { serverEc, serverRsa, client, clientRsa, clientEd25519, clientCas } = certificates()
const answer = 'HTTP/1.0 200 OK\r\n\r\nhello'

/** A TLS server that answers anything with {@link answer} and closes. */
function answering(options: TlsOptions = {}): Server {
  const server = createServer(
    { cert: [serverRsa.cert, serverEc.cert], key: [serverRsa.key, serverEc.key], ...options },
    (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(answer))
    },
  )
  // A handshake that fails is the client's to see.
  server.on('tlsClientError', () => {})
  return server
}

async function withServer(options: TlsOptions, use: (port: number) => Promise<void>): Promise<void> {
  const server = answering(options)
  try {
    await use(await listen(server))
  } finally {
    server.close()
  }
}

// What getCiphers() leaves out but OpenSSL, as Node builds it, negotiates when told to.
const unlisted = [
  ...['AES128-CCM', 'AES256-CCM', 'AES128-CCM8', 'AES256-CCM8'].flatMap((name) => [
    name,
    `ECDHE-ECDSA-${name}`,
  ]),
  ...['ECDHE-ARIA128-GCM-SHA256', 'ECDHE-ARIA256-GCM-SHA384', 'ARIA128-GCM-SHA256'],
  ...['ECDHE-RSA-CAMELLIA128-SHA256', 'ECDHE-RSA-CAMELLIA256-SHA384', 'CAMELLIA128-SHA'],
  ...['NULL-SHA256', 'NULL-SHA', 'ECDHE-RSA-NULL-SHA'],
]

const psk = Buffer.from('0123456789abcdef')
const noEncryptThenMac = 1 << 19
const noExtendedMasterSecret = 1

describe('every cipher Node negotiates', () => {
  const all = [...getCiphers().map((name) => name.toUpperCase()), ...unlisted]
  const of13 = all.filter((name) => name.startsWith('TLS_'))
  // SRP has no API in Node; RSA-PSK and the rest are negotiated below.
  const of12 = all.filter((name) => !name.startsWith('TLS_') && !name.startsWith('SRP-'))
  const everything = `${of13.join(':')}:ALL:eNULL:@SECLEVEL=0`
  const server = answering({
    ciphers: everything,
    dhparam: 'auto',
    pskCallback: () => psk,
    minVersion: 'TLSv1.2',
  })
  let port = 0
  before(async () => {
    port = await listen(server)
  })
  after(() => server.close())

  async function reads(name: string, options: TappedOptions): Promise<Record<string, unknown>> {
    const { transcript, response, error } = await tapped(port, options)
    assert.equal(error, undefined, name)
    assert.equal(response.toString(), answer, name)
    assert.deepEqual(transcript.problems, [], name)
    const data = transcript.messages.filter((message) => message.name === 'ApplicationData')
    assert.deepEqual(
      data.map(({ from }) => from),
      ['client', 'server'],
      name,
    )
    assert.equal(data[1]?.length, answer.length, name)
    assert.ok(names(transcript, 'server').includes('Finished'), name)
    assert.equal(names(transcript).at(-1), 'alert close_notify', name)
    return { ...transcript.messages.find((message) => message.name === 'ServerHello')?.detail }
  }

  test('TLS 1.3', async () => {
    assert.equal(of13.length, 5)
    for (const name of of13) {
      const hello = await reads(name, { ciphers: `${name}:ALL:@SECLEVEL=0`, minVersion: 'TLSv1.3' })
      assert.equal(hello.cipherSuite, name)
    }
  })

  test('TLS 1.2', async () => {
    assert.ok(of12.length >= 70, `${of12.length}`)
    const seen = new Set<string>()
    for (const name of of12) {
      const ciphers = `${name}:@SECLEVEL=0`
      const pskCallback = name.includes('PSK') ? { pskCallback: () => ({ psk, identity: 'someone' }) } : {}
      const options = { ciphers, maxVersion: 'TLSv1.2', ...pskCallback } as const
      const hello = await reads(name, options)
      const chosen = String(hello.cipherSuite)
      seen.add(chosen)
      // OpenSSL negotiates encrypt-then-MAC for null encryption too, where it changes nothing.
      const cbc = /_CBC_|_NULL_/.test(chosen)
      assert.equal(hello.encryptThenMac, cbc, name)
      assert.equal(hello.extendedMasterSecret, true, name)
      if (!cbc) continue
      const other = await reads(name, {
        ...options,
        secureOptions: noEncryptThenMac | noExtendedMasterSecret,
      })
      assert.deepEqual(
        [other.cipherSuite, other.encryptThenMac, other.extendedMasterSecret],
        [chosen, false, false],
      )
    }
    assert.equal(seen.size, of12.length)
  })
})

describe('client certificates', () => {
  const sent = {
    none: { identity: undefined, subjects: [], scheme: undefined },
    'with chain': {
      identity: client,
      subjects: ['CN=client-001,O=Exa', 'CN=Wire Test Intermediate'],
      scheme: 'ecdsa_secp256r1_sha256',
    },
    rsa: { identity: clientRsa, subjects: ['CN=client-rsa'], scheme: 'rsa_pss_rsae_sha256' },
    ed25519: { identity: clientEd25519, subjects: ['CN=client-ed'], scheme: 'ed25519' },
  }
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const [mode, options] of Object.entries({
      off: {},
      optional: { requestCert: true, rejectUnauthorized: false },
      required: { requestCert: true, rejectUnauthorized: true },
    })) {
      test(`${version} ${mode}`, async () => {
        await withServer({ ca: clientCas, ...options }, async (port) => {
          for (const [name, { identity, subjects, scheme }] of Object.entries(sent)) {
            const credentials = identity === undefined ? {} : { cert: identity.cert, key: identity.key }
            const { transcript } = await tapped(port, {
              ...credentials,
              minVersion: version,
              maxVersion: version,
            })
            const { certificateRequest, clientCertificates, clientVerify, verdictPoint } = transcript
            assert.equal(transcript.version, version)
            assert.equal(transcript.serverName, 'localhost')
            assert.deepEqual(transcript.problems, [], name)
            assert.equal(transcript.serverCertificates[0]?.subject, 'CN=localhost')
            if (mode === 'off') {
              assert.deepEqual(
                [certificateRequest, clientCertificates, clientVerify],
                [undefined, [], undefined],
              )
              assert.equal(verdictPoint, 'none')
              continue
            }
            assert.deepEqual(
              certificateRequest?.caNames.map((ca) => ca.text),
              [
                'CN=Wire Test Client CA,OU=\\#1,O=Exa\\, mple \\"Q\\" \\+ \\<Söhne\\>,DC=test',
                'CN=Second CA,serialNumber=42,emailAddress=ca@example.com,C=DE',
              ],
            )
            assert.ok(certificateRequest?.signatureAlgorithms.includes('ecdsa_secp256r1_sha256'))
            assert.equal(certificateRequest?.certificateTypes.includes('ecdsa_sign'), version === 'TLSv1.2')
            assert.deepEqual(
              clientCertificates.map((list) => list.map((one) => one.subject)),
              [subjects],
              name,
            )
            assert.equal(clientVerify, scheme, name)
            const refused = mode === 'required' && identity === undefined
            const refusal = version === 'TLSv1.2' ? 'in-handshake' : 'after-handshake'
            assert.equal(verdictPoint, refused ? refusal : 'application', `${mode} ${name}`)
          }
        })
      })
    }
  }

  test('TLS 1.3 late refusal: the encrypted alert is read and named', async () => {
    await withServer({ ca: clientCas, requestCert: true, minVersion: 'TLSv1.3' }, async (port) => {
      const { transcript } = await tapped(port)
      const [alert, ...more] = transcript.alerts
      assert.deepEqual(more, [])
      assert.equal(alert?.name, 'certificate_required')
      assert.deepEqual(
        [alert?.from, alert?.level, alert?.code, alert?.encrypted],
        ['server', 'fatal', 116, true],
      )
      assert.equal(transcript.messages.at(-1)?.name, 'alert certificate_required')
      assert.equal(transcript.verdictPoint, 'after-handshake')
      assert.deepEqual(transcript.clientCertificates, [[]])
    })
  })

  test('a refusal by closing alone', async () => {
    const { cert, key } = serverEc
    await withServer({ ca: clientCas, requestCert: true }, async (port) => {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const { transcript, tap, keylog } = await tapped(port, { maxVersion, cert, key })
        assert.notEqual(tap.closedBy, undefined)
        assert.deepEqual(
          transcript.alerts.filter((alert) => alert.from === 'server' && alert.code !== 0),
          [],
        )
        assert.equal(transcript.verdictPoint, maxVersion === 'TLSv1.2' ? 'in-handshake' : 'after-handshake')
        // Without knowing that it was closed there is nothing to conclude from.
        assert.equal(readTranscript({ chunks: tap.chunks, keylog }).verdictPoint, 'none')
      }
    })
  })

  test('ALPN in both versions', async () => {
    await withServer({ ALPNProtocols: ['h2', 'http/1.1'] }, async (port) => {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const { transcript } = await tapped(port, { maxVersion, ALPNProtocols: ['http/1.1', 'h2'] })
        assert.equal(transcript.alpn, 'h2')
        assert.deepEqual(transcript.messages[0]?.detail.alpn, ['http/1.1', 'h2'])
        const without = await tapped(port, { maxVersion })
        assert.equal(without.transcript.alpn, undefined)
      }
    })
  })
})

describe('resumption', () => {
  for (const [how, secureOptions] of [
    ['ticket', 0],
    ['session id', 1 << 14],
  ] as const) {
    test(`TLS 1.2 by ${how}`, async () => {
      const store = new Map<string, Buffer>()
      const server = answering({ maxVersion: 'TLSv1.2', secureOptions })
      server.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
        store.set(id.toString('hex'), data)
        done()
      })
      server.on('resumeSession', (id: Buffer, done: (error: null, data: Buffer | null) => void) =>
        done(null, store.get(id.toString('hex')) ?? null),
      )
      const port = await listen(server)
      try {
        const first = await tapped(port)
        assert.equal(first.transcript.resumed, false)
        assert.equal(first.transcript.tickets.length, how === 'ticket' ? 1 : 0)
        const [session] = first.sessions
        assert.ok(session !== undefined)
        const second = await tapped(port, { session })
        assert.equal(second.transcript.resumed, true)
        assert.deepEqual(second.transcript.problems, [])
        assert.ok(!names(second.transcript).includes('Certificate'))
      } finally {
        server.close()
      }
    })
  }

  test('TLS 1.3, accepted and refused', async () => {
    await withServer({ minVersion: 'TLSv1.3', ticketKeys: Buffer.alloc(48, 1) }, async (port) => {
      const first = await tapped(port)
      assert.equal(first.transcript.resumed, false)
      assert.equal(first.transcript.tickets.length, 2)
      assert.equal(first.transcript.tickets[0]?.lifetime, 7200)
      const session = first.sessions.at(-1)
      assert.ok(session !== undefined)
      const second = await tapped(port, { session })
      assert.equal(second.transcript.resumed, true)
      assert.deepEqual(second.transcript.problems, [])
      await withServer({ minVersion: 'TLSv1.3', ticketKeys: Buffer.alloc(48, 2) }, async (other) => {
        const refused = await tapped(other, { session })
        assert.equal(refused.transcript.resumed, false)
        assert.equal(refused.transcript.messages[0]?.detail.pskIdentities, 1)
      })
    })
  })
})

test('suites: what cannot be opened is undefined', () => {
  assert.equal(suite(0x0005), undefined)
  assert.equal(suite(0xfefe), undefined)
  assert.equal(suite(0x1305)?.tagLength, 8)
})
