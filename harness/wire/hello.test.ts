import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import { describe, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { ClientHelloReader, type FirstBytes, parseClientHello } from './hello.ts'
import { deadline, listen } from './testing.ts'

/** The first flight of Node's TLS client. */
async function firstFlight(options: object): Promise<Buffer> {
  const server = createServer()
  const port = await listen(server)
  try {
    return await deadline(
      new Promise<Buffer>((resolve) => {
        server.once('connection', (socket) =>
          socket
            .on('error', () => {})
            .once('data', (bytes) => {
              resolve(bytes)
              socket.destroy()
            }),
        )
        tlsConnect({ socket: connect(port, '127.0.0.1'), ...options }).on('error', () => {})
      }),
    )
  } finally {
    server.close()
  }
}

const flight = await firstFlight({ servername: 'api.example.com', ALPNProtocols: ['h2', 'http/1.1'] })

/** The same handshake bytes in records of `size` bytes. */
function refragment(bytes: Buffer, size: number): Buffer {
  const handshake = bytes.subarray(5)
  const records: Buffer[] = []
  for (let at = 0; at < handshake.length; at += size) {
    const part = handshake.subarray(at, at + size)
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part)
  }
  return Buffer.concat(records)
}

function helloOf(result: FirstBytes): Extract<FirstBytes, { kind: 'client-hello' }>['hello'] {
  assert.equal(result.kind, 'client-hello')
  return (result as Extract<FirstBytes, { kind: 'client-hello' }>).hello
}

describe('parseClientHello', () => {
  test('SNI, ALPN, versions', () => {
    const hello = helloOf(parseClientHello(flight))
    assert.equal(hello.serverName, 'api.example.com')
    assert.deepEqual(hello.alpn, ['h2', 'http/1.1'])
    assert.ok(hello.versions.includes('TLSv1.3') && hello.versions.includes('TLSv1.2'))
    assert.ok(hello.cipherSuites.includes('TLS_AES_128_GCM_SHA256'))
    assert.ok(hello.keyShares.includes('x25519'))
    assert.deepEqual(hello.problems, [])
  })

  test('without SNI and ALPN, TLS 1.2 only', async () => {
    const hello = helloOf(parseClientHello(await firstFlight({ maxVersion: 'TLSv1.2' })))
    assert.equal(hello.serverName, undefined)
    assert.deepEqual(hello.alpn, [])
    assert.deepEqual(hello.versions, ['TLSv1.2'])
    assert.deepEqual(hello.keyShares, [])
  })

  test('every prefix needs more', () => {
    for (let length = 0; length < flight.length; length++) {
      assert.equal(parseClientHello(flight.subarray(0, length)).kind, 'need-more', `${length}`)
    }
  })

  test('cut over records and over segments', () => {
    for (const size of [1, 2, 3, 5, 100, 200]) {
      const bytes = refragment(flight, size)
      assert.equal(helloOf(parseClientHello(bytes)).serverName, 'api.example.com')
      const reader = new ClientHelloReader()
      let last: FirstBytes = { kind: 'need-more' }
      for (const byte of bytes) {
        assert.equal(last.kind, 'need-more')
        last = reader.push(Buffer.from([byte]))
      }
      assert.equal(helloOf(last).serverName, 'api.example.com')
    }
  })

  test('what is no TLS is said at once', () => {
    for (const text of [
      'GET / HTTP/1.1\r\n',
      'SSH-2.0-x',
      '\x80\x2e\x01\x03\x01',
      'PRI * HTTP/2.0',
      '\x16\x02\x00',
    ]) {
      assert.equal(parseClientHello(Buffer.from(text, 'latin1')).kind, 'not-tls', text)
    }
    const result = parseClientHello(Buffer.from('GET \x1b[31m\x9b'))
    assert.ok(result.kind === 'not-tls' && result.reason.includes('\\x1b') && !result.reason.includes('\x1b'))
  })

  test('TLS that does not begin with a ClientHello', () => {
    const alert = Buffer.from('15030300020228', 'hex')
    const serverHello = Buffer.from('160303000402000000', 'hex')
    const empty = Buffer.from('1603010000', 'hex')
    const huge = Buffer.from('160301000401ffffff', 'hex')
    for (const bytes of [alert, serverHello, empty, huge])
      assert.equal(parseClientHello(bytes).kind, 'not-tls')
  })

  test('a ClientHello that lies about its lengths', () => {
    const lying = Buffer.from(flight)
    lying[5 + 4 + 34] = 255 // session id
    assert.equal(parseClientHello(lying).kind, 'not-tls')
    const sni = flight.indexOf('api.example.com')
    const broken = Buffer.from(flight)
    broken.writeUInt16BE(999, sni - 2)
    const hello = helloOf(parseClientHello(broken))
    assert.equal(hello.serverName, undefined)
    assert.equal(hello.problems.length, 1)
    assert.deepEqual(hello.alpn, ['h2', 'http/1.1'])
  })

  test('a sender of endless tiny records is stopped', () => {
    const reader = new ClientHelloReader()
    assert.equal(reader.push(refragment(flight, 1).subarray(0, 24)).kind, 'need-more')
    let pushed = 0
    const record = Buffer.from('16030100010000', 'hex').subarray(0, 6)
    const announced = Buffer.from('160301000401010000', 'hex') // 64 KiB
    const slow = new ClientHelloReader()
    let result = slow.push(announced)
    while (result.kind === 'need-more' && pushed < 200_000) {
      result = slow.push(record)
      pushed++
    }
    assert.equal(result.kind, 'not-tls')
    assert.ok(pushed < 100_000)
  })
})
