/**
 * The edge in front of origins that fail.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { AccessGate } from '../access/types.ts'
import { selectFaults } from '../faults.ts'
import { www } from '../hostnames.ts'
import type { Lab } from '../lab.ts'
import { createLabMaterial, type LabMaterial } from '../material.ts'
import { seedState } from '../state/seed.ts'
import { createStore, type Store } from '../state/store.ts'
import { type Seen, type Sent, send } from '../testing/client.ts'
import { keepConnection } from '../testing/kept-connection.ts'
import { startEdge } from './edge.ts'
import { defaultLimits } from './limits.ts'

let material: LabMaterial

before(async () => {
  material = await createLabMaterial()
})

/** Access that covers nothing. */
const noAccess: AccessGate = {
  concerns: () => false,
  decide: async () => ({ kind: 'not-covered' }),
  close: async () => {},
}

/** The initial state, but plain HTTP to the origin. */
function withoutOriginTls(): Store {
  const store = createStore(seedState(material, new Date()))
  for (const { settings } of Object.values(store.state.zones)) settings.ssl.value = 'flexible'
  return store
}

/** One request through an edge whose origin does as told. */
async function through(behave: ((socket: Socket) => void) | undefined, sent: Sent = {}): Promise<Seen> {
  const origin = createServer((socket) => {
    socket.on('error', () => {})
    behave?.(socket)
  })
  await once(origin.listen(0, '127.0.0.1'), 'listening')
  const { port } = origin.address() as AddressInfo
  if (behave === undefined) origin.close()
  const limits = { ...defaultLimits, origin: 300 }
  const edge = await startEdge({
    material,
    faults: selectFaults([]),
    store: withoutOriginTls(),
    access: noAccess,
    origins: { main: { host: '127.0.0.1', port, tlsPort: port } },
    limits,
    port: 0,
  })
  try {
    return await send({ edge } as unknown as Lab, { to: www.hostname, path: '/x', ...sent })
  } finally {
    await edge.close()
    origin.close()
  }
}

const answering =
  (text: string, then: (socket: Socket) => void = (socket) => socket.end()) =>
  (socket: Socket): void => {
    socket.once('data', () => {
      socket.write(text)
      then(socket)
    })
  }

for (const http of [1, 2] as const) {
  test(`HTTP/${http}: an origin that cannot be reached is a 521`, async () => {
    assert.equal((await through(undefined, { http })).status, 521)
  })

  test(`HTTP/${http}: an origin that hangs up, or speaks something else, is a 520`, async () => {
    assert.equal((await through((socket) => socket.destroy(), { http })).status, 520)
    assert.equal((await through(answering('hello\r\n\r\n'), { http })).status, 520)
  })

  test(`HTTP/${http}: an origin that stays silent is a 524`, async () => {
    assert.equal((await through(() => {}, { http })).status, 524)
  })

  test(`HTTP/${http}: an answer that breaks off is not taken for whole`, async () => {
    const seen = await through(
      answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning', (socket) =>
        setTimeout(() => socket.destroy(), 50),
      ),
      { http },
    )
    assert.equal(seen.status, 200)
    assert.ok(seen.body.length < 100)
  })

  test(`HTTP/${http}: answers are carried as they are, without what speaks of certificates or the connection`, async () => {
    const seen = await through(
      answering(
        'HTTP/1.1 299 Fine\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nCf-Cert-Verified: valid\r\nClient_Cert: x\r\n' +
          'Server: origin/1.0\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: t\r\n\r\n',
      ),
      { http },
    )
    assert.equal(seen.status, 299)
    assert.match(seen.body, /hello/)
    const names = seen.headers.map(([name]) => name)
    assert.deepEqual(
      names.filter((name) => /cert|trailer|x-t$/.test(name)),
      [],
    )
    assert.deepEqual(
      seen.headers.filter(([name]) => name === 'server'),
      [['server', 'cloudflare']],
    )
    assert.deepEqual(
      seen.headers
        .filter(([name]) => name === 'set-cookie')
        .map(([, value]) => value)
        .join(),
      http === 1 ? 'a=1,b=2' : 'a=1,b=2',
    )
  })
}

