/**
 * Origins that fail, and what a visitor sees of it.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { createAuthority } from '../../../pki/authority.ts'
import { certificatesIn, toPem } from '../../../pki/pem.ts'
import type { OriginMaterial } from '../../origins/material.ts'
import { type Origin, startOrigin } from '../../origins/origin.ts'
import { originMaterial } from '../../origins/testing.ts'
import { serverName } from '../http1.ts'
import { OriginFailure, statusOfConnectError, statusOfRequestError } from './failure.ts'
import {
  type Answer,
  canary,
  hostname,
  type SmallEdgeOptions,
  startBroken,
  startSmallEdge,
} from './testing.ts'

let material: OriginMaterial
let origin: Origin

before(async () => {
  material = await originMaterial()
  origin = await startOrigin({ certificates: material.origin })
})
after(() => origin.close())

type Asked = Parameters<Awaited<ReturnType<typeof startSmallEdge>>['ask']>[0]

async function answerOf(options: Partial<SmallEdgeOptions>, asked: Asked = {}): Promise<Answer> {
  const edge = await startSmallEdge({ material, origin, ...options })
  try {
    return await edge.ask(asked)
  } finally {
    await edge.close()
  }
}

/** The answer where the origin does this with every connection. */
async function behind(
  onConnection: (socket: Socket) => void,
  options: Partial<SmallEdgeOptions> = {},
  asked: Asked = {},
): Promise<Answer> {
  const broken = await startBroken(onConnection)
  try {
    return await answerOf({ origin: broken.place, ...options }, asked)
  } finally {
    await broken.close()
  }
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const { place, close } = await startBroken(() => {})
  await close()
  return place.port
}

