import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { certificates, httpRequest, names, tapped } from './testing.ts'
import { asTrace, opensslServer, type Script, type Traced, traced } from './testing-openssl.ts'

const { clientCasFile, client, intermediateFile, folder } = certificates()
const identity = ['-cert', client.certFile, '-key', client.keyFile, '-cert_chain', intermediateFile]
const ready = /read R BLOCK|SSL handshake has read/
const get: Script = [{ after: ready, type: httpRequest }]

/** Names and certificate request as s_client prints them outside the trace. */
function printedRequest(output: string): { caNames: string[]; schemes: string[]; types: string[] } {
  const [, block = ''] =
    /Acceptable client certificate CA names\n([\s\S]*?)\n(?:Client Certificate Types|Requested)/.exec(
      output,
    ) ?? []
  const [, types = ''] = /Client Certificate Types: (.*)/.exec(output) ?? []
  const [, request = ''] = / {4}CertificateRequest, Length=\d+\n([\s\S]*?)\n(?:\n|\S)/.exec(output) ?? []
  const schemes = [...request.matchAll(/^ +(\w+) \(0x[0-9a-f]{4}\)$/gm)].map(([, name = '']) => name)
  return { caNames: block.split('\n').filter(Boolean), schemes, types: types.split(', ').filter(Boolean) }
}

const typeNames: Record<string, string> = {
  rsa_sign: 'RSA sign',
  dss_sign: 'DSA sign',
  ecdsa_sign: 'ECDSA sign',
}

function agrees(result: Traced): void {
  const ours = asTrace(result.transcript)
  assert.deepEqual(ours.client, result.trace.client)
  // What the server sent while s_client was closing passes the relay but is not read by s_client.
  const seen = result.trace.server.length
  assert.deepEqual(ours.server.slice(0, seen), result.trace.server)
  for (const name of ours.server.slice(seen)) assert.match(name, /NewSessionTicket|alert close_notify/)
  assert.deepEqual(result.transcript.problems, [])
}

for (const version of ['1_2', '1_3']) {
  for (const [mode, flags] of [
    ['off', []],
    ['optional', ['-verify', '3', '-CAfile', clientCasFile]],
    ['required', ['-Verify', '3', '-CAfile', clientCasFile]],
    ['optional without CA names', ['-verify', '3', '-no-CAfile', '-no-CApath']],
  ] as [string, string[]][]) {
    test(`TLS ${version}, certificate ${mode}: reads what s_client -trace reads`, async () => {
      const server = await opensslServer(`-tls${version}`, '-www', ...flags)
      try {
        for (const sent of [[], identity]) {
          const result = await traced(server.port, [`-tls${version}`, ...sent], get)
          agrees(result)
          const { certificateRequest, clientCertificates, clientVerify } = result.transcript
          const printed = printedRequest(result.output)
          assert.equal(certificateRequest !== undefined, mode !== 'off')
          if (certificateRequest !== undefined) {
            assert.deepEqual(
              certificateRequest.caNames.map((name) => name.text),
              printed.caNames,
            )
            assert.equal(printed.caNames.length, mode.includes('without') ? 0 : 2)
            assert.ok(printed.schemes.length > 5)
            assert.deepEqual(certificateRequest.signatureAlgorithms, printed.schemes)
            assert.deepEqual(
              certificateRequest.certificateTypes.map((name) => typeNames[name]),
              printed.types,
            )
            assert.equal(certificateRequest.late, false)
            assert.deepEqual(
              clientCertificates.map((list) => list.map((one) => one.subject)),
              [sent.length === 0 ? [] : ['CN=client-001,O=Exa', 'CN=Wire Test Intermediate']],
            )
          }
          const proves = mode !== 'off' && sent.length > 0
          assert.equal(clientVerify, proves ? 'ecdsa_secp256r1_sha256' : undefined)
        }
      } finally {
        await server.stop()
      }
    })
  }
}

test('HelloRetryRequest', async () => {
  const server = await opensslServer('-tls1_3', '-www', '-groups', 'P-384')
  try {
    const result = await traced(server.port, ['-tls1_3', '-groups', 'X25519:P-384'], get)
    agrees(result)
    const retry = result.transcript.messages.find((message) => message.name === 'HelloRetryRequest')
    assert.equal(retry?.detail.group, 'secp384r1')
    const direct = await tapped(server.port, { ecdhCurve: 'P-384' })
    assert.ok(!names(direct.transcript).includes('HelloRetryRequest'))
  } finally {
    await server.stop()
  }
})

