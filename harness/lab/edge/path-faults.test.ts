import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { type PathFaultId, pathFaults } from '../faults/paths.ts'
import { type Faults, selectFaults } from '../faults.ts'
import { canaryPath, primary } from '../hostnames.ts'
import { createLabMaterial, startLab } from '../lab.ts'
import { inWords, type Sent, send } from '../testing/client.ts'
import { slipsByRequest } from './path-faults.ts'

const material = await createLabMaterial()
const issued = new X509Certificate(material.identities['partner-001'].cert)

type Request = Parameters<typeof slipsByRequest>[0]

const get = (target: string): Request => ({ method: 'GET', target, headers: [] })
const by = (method: string): Request => ({ method, target: canaryPath, headers: [] })
const dressed = (name: string, value: string): Request => ({ ...get(canaryPath), headers: [[name, value]] })

/** Per fault: what passes, and what stands next to it and does not. */
const rows: Record<PathFaultId, readonly [passes: Request, still: Request]> = {
  'edge.open-below': [get(`${canaryPath}/x`), get(`${canaryPath}/`)],
  'edge.open-suffix': [get('/temps.json'), get('/temps.json/x')],
  'edge.open-static-suffix': [get('/a/b.png?x'), get('/a.png/b')],
  'edge.open-static-query': [get('/a?v=.css'), get('/a?.css=v')],
  'edge.open-scripts': [get('/index.php/a'), get('/index.phpx/a')],
  'edge.open-above-folders': [get('/static../a'), get('/static/../a')],
  'edge.open-exempt-prefix': [get('/static/../a'), get('/static../a')],
  'edge.open-parent': [get('/__harness'), get('/__harness/')],
  'edge.open-encoded-slash': [get('/a%2Fb?x'), get('/a?x=%2F')],
  'edge.open-double-encoding': [get('/%252e/'), get('/%25')],
  'edge.open-path-parameter': [get('/a;b'), get('/a?b;c')],
  'edge.open-path-tail': [get('/a%00'), get('/a%2e')],
  'edge.open-overlong': [get('/%c0%af'), get('/%c3%a4')],
  'edge.open-query': [get('/a?x=/.well-known/acme-challenge/'), get('/.well-known/acme-challenge/x')],
  'edge.open-acme-challenge': [get('/.well-known/acme-challenge/x'), get('/.well-known/x')],
  'edge.open-well-known': [get('/.well-known/x'), get('/.well-known/acme-challenge/x')],
  'edge.open-health': [get('/metrics?x'), get('/metrics/x')],
  'edge.open-edge-endpoints': [get('/cdn-cgi/image/a'), get('/cdn-cgi')],
  'edge.open-http10': [
    { ...get('/'), http10: true },
    { ...get('/'), http10: false },
  ],
  'edge.open-options': [by('OPTIONS'), by('GET')],
  'edge.open-unusual-methods': [by('PROPFIND'), by('OPTIONS')],
  'edge.open-method-override': [dressed('X-Method-Override', 'GET'), dressed('X-Method', 'GET')],
  'edge.open-url-override': [dressed('X-Original-URL', '/'), dressed('X-Forwarded-Uri', '/')],
  'edge.open-absolute-form': [get('https://a/b'), get('/https://a/b')],
  'edge.open-websocket': [dressed('Upgrade', 'WebSocket'), dressed('Upgrade', 'h2c')],
  'edge.open-h2c': [dressed('Upgrade', 'h2c'), dressed('Upgrade', 'websocket')],
  'edge.open-conditional': [dressed('If-None-Match', '*'), dressed('If-Range', '*')],
  'edge.open-client-address': [
    dressed('Forwarded', 'for=127.0.0.1'),
    dressed('X-Forwarded-For', '192.0.2.1'),
  ],
  'edge.open-private-address': [dressed('X-Real-IP', '10.0.0.1'), dressed('X-Forwarded-For', '10.0.0.1')],
  'edge.open-forwarded-uri': [dressed('X-Forwarded-Uri', '/'), dressed('X-Forwarded-Host', 'a')],
  'edge.open-health-probe': [dressed('User-Agent', 'kube-probe/1'), dressed('User-Agent', 'curl')],
  'edge.open-monitors': [dressed('User-Agent', 'UptimeRobot; Pingdom'), dressed('User-Agent', 'UptimeRobot')],
  'edge.open-grpc': [
    dressed('Content-Type', 'application/grpc-web'),
    dressed('Content-Type', 'application/json'),
  ],
  'edge.open-authorization': [dressed('Authorization', 'Basic x'), dressed('Proxy-Authorization', 'Basic x')],
  'edge.open-own-origin': [
    dressed('Origin', `https://${primary.hostname}`),
    dressed('Origin', `http://${primary.hostname}`),
  ],
  'edge.open-sibling-referer': [
    dressed('Referer', 'https://www.harness.test/'),
    dressed('Referer', `https://${primary.hostname}/`),
  ],
  'edge.open-debug-cookie': [dressed('Cookie', 'a=1; debug=1'), dressed('Cookie', 'debug=0')],
  'edge.believes-underscores': [
    dressed('X_SSL_Client_Verify', 'SUCCESS'),
    dressed('X-SSL-Client-Verify', 'SUCCESS'),
  ],
  'edge.believes-subject': [
    dressed('X-SSL-Client-S-DN', 'CN=a,O=Harness Lab'),
    dressed('X-SSL-Client-S-DN', 'CN=a,O=harness'),
  ],
  'edge.believes-certificate': [
    dressed('Client-Cert', `:${issued.raw.toString('base64')}:`),
    dressed('Client-Cert', ':AAAA:'),
  ],
}

const none: Faults = new Set()

for (const [id, [passes, still]] of Object.entries(rows) as [PathFaultId, readonly [Request, Request]][]) {
  test(`fault ${id}`, () => {
    assert.equal(slipsByRequest(passes, none), false, 'without the fault')
    assert.equal(slipsByRequest(passes, selectFaults([id])), true)
    assert.equal(slipsByRequest(still, selectFaults([id])), false, 'its neighbour')
    const others = pathFaults.map((fault) => fault.id).filter((other) => other !== id)
    assert.equal(slipsByRequest(passes, selectFaults(others)), false, 'no other fault lets it through')
  })
}

test('over a connection: without a certificate it passes, with a bad one it does not', async () => {
  const [healthy, faulty] = await Promise.all([
    startLab({ material }),
    startLab({ material, faults: ['edge.open-options', 'edge.open-h2c'] }),
  ])
  try {
    const options: Sent = { method: 'OPTIONS' }
    const h2c: Sent = { headers: [['Upgrade', 'h2c']] }
    assert.deepEqual(
      [inWords(await send(healthy, options)), inWords(await send(healthy, h2c))],
      ['403', '403'],
    )
    assert.deepEqual(
      [inWords(await send(faulty, options)), inWords(await send(faulty, h2c))],
      ['200 none', '200 none'],
    )
    const { 'partner-001': identity } = material.identities
    assert.equal(inWords(await send(faulty, { ...options, identity })), '403')
    assert.equal(inWords(await send(faulty)), '403', 'GET is closed')
  } finally {
    await Promise.all([healthy.close(), faulty.close()])
  }
})