/** A TLS server that does this with every connection once the handshake is done. */
async function behindTls(onSecure: (socket: Socket) => void): Promise<Answer> {
  const server = createTlsServer(material.origin.good, (socket) => {
    socket.on('error', () => {})
    onSecure(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  try {
    return await answerOf({ origin: { host: '127.0.0.1', port, tlsPort: port }, ssl: 'strict' })
  } finally {
    server.close()
  }
}

test('the page names the error, carries cf-ray and server, and says nothing about the origin', async () => {
  const port = await freePort()
  const { status, body, headers } = await answerOf({ origin: { host: '127.0.0.1', port, tlsPort: port } })
  assert.deepEqual([status, body], [521, 'error code: 521 web server is down\n'])
  assert.equal(headers['cf-ray'], '0123456789abcdef-LAB')
  assert.equal(headers.server, serverName)
  assert.equal(headers['cf-error-type'], '521')
  assert.equal(headers['cache-control'], 'no-store')
  assert.doesNotMatch(JSON.stringify(headers) + body, new RegExp(`127\\.0\\.0\\.1|${port}`))
})

test('HEAD gets the status and no page', async () => {
  const port = await freePort()
  const asked = { method: 'HEAD' }
  const { status, body } = await answerOf({ origin: { host: '127.0.0.1', port, tlsPort: port } }, asked)
  assert.deepEqual([status, body], [521, ''])
})

describe('TCP', () => {
  test('a refused connection is 521, plain and by TLS', async () => {
    const port = await freePort()
    const place = { host: '127.0.0.1', port, tlsPort: port }
    for (const ssl of ['flexible', 'full', 'strict'] as const)
      assert.equal((await answerOf({ origin: place, ssl })).status, 521)
  })

  test('the codes of connect', () => {
    const statuses = ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES']
    assert.deepEqual(
      statuses.map((code) => statusOfConnectError({ code })),
      [521, 522, 523, 523, 523, 521],
    )
    assert.equal(statusOfConnectError({}), 521)
    assert.equal(statusOfConnectError({ code: 'constructor' }), 521)
    assert.equal(statusOfRequestError(new OriginFailure(526)), 526)
    assert.equal(statusOfRequestError(new Error('socket hang up')), 520)
  })

  test('an origin that does not take connections is 522', {
    skip: process.platform === 'win32',
  }, async () => {
    const full = await startFull()
    try {
      const place = { host: '127.0.0.1', port: full.port, tlsPort: full.port }
      const dialLimits = { connect: 300, handshake: 10_000 }
      for (const ssl of ['flexible', 'full'] as const)
        assert.equal((await answerOf({ origin: place, ssl, dialLimits })).status, 522)
      // The edge's own patience may end first.
      assert.equal((await answerOf({ origin: place, limits: { origin: 300 } })).status, 522)
    } finally {
      full.close()
    }
  })
})

describe('handshake', () => {
  test('an origin that does not speak TLS is 525', async () => {
    const answer = await behind((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), { ssl: 'full' })
    assert.equal(answer.status, 525)
  })

  test('closed, reset or silent in the handshake: 525', async () => {
    assert.equal((await behind((socket) => socket.end(), { ssl: 'full' })).status, 525)
    const reset = (socket: Socket): void => {
      socket.once('data', () => socket.resetAndDestroy())
    }
    assert.equal((await behind(reset, { ssl: 'strict' })).status, 525)
    const dialLimits = { connect: 10_000, handshake: 200 }
    assert.equal((await behind(() => {}, { ssl: 'full', dialLimits })).status, 525)
  })

  test('a name the origin does not know is 525', async () => {
    const server = createTlsServer({
      ...material.origin.good,
      SNICallback: (_name, done) => done(new Error('unrecognized')),
    })
    server.on('tlsClientError', () => {})
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    const answer = await answerOf({ origin: { host: '127.0.0.1', port, tlsPort: port } })
    server.close()
    assert.equal(answer.status, 525)
  })
})

test('strict takes a chain with its intermediate, and none without', async () => {
  const root = await createAuthority({ name: 'CN=Root of an origin' })
  const intermediate = await createAuthority({ name: 'CN=Intermediate', issuer: root })
  const { cert, key } = await intermediate.issue({ purpose: 'server', san: { dns: [hostname] } })
  const [leaf] = certificatesIn(cert)
  assert.equal(certificatesIn(cert).length, 2)
  for (const [sent, status] of [
    [cert, 200],
    [toPem('CERTIFICATE', leaf ?? Buffer.alloc(0)), 526],
  ] as const) {
    const server = createTlsServer({ cert: sent, key }, (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    const answer = await answerOf({
      material: { ...material, originCa: root.cert },
      origin: { host: '127.0.0.1', port, tlsPort: port },
      ssl: 'strict',
    })
    server.close()
    assert.equal(answer.status, status)
  }
})

describe('after the handshake', () => {
  for (const [what, onSecure] of [
    ['closed', (socket) => socket.once('data', () => socket.end())],
    ['cut', (socket) => socket.destroy()],
    ['no HTTP', (socket) => socket.once('data', () => socket.end('garbage\r\n\r\n'))],
    ['HTTP/0.9', (socket) => socket.once('data', () => socket.end('<html></html>'))],
  ] as const satisfies readonly (readonly [string, (socket: Socket) => unknown])[])
    test(`${what}: 520`, async () => assert.equal((await behindTls(onSecure)).status, 520))

  test('headers of more than 128 KiB are 520, shorter ones pass', async () => {
    const answerWith = (length: number): Promise<Answer> =>
      behindTls((socket) =>
        socket.once('data', () =>
          socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: ${'a'.repeat(length)}\r\n\r\n`),
        ),
      )
    assert.equal((await answerWith(120 * 1024)).status, 200)
    assert.equal((await answerWith(130 * 1024)).status, 520)
  })

  test('the same by plain HTTP', async () => {
    assert.equal((await behind((socket) => socket.destroy(), { ssl: 'flexible' })).status, 520)
    const close = (socket: Socket): void => {
      socket.once('data', () => socket.end())
    }
    assert.equal((await behind(close, { ssl: 'flexible' })).status, 520)
  })

  test('an origin that does not answer in time is 524', async () => {
    const options = { ssl: 'flexible', limits: { origin: 200 } } as const
    assert.equal((await behind(() => {}, options)).status, 524)
    const asked = { method: 'POST', body: 'a body' }
    assert.equal((await behind((socket) => socket.resume(), options, asked)).status, 524)
  })

  test('an answer that breaks off is cut off, not completed', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'
    const answer = behind((socket) => socket.once('data', () => socket.end(head)), { ssl: 'flexible' })
    await assert.rejects(answer, { code: 'ECONNRESET' })
  })

  test('answers of the origin pass through, its own errors too', async () => {
    for (const status of [204, 400, 403, 404, 500, 502, 520, 525, 526]) {
      const text = `HTTP/1.1 ${status} Whatever\r\ncontent-length: 0\r\nx-mine: yes\r\nserver: nginx\r\n\r\n`
      const answer = await behind((socket) => socket.once('data', () => socket.end(text)), {
        ssl: 'flexible',
      })
      assert.deepEqual([answer.status, answer.headers['x-mine']], [status, 'yes'])
      assert.equal(answer.headers['cf-error-type'], undefined)
      assert.equal(answer.headers.server, serverName)
    }
  })
})

test('a kept connection that the origin has closed is replaced, for a request without body', async () => {
  let connections = 0
  // Answers once, then closes with the second request on the same connection.
  const broken = await startBroken((socket) => {
    connections += 1
    let requests = 0
    socket.on('data', () => {
      requests += 1
      if (requests > 1) socket.destroy()
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  const edge = await startSmallEdge({ material, origin: broken.place, ssl: 'flexible' })
  try {
    assert.equal((await edge.ask()).status, 200)
    assert.equal((await edge.ask()).status, 200)
    assert.equal(connections, 2)
    // What has a body is not sent twice.
    assert.equal((await edge.ask({ method: 'POST', body: 'once' })).status, 520)
    assert.equal(connections, 2)
  } finally {
    await edge.close()
    await broken.close()
  }
})

test('a visitor who leaves is not asked for twice', async () => {
  const requests: number[] = []
  let asked = (): void => {}
  const broken = await startBroken((socket) => {
    socket.on('data', () => {
      requests.push(requests.length)
      if (requests.length === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      else asked()
    })
  })
  const edge = await startSmallEdge({ material, origin: broken.place, ssl: 'flexible' })
  try {
    assert.equal((await edge.ask()).status, 200)
    // On the kept connection now; the origin takes the request and says nothing.
    const waiting = new Promise<void>((resolve) => {
      asked = resolve
    })
    const visitor = connect(edge.port, '127.0.0.1').on('error', () => {})
    visitor.write('GET / HTTP/1.1\r\nhost: api.example.test\r\n\r\n')
    await waiting
    visitor.destroy()
    await broken.lost()
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(requests.length, 2)
  } finally {
    await edge.close()
    await broken.close()
  }
})

test('bodies go both ways through TLS, and a too long one is 413', async () => {
  const edge = await startSmallEdge({ material, origin, ssl: 'strict', limits: { bodyBytes: 1024 * 1024 } })
  try {
    const body = Buffer.alloc(1024 * 1024, 'a')
    const answer = await edge.ask({ method: 'POST', body })
    assert.equal(answer.status, 200)
    assert.match(answer.body, /"content-length","1048576"/i)
    const long = Buffer.alloc(1024 * 1024 + 1)
    assert.equal((await edge.ask({ method: 'POST', body: long })).status, 413)
    assert.equal((await edge.ask({ path: canary })).status, 200)
  } finally {
    await edge.close()
  }
})

/** A listener in a stopped process, its queue full: the kernel answers no further SYN. */
async function startFull(): Promise<{ port: number; close(): void }> {
  const script = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
    () => console.log(server.address().port))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  child.kill('SIGSTOP')
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  // Those that fit are connected, the others hang like the edge will.
  await once(fillers[0] ?? child, 'connect')
  await new Promise((resolve) => setTimeout(resolve, 100))
  return {
    port,
    close() {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
    },
  }
}
