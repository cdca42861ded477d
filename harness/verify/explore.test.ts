import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { publicSibling } from '../../fixtures/targets.ts'
import { blackBoxDeployment } from '../deployment/blackbox.ts'
import { neighbourNames } from '../deployment/neighbours.ts'
import type { Deployment } from '../deployment/types.ts'
import { createAuthority } from '../pki/authority.ts'
import { attempt } from '../probe/attempt.ts'
import type { Attempt, HttpAnswer, Outcome } from '../probe/types.ts'
import { edgePorts, explorationLimit, explore, withExplored } from './explore.ts'

const deploymentAt = (port: number): Deployment =>
  blackBoxDeployment('app.example.com', { connectTo: `127.0.0.1:${port}` })

const probeOf =
  ({ target }: Deployment, seen: Partial<Attempt>[] = []) =>
  (extra: Partial<Attempt>) => {
    seen.push(extra)
    return attempt({ endpoint: target, proof: {}, deadline: 3000, ...extra })
  }

const nowhere = async (): Promise<string[]> => []

/** A page, on a connection on which a certificate was asked for or not. */
const answered = (asked: boolean): Outcome =>
  ({
    verdict: 'allowed',
    code: 'http-ok',
    layer: 'http',
    summary: 'HTTP 200',
    http: { status: 200 },
    transcript: asked ? { certificateRequest: {} } : {},
  }) as unknown as Outcome