test('TLS 1.3 KeyUpdate, one-sided and requested', async () => {
  // -rev answers each line: a server answers a requested update only before it next writes.
  const server = await opensslServer('-tls1_3', '-rev')
  try {
    const result = await traced(
      server.port,
      ['-tls1_3'],
      [
        { after: ready, type: 'k\n' },
        { after: / {4}KeyUpdate/, type: 'some text\n' },
        { after: 'txet emos', type: 'K\n' },
        { after: / {4}KeyUpdate/, type: 'more text\n' },
        { after: / {4}KeyUpdate[\s\S]*txet erom/, type: 'Q\n' },
      ],
    )
    agrees(result)
    const updates = result.transcript.messages.filter((message) => message.name === 'KeyUpdate')
    assert.deepEqual(
      updates.map(({ from, detail }) => [from, detail.requested]),
      [
        ['client', false],
        ['client', true],
        ['server', false],
      ],
    )
    const data = result.transcript.messages.filter((message) => message.name === 'ApplicationData')
    assert.deepEqual(
      data.map((message) => message.length),
      [10, 10, 10, 10],
    )
  } finally {
    await server.stop()
  }
})

test('TLS 1.3 post-handshake authentication: a second, late request', async () => {
  const server = await opensslServer('-tls1_3', '-verify', '3', '-CAfile', clientCasFile)
  try {
    const pending = traced(
      server.port,
      ['-tls1_3', '-enable_pha', ...identity],
      [
        { after: ready, type: 'hello\n' },
        { after: /Received[\s\S]* {4}CertificateRequest[\s\S]*Sent[\s\S]* {4}Finished/, type: 'Q\n' },
      ],
    )
    await server.printed('hello')
    server.type('c\n')
    const result = await pending
    agrees(result)
    // s_server asks in the first handshake too; that is the one a transcript keeps.
    assert.equal(result.transcript.certificateRequest?.late, false)
    assert.equal(result.transcript.clientCertificates.length, 2)
  } finally {
    await server.stop()
  }
})

test('TLS 1.2 renegotiation asked for by the client is read through', async () => {
  const server = await opensslServer(
    '-tls1_2',
    '-client_renegotiation',
    '-verify',
    '3',
    '-CAfile',
    clientCasFile,
  )
  try {
    for (const cipher of ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA']) {
      const result = await traced(
        server.port,
        ['-tls1_2', '-cipher', cipher, ...identity],
        [
          { after: ready, type: 'R\n' },
          { after: /ClientHello[\s\S]*Received[\s\S]* {4}Finished/, type: 'text\n' },
          { after: 'ApplicationData', type: 'Q\n' },
        ],
      )
      agrees(result)
      const hellos = result.transcript.messages.filter((message) => message.name === 'ClientHello')
      assert.deepEqual(
        hellos.map((message) => message.encrypted),
        [false, true],
      )
    }
  } finally {
    await server.stop()
  }
})

test('TLS 1.2 renegotiation asked for by the server is a late CertificateRequest', async () => {
  const server = await opensslServer('-tls1_2', '-no_resumption_on_reneg', '-CAfile', clientCasFile)
  try {
    const { cert, key } = client
    const pending = tapped(server.port, { maxVersion: 'TLSv1.2', cert, key, request: 'hello\n' })
    await server.printed('hello')
    server.type('R\n')
    await server.printed('client-001')
    server.type('Q\n')
    const { transcript } = await pending
    assert.deepEqual(transcript.problems, [])
    assert.ok(names(transcript, 'server').includes('HelloRequest'))
    assert.equal(transcript.certificateRequest?.late, true)
    assert.equal(transcript.clientCertificates[0]?.[0]?.subject, 'CN=client-001,O=Exa')
    assert.equal(transcript.resumed, false)
  } finally {
    await server.stop()
  }
})

test('early data is noted: accepted and opened, refused and skipped', async () => {
  const server = await opensslServer('-tls1_3', '-early_data')
  const session = join(folder, 'session.pem')
  const early = join(folder, 'early.txt')
  writeFileSync(early, 'early bytes\n')
  try {
    await traced(
      server.port,
      ['-tls1_3', '-sess_out', session],
      [{ after: /NewSessionTicket[\s\S]*NewSessionTicket/, type: 'Q\n' }],
    )
    const resume = ['-tls1_3', '-sess_in', session, '-early_data', early]
    const accepted = await traced(server.port, resume, [{ after: ready, type: 'Q\n' }])
    assert.deepEqual(accepted.transcript.problems, [])
    assert.equal(accepted.transcript.resumed, true)
    assert.deepEqual(names(accepted.transcript, 'client').slice(0, 5), [
      'ClientHello',
      'ChangeCipherSpec',
      'EarlyData',
      'EndOfEarlyData',
      'Finished',
    ])
    assert.equal(accepted.transcript.messages.find((message) => message.name === 'EarlyData')?.length, 12)
    // A ticket counts once for early data: the second time the server lets it pass unread.
    const refused = await traced(server.port, resume, [{ after: ready, type: 'Q\n' }])
    const sent = names(refused.transcript, 'client')
    assert.ok(sent.includes('EarlyData') && !sent.includes('EndOfEarlyData') && sent.includes('Finished'))
  } finally {
    await server.stop()
  }
})