for (const { http, when } of [1, 2].flatMap((http) =>
  (['while Access decided', 'during the answer'] as const).map((when) => ({ http: http as 1 | 2, when })),
)) {
  test(`HTTP/${http}: a visitor who left ${when} does not keep the origin busy`, async () => {
    const early = when === 'while Access decided'
    const asked = Promise.withResolvers<void>()
    const decided = Promise.withResolvers<void>()
    const access: AccessGate = {
      concerns: () => true,
      async decide() {
        asked.resolve()
        await decided.promise
        return { kind: 'not-covered' }
      },
      close: async () => {},
    }
    // Requests that reached the origin: its answer never ends. An idle connection is nothing to complain of.
    const begun = Promise.withResolvers<void>()
    const left = Promise.withResolvers<void>()
    let answered = 0
    const origin = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => {
        answered += 1
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
        const flood = setInterval(() => socket.write(`1000\r\n${'x'.repeat(0x1000)}\r\n`), 1)
        begun.resolve()
        socket.once('close', () => {
          clearInterval(flood)
          answered -= 1
          left.resolve()
        })
      })
    })
    await once(origin.listen(0, '127.0.0.1'), 'listening')
    const { port } = origin.address() as AddressInfo
    const edge = await startEdge({
      material,
      faults: selectFaults([]),
      store: withoutOriginTls(),
      access,
      origins: { main: { host: '127.0.0.1', port, tlsPort: port } },
      limits: defaultLimits,
      port: 0,
    })
    try {
      const visitor = await keepConnection(edge.port, { hostname: www.hostname, http, identity: undefined })
      const answer = visitor.ask({ method: 'GET', path: '/x' }).catch((error: Error) => error.message)
      await asked.promise
      // So that what was done has most likely arrived.
      const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100))
      if (!early) {
        decided.resolve()
        await begun.promise
        await aWhile()
      }
      visitor.close()
      assert.match(String(await answer), /ended/)
      if (early) await aWhile()
      decided.resolve()
      if (early) await aWhile()
      if (answered > 0)
        await Promise.race([left.promise, new Promise((resolve) => setTimeout(resolve, 5000).unref())])
      assert.equal(answered, 0)
    } finally {
      await edge.close()
      origin.close()
    }
  })
}

test('a slow answer to a pipelined request is not taken for an idle connection', async () => {
  const pause = 500
  const origin = createHttpServer((request, response) => {
    if (request.url === '/quick') return void response.end('quick')
    response.writeHead(200, { 'content-length': '6' }).write('slo')
    setTimeout(() => response.end('wly'), pause)
  })
  await once(origin.listen(0, '127.0.0.1'), 'listening')
  const { port } = origin.address() as AddressInfo
  const edge = await startEdge({
    material,
    faults: selectFaults([]),
    store: withoutOriginTls(),
    access: noAccess,
    origins: {
      main: { host: '127.0.0.1', port, tlsPort: port },
      guarded: { host: '127.0.0.1', port, tlsPort: port },
    },
    limits: { ...defaultLimits, headers: pause / 5 },
    port: 0,
  })
  try {
    const socket = connectTls({
      host: edge.host,
      port: edge.port,
      servername: www.hostname,
      rejectUnauthorized: false,
    })
    await once(socket, 'secureConnect')
    const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${www.hostname}\r\n\r\n`
    socket.write(ask('/quick') + ask('/slow'))
    let seen = ''
    for await (const chunk of socket) {
      seen += String(chunk)
      if (seen.endsWith('slowly')) break
    }
    assert.match(seen, /quick[\s\S]*slowly$/)
  } finally {
    await edge.close()
    origin.close()
  }
})
