import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { after, before, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { canaryPath, primary } from '../lab/hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab/lab.ts'
import { attemptScripted, type ScriptedAttempt } from './scripted.ts'

let material: LabMaterial
let lab: Lab

before(async () => {
  material = await createLabMaterial()
  lab = await startLab({ material })
})
after(() => lab.close())

const versions = ['TLSv1.2', 'TLSv1.3'] as const
const to = (port: number, extra: Partial<ScriptedAttempt> = {}): ScriptedAttempt => ({
  endpoint: { hostname: primary.hostname, address: '127.0.0.1', port },
  proof: { canary: canaryPath },
  version: 'TLSv1.2',
  ...extra,
})
const here = (extra: Partial<ScriptedAttempt>): ScriptedAttempt => to(lab.edge.port, extra)

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

for (const version of versions) {
  test(`${version}: honest and valid is allowed, by nonce; without a certificate it is refused in HTTP`, async () => {
    const identity = material.identities['sensor-001']
    const valid = await attemptScripted(here({ version, identity }))
    assert.deepEqual([valid.verdict, valid.code, valid.layer], ['allowed', 'proof-nonce', 'http'])
    assert.equal(valid.canary?.path.startsWith(canaryPath), true)
    assert.equal(valid.transcript?.version, version)
    const none = await attemptScripted(here({ version }))
    assert.deepEqual([none.verdict, none.code, none.http?.status], ['refused', 'http-refused', 403])
  })

  test(`${version}: an empty entry is refused in TLS, and the transcript shows it`, async () => {
    const outcome = await attemptScripted(here({ version, mutate: { certificate: 'empty-entry' } }))
    assert.deepEqual([outcome.verdict, outcome.code, outcome.close], ['refused', 'tls-alert', 'alert'])
    assert.equal(outcome.alert?.name, 'decode_error')
    assert.deepEqual(
      outcome.transcript?.clientCertificates.map((list) => list.map(({ length }) => length)),
      [[0]],
    )
  })
}

test('a canary that cannot be proved is not allowed, a declared answer is', async () => {
  const identity = material.identities['sensor-001']
  const wrong = await attemptScripted(here({ identity, proof: { canary: '/nothing' } }))
  assert.notEqual(wrong.verdict, 'allowed')
  const request = { method: 'HEAD', path: canaryPath, allowed: { status: [200, 400] } }
  const head = await attemptScripted(here({ identity, proof: { request } }))
  assert.deepEqual([head.verdict, head.code], ['allowed', 'proof-pattern'])
})

test('a server the script cannot follow says nothing about access', async () => {
  const server = createTlsServer({ ...material.server.good, ecdhCurve: 'P-384', minVersion: 'TLSv1.3' })
  server.on('tlsClientError', () => {})
  try {
    const port = await listen(server)
    const retry = await attemptScripted(to(port, { version: 'TLSv1.3' }))
    assert.equal(retry.verdict, 'inconclusive', retry.summary)
    const old = await attemptScripted(to(port, { version: 'TLSv1.2' }))
    assert.deepEqual([old.verdict, old.code], ['inconclusive', 'version-unsupported'])
  } finally {
    server.close()
  }
})

test('nobody there, plain text, silence, the caller’s abort, an unusable identity: undecided, each by its name', async () => {
  const idle = createServer((socket) => socket.on('error', () => {}).resume())
  const plain = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-x\r\n'))
  const [silent, ssh] = [await listen(idle), await listen(plain)]
  const closed = createServer()
  const nowhere = await listen(closed)
  await new Promise((resolve) => closed.close(resolve))
  try {
    const codes: [ScriptedAttempt, string][] = [
      [to(nowhere), 'unreachable'],
      [to(silent, { deadline: 150 }), 'timeout'],
      [to(silent, { signal: AbortSignal.timeout(100) }), 'aborted'],
      [to(silent, { signal: AbortSignal.abort() }), 'aborted'],
      [to(silent, { identity: { ...material.identities['sensor-001'], key: 'none' } }), 'client-error'],
    ]
    for (const [input, code] of codes) {
      const outcome = await attemptScripted(input)
      assert.deepEqual([outcome.verdict, outcome.code], ['inconclusive', code], outcome.summary)
    }
    const text = await attemptScripted(to(ssh))
    assert.equal(text.verdict, 'inconclusive', text.summary)
  } finally {
    idle.close()
    plain.close()
  }
})
