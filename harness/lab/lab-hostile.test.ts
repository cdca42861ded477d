/**
 * Clients that mean harm, or are broken: each connection ends within its deadline, and the edge goes on.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { primary, www } from './hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from './lab.ts'
import { inWords, send } from './testing/client.ts'
import { clientHello, cutter, readToEnd, tcpTo, tlsTo } from './testing/raw.ts'

let material: LabMaterial
let lab: Lab

before(async () => {
  material = await createLabMaterial()
  const limits = { handshake: 400, headers: 400, body: 400, headerBytes: 16_384, bodyBytes: 200_000 }
  lab = await startLab({ material, limits })
})
after(() => lab.close())
afterEach(async () => {
  assert.equal(
    inWords(await send(lab, { identity: material.identities['sensor-001'] })),
    '200 valid',
    'still serving',
  )
  assert.equal(inWords(await send(lab)), '403', 'still closed')
})

const httpsHead = `GET /temps HTTP/1.1\r\nHost: ${www.hostname}\r\n`

/** Writes again and again until the connection is gone. */
function flood(socket: Socket, chunk: string | Buffer, pause: number): void {
  const write = (): void => {
    if (socket.destroyed || !socket.writable) return
    const room = socket.write(chunk)
    if (room) setTimeout(write, pause)
    else socket.once('drain', write)
  }
  write()
}

const garbage: [string, Buffer][] = [
  ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
  ['random bytes', randomBytes(2000)],
  ['zeros', Buffer.alloc(5000)],
  ['an alert', Buffer.from('15030300020100', 'hex')],
  ['application data', Buffer.from('170303000500000000ff', 'hex')],
  ['a ClientHello without content', Buffer.from('160301000401000000', 'hex')],
  ['a ClientHello of lies', Buffer.from(`1603010030010000${'2c'}${'ff'.repeat(44)}`, 'hex')],
  ['a handshake of 16 MB', Buffer.from('160301400001ffffff', 'hex')],
  ['half a ClientHello', Buffer.from('1603010200010001fc0303', 'hex')],
  ['nothing', Buffer.alloc(0)],
]

for (const [what, bytes] of garbage) {
  test(`${what} instead of a ClientHello ends the connection`, async () => {
    const socket = await tcpTo(lab.edge.port)
    socket.write(bytes)
    await readToEnd(socket)
  })

  test(`${what} on the plain port ends the connection`, async () => {
    const socket = await tcpTo(lab.edge.plainPort)
    socket.write(bytes)
    await readToEnd(socket)
  })
}

test('a handshake that stops after the ClientHello ends at its deadline', async () => {
  const hello = await clientHello(primary.hostname)
  const socket = await tcpTo(lab.edge.port)
  socket.write(hello)
  const answer = await readToEnd(socket)
  assert.equal(answer.charCodeAt(0), 22, 'the server had begun its handshake')
})

for (const cut of [{ segment: 1 }, { segment: 7, record: 16 }, { segment: 5000, record: 1 }]) {
  test(`a ClientHello cut ${JSON.stringify(cut)} leads to the same door`, async () => {
    const proxy = await cutter(lab.edge.port, cut)
    try {
      const like = { ...lab, edge: { ...lab.edge, port: proxy.port } }
      assert.equal(inWords(await send(like)), '403')
      assert.equal(inWords(await send(like, { identity: material.identities['sensor-001'] })), '200 valid')
    } finally {
      proxy.close()
    }
  })
}

test('garbage inside TLS gets a 400 and the end', async () => {
  const socket = await tlsTo(lab.edge.port, primary.hostname)
  socket.write(randomBytes(500))
  assert.match(await readToEnd(socket), /^HTTP\/1\.1 400 /)
})

test('headers of 10 MB get a 431 and the end', async () => {
  const socket = await tlsTo(lab.edge.port, www.hostname)
  socket.write(httpsHead)
  flood(socket, `X-Filler: ${'a'.repeat(8000)}\r\n`, 0)
  assert.match(await readToEnd(socket), /^HTTP\/1\.1 431 |^$/)
})

test('a header section that arrives byte by byte ends at its deadline, however steady', async () => {
  const socket = await tlsTo(lab.edge.port, www.hostname)
  socket.write(httpsHead)
  flood(socket, 'a', 20)
  await readToEnd(socket)
})

test('a connection without a request ends', async () => {
  await readToEnd(await tlsTo(lab.edge.port, www.hostname))
  await readToEnd(await tcpTo(lab.edge.plainPort))
})

