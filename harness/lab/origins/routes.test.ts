import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fastify, { type FastifyInstance } from 'fastify'
import { failure } from '../api/envelope.ts'
import { toApiError } from '../api/refusals.ts'
import type { OriginMaterial } from './material.ts'
import { type Origins, startOrigins } from './origins.ts'
import { originRoutes } from './routes.ts'
import { ask, originMaterial } from './testing.ts'

let app: FastifyInstance
let origins: Origins
let material: OriginMaterial

before(async () => {
  material = await originMaterial()
  origins = await startOrigins(material)
  app = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } })
  app.setErrorHandler((error, _request, reply) => {
    const refusal = toApiError(error)
    return reply.code(refusal?.status ?? 500).send(failure(refusal?.code ?? 1000, refusal?.message ?? ''))
  })
  const lab = (scope: FastifyInstance, _options: object, done: () => void): void => {
    originRoutes(scope, { origins })
    done()
  }
  await app.register(lab, { prefix: '/lab/v1' })
})
after(() => Promise.all([app.close(), origins.close()]))

const patch = (name: string, payload: object | string) =>
  app.inject({
    method: 'PATCH',
    url: `/lab/v1/origins/${name}`,
    headers: { 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })

test('the origins are listed, without keys', async () => {
  const { statusCode, json, body } = await app.inject('/lab/v1/origins')
  assert.equal(statusCode, 200)
  const { main, pulls, guarded } = origins
  assert.deepEqual(json().result, [
    { name: 'main', host: '127.0.0.1', port: main.port, tlsPort: main.tlsPort, ...main.settings },
    { name: 'pulls', host: '127.0.0.1', port: pulls.port, tlsPort: pulls.tlsPort, ...pulls.settings },
    { name: 'guarded', host: '127.0.0.1', port: guarded.port, tlsPort: guarded.tlsPort, ...guarded.settings },
  ])
  assert.equal(pulls.settings.clientCertificates, 'optional')
  assert.doesNotMatch(body, /PRIVATE KEY/)
})

test('origin.required-not-taken: told to require a certificate, it goes on without; other changes are made', async () => {
  const faulty = await startOrigins(material, Date.now, new Set(['origin.required-not-taken']))
  try {
    for (const { pulls, served } of [
      { pulls: faulty.pulls, served: 200 },
      { pulls: origins.pulls, served: 400 },
    ]) {
      const { clientCertificates, trust } = pulls.settings
      pulls.configure({ clientCertificates: 'required' })
      assert.equal((await ask(pulls, { tls: {} })).status, served)
      pulls.configure({ trust: material.pulls.ca })
      const { cert, key } = material.sharedPull
      assert.equal((await ask(pulls, { tls: { cert, key } })).status, 400)
      pulls.configure({ clientCertificates, trust })
    }
  } finally {
    await faulty.close()
  }
})

test('a change takes effect for the next connection, on that origin only', async () => {
  const { cert, key } = material.sharedPull
  const changed = await patch('pulls', { clientCertificates: 'required' })
  assert.equal(changed.json().result.clientCertificates, 'required')
  assert.equal((await ask(origins.pulls, { tls: {} })).status, 400)
  assert.equal((await ask(origins.pulls, { tls: { cert, key } })).status, 200)
  assert.equal((await ask(origins.main, { tls: {} })).status, 200)
  await patch('pulls', { trust: material.originCa })
  assert.equal((await ask(origins.pulls, { tls: { cert, key } })).status, 400)
})

test('the guarded origin takes the operator’s own certificate only, and no plain HTTP', async () => {
  const { pulls, sharedPull } = material
  const { guarded, main } = origins
  assert.equal((await ask(guarded, { tls: { cert: pulls.cert, key: pulls.key } })).status, 200)
  assert.equal((await ask(guarded, { tls: {} })).status, 400)
  assert.equal((await ask(guarded, { tls: { cert: sharedPull.cert, key: sharedPull.key } })).status, 400)
  await assert.rejects(fetch(`http://127.0.0.1:${guarded.port}/temps`))
  assert.equal((await fetch(`http://127.0.0.1:${main.port}/temps`)).status, 200)
  await patch('guarded', { plain: 'open' })
  assert.equal((await fetch(`http://127.0.0.1:${guarded.port}/temps`)).status, 200)
  await patch('guarded', { plain: 'closed' })
  await assert.rejects(fetch(`http://127.0.0.1:${guarded.port}/temps`))
})

test('what is no setting is refused, and changes nothing', async () => {
  const before = origins.main.settings
  for (const bad of [
    { clientCertificates: 'sometimes' },
    { clientCertificates: true },
    { trust: 5 },
    { trust: 'not PEM' },
    { serverCertificate: 'best' },
    { maxVersion: 'TLSv1' },
    { unknown: 1 },
    [],
    'null',
    '"text"',
  ])
    assert.equal((await patch('main', bad)).statusCode, 400, JSON.stringify(bad))
  assert.equal((await patch('main', '{')).statusCode, 400)
  for (const name of ['other', '__proto__', 'close'])
    assert.equal((await patch(name, { maxVersion: 'TLSv1.2' })).statusCode, 404)
  assert.deepEqual(origins.main.settings, before)
})