async function httpServer(status: number): Promise<{ port: number; close: () => void }> {
  const server = createServer((_, response) => {
    response.writeHead(status, status === 301 ? { location: 'https://app.example.com/' } : {}).end('here')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

/** A QUIC server's answer to a version it does not have (RFC 9000 §17.2.1), or what a liar sends. */
async function udpServer(answer: (asked: Buffer) => Buffer): Promise<{ port: number; close: () => void }> {
  const socket = createSocket('udp4')
  socket.on('message', (message, { port, address }) => socket.send(answer(message), port, address))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { port: socket.address().port, close: () => socket.close() }
}

const negotiate = (asked: Buffer): Buffer => {
  const destination = asked.subarray(6, 14)
  const source = asked.subarray(15, 23)
  return Buffer.concat([
    Buffer.of(0xc3, 0, 0, 0, 0, 8),
    source,
    Buffer.of(8),
    destination,
    Buffer.of(0, 0, 0, 1),
  ])
}

test('ports are told apart: open, redirect, refused, closed', async () => {
  const servers = await Promise.all([200, 301, 403].map(httpServer))
  const [open, redirect, refused] = servers.map(({ port }) => port)
  const closed = await httpServer(200)
  closed.close()
  const deployment = deploymentAt(closed.port)
  const plain = [open ?? 0, redirect ?? 0, refused ?? 0, closed.port]
  const doors = await explore({
    deployment,
    addresses: [],
    answers: [],
    probe: probeOf(deployment),
    ports: { plain, tls: [] },
    resolve: nowhere,
  })
  for (const { close } of servers) close()
  assert.deepEqual(
    doors.map(({ kind, seen, port }) => [kind, seen, port]),
    [
      ['plain-port', 'open', open],
      ['plain-port', 'redirect', redirect],
      ['plain-port', 'refused', refused],
      ['plain-port', 'closed', closed.port],
    ],
  )
  assert.deepEqual(withExplored(deployment, doors).ports, { plain: plain.slice(0, 3), tls: [] })
  const declared = { ...deployment, source: 'harness.yaml' }
  assert.equal(withExplored(declared, doors), declared, 'what a file declares is not added to')
})

test('other ports are looked at only beside 443, where nothing was declared, and never more than was said', () => {
  const standard = blackBoxDeployment('app.example.com')
  assert.equal(explorationLimit(standard), edgePorts.tls.length + edgePorts.plain.length + 8)
  assert.equal(explorationLimit(deploymentAt(8443)), 8)
  assert.equal(explorationLimit({ ...standard, source: 'harness.yaml' }), 8)
})

test('neighbours are visited only where they lead to an address of the hostname, four at most', async () => {
  const server = await httpServer(200)
  const deployment = deploymentAt(server.port)
  const visited: Partial<Attempt>[] = []
  const resolve = async (name: string): Promise<string[]> =>
    name.startsWith('www.') ? ['127.0.0.1'] : ['192.0.2.1']
  const look = (own: string[], how: (name: string) => Promise<string[]>) =>
    explore({
      deployment,
      addresses: own,
      answers: [],
      probe: probeOf(deployment, visited),
      ports: { tls: [], plain: [] },
      resolve: how,
    })
  const doors = await look(['127.0.0.1'], resolve)
  assert.deepEqual(
    doors.map(({ kind, where }) => [kind, where]),
    [
      ['name', 'www.app.example.com'],
      ['name', 'www.example.com'],
    ],
  )
  assert.deepEqual(await look(['127.0.0.1'], nowhere), [])
  assert.equal(visited.length, 2)
  assert.equal((await look(['127.0.0.1'], async () => ['127.0.0.1'])).length, 4)
  server.close()
})

test('names on the certificate are visited, wildcards and known ones aside; those that ask for nothing become neighbours', async () => {
  const authority = await createAuthority()
  const names = [
    'app.example.com',
    '*.example.com',
    'known.example.com',
    'shop.example.com',
    'asks.example.com',
  ]
  const { cert } = await authority.issue({ purpose: 'server', san: { dns: names } })
  const black = deploymentAt(1)
  const deployment = { ...black, siblings: [{ ...black.target, hostname: 'known.example.com' }] }
  const doors = await explore({
    deployment,
    addresses: [],
    answers: [],
    certificate: new X509Certificate(cert).raw,
    probe: async ({ endpoint }) => answered(endpoint?.hostname === 'asks.example.com'),
    resolve: nowhere,
  })
  assert.deepEqual(
    doors.map(({ where, asks }) => [where, asks]),
    [
      ['shop.example.com', false],
      ['asks.example.com', true],
    ],
  )
  const { neighbours, siblings } = withExplored(deployment, doors)
  assert.deepEqual(
    neighbours?.map(({ hostname, address, requests }) => [hostname, address, requests]),
    [['shop.example.com', '127.0.0.1', []]],
  )
  assert.equal(siblings, deployment.siblings)
  const sibling = publicSibling(withExplored(black, doors))
  assert.equal(sibling?.hostname, 'shop.example.com')
  assert.equal(publicSibling(black), undefined)
})

test('a neighbour that serves a page comes before one that turns people away', () => {
  const door = { kind: 'name', because: '', asks: false } as const
  const { neighbours } = withExplored(deploymentAt(1), [
    { ...door, where: 'a.example.com', seen: 'refused' },
    { ...door, where: 'b.example.com', seen: 'open' },
    { ...door, where: 'c.example.com', seen: 'open', asks: true },
  ])
  assert.deepEqual(
    neighbours?.map(({ hostname }) => hostname),
    ['b.example.com', 'a.example.com'],
  )
})

test('names of neighbours: with and without www, common labels, never a public suffix', () => {
  assert(neighbourNames('www.example.com').includes('example.com'))
  assert(!neighbourNames('www.example.com').includes('www.www.example.com'))
  assert.deepEqual(neighbourNames('example.com'), ['www.example.com'])
  assert(neighbourNames('api.example.com').includes('origin.example.com'))
  assert(!neighbourNames('api.example.com').includes('api.example.com'))
})

test('HTTP/3 is seen where QUIC answers or is announced, and is said to be untested', async () => {
  const server = await udpServer(negotiate)
  const deployment = deploymentAt(server.port)
  const common = { deployment, probe: probeOf(deployment), resolve: nowhere }
  const [door] = await explore({ ...common, addresses: ['127.0.0.1'], answers: [] })
  assert.deepEqual([door?.kind, door?.seen], ['http3', 'not-tested'])
  assert.match(door?.because ?? '', /QUIC answers on UDP \d+/)
  server.close()
  const answer = (value: string): HttpAnswer => ({
    version: '1.1',
    status: 200,
    headers: [['Alt-Svc', value]],
    body: Buffer.alloc(0),
    bodyHash: '',
    truncated: false,
  })
  const said = (value: string) => explore({ ...common, addresses: [], answers: [answer(value)] })
  assert.match((await said('h3=":443"; ma=86400'))[0]?.because ?? '', /Alt-Svc/)
  assert.deepEqual(await said('h2=":443"'), [])
})

test('a name server that says nothing does not hold up the run, and hides only its own name', async () => {
  const server = await httpServer(200)
  const deployment = deploymentAt(server.port)
  const silent = new Promise<string[]>(() => undefined)
  const doors = await explore({
    deployment,
    addresses: ['127.0.0.1'],
    answers: [],
    probe: (extra) =>
      attempt({ endpoint: deployment.target, proof: {}, tls: false, deadline: 3000, ...extra }),
    resolve: (name) => (name === 'api.example.com' ? Promise.resolve(['127.0.0.1']) : silent),
  })
  assert.deepEqual(
    doors.map(({ where, seen }) => [where, seen]),
    [['api.example.com', 'open']],
  )
  server.close()
})