test('an endless body is refused before it is read, and the refusal arrives whole', async () => {
  const socket = await tlsTo(lab.edge.port, primary.hostname)
  socket.write(`POST / HTTP/1.1\r\nHost: ${primary.hostname}\r\nTransfer-Encoding: chunked\r\n\r\n`)
  flood(socket, `1000\r\n${'x'.repeat(4096)}\r\n`, 0)
  const answer = await readToEnd(socket)
  assert.match(answer, /^HTTP\/1\.1 403 /)
  assert.ok(answer.includes(primary.mtls.refusal.body.toString('latin1')))
})

test('an endless body of an allowed request gets a 413 and the end', async () => {
  const socket = await tlsTo(lab.edge.port, www.hostname)
  socket.write(`POST /temps HTTP/1.1\r\nHost: ${www.hostname}\r\nTransfer-Encoding: chunked\r\n\r\n`)
  flood(socket, `1000\r\n${'x'.repeat(4096)}\r\n`, 0)
  assert.match(await readToEnd(socket), /^HTTP\/1\.1 413 /)
})

test('a body announced too long gets a 413 at once; one that never comes ends the connection', async () => {
  const post = (length: number): string =>
    `POST /temps HTTP/1.1\r\nHost: ${www.hostname}\r\nContent-Length: ${length}\r\n\r\n`
  const long = await tlsTo(lab.edge.port, www.hostname)
  long.write(post(1e12))
  assert.match(await readToEnd(long), /^HTTP\/1\.1 413 /)
  const silent = await tlsTo(lab.edge.port, www.hostname)
  silent.write(post(10))
  await readToEnd(silent)
})

test('Expect: 100-continue is not answered with 100 when the request is refused, and is when it is forwarded', async () => {
  const head = (host: string): string =>
    `POST /temps HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`
  const refused = await tlsTo(lab.edge.port, primary.hostname)
  refused.write(head(primary.hostname))
  assert.match(await readToEnd(refused), /^HTTP\/1\.1 403 /)
  const forwarded = await tlsTo(lab.edge.port, www.hostname)
  forwarded.write(head(www.hostname))
  forwarded.once('data', () => forwarded.write('{}'))
  assert.match(await readToEnd(forwarded), /^HTTP\/1\.1 100 [\s\S]*HTTP\/1\.1 201 /)
})

test('CONNECT opens no tunnel, with or without a certificate', async () => {
  for (const [identity, status] of [
    [undefined, 403],
    [material.identities['sensor-001'], 405],
  ] as const) {
    const socket = await tlsTo(lab.edge.port, primary.hostname, identity === undefined ? {} : { identity })
    socket.write(`CONNECT / HTTP/1.1\r\nHost: ${primary.hostname}\r\n\r\n`)
    assert.match(await readToEnd(socket), new RegExp(`^HTTP/1\\.1 ${status} `))
  }
})

test('request smuggling by two framings is malformed', async () => {
  const socket = await tlsTo(lab.edge.port, www.hostname)
  socket.write(
    `POST / HTTP/1.1\r\nHost: ${www.hostname}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  )
  assert.match(await readToEnd(socket), /^HTTP\/1\.1 400 /)
})

test('HTTP/2: garbage, silence and floods end the session', async () => {
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  const frame = (type: number, stream: number, payload: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from([0, payload.length >> 8, payload.length & 0xff, type, 4]),
      uint32(stream),
      payload,
    ])
  const settings = frame(4, 0, Buffer.alloc(0)).fill(0, 4, 5)
  for (const bytes of [
    randomBytes(500),
    Buffer.concat([preface, randomBytes(500)]),
    preface,
    Buffer.concat([preface, settings, frame(1, 1, randomBytes(200))]),
    Buffer.concat([preface, settings, ...Array.from({ length: 2000 }, () => settings)]),
    Buffer.concat([
      preface,
      settings,
      ...Array.from({ length: 2000 }, (_, at) => frame(3, at * 2 + 1, uint32(8))),
    ]),
  ]) {
    const socket = await tlsTo(lab.edge.port, primary.hostname, { alpn: 'h2' })
    socket.write(bytes)
    await readToEnd(socket)
  }
})

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

test('HTTP/2: a header section too large is refused', async () => {
  const headers: [string, string][] = Array.from({ length: 40 }, (_, at) => [`x-${at}`, 'a'.repeat(1000)])
  const seen = await send(lab, { to: www.hostname, http: 2, headers })
  assert.notEqual(seen.status, 200)
})

test('many connections that are cut at once leave nothing behind', async () => {
  await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      const socket = at % 2 === 0 ? await tcpTo(lab.edge.port) : await tlsTo(lab.edge.port, www.hostname)
      socket.write(at % 3 === 0 ? httpsHead : randomBytes(100))
      if (at % 4 === 0) socket.resetAndDestroy()
      else socket.destroy()
    }),
  )
})
