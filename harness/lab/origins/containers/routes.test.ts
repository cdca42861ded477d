import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { HarnessError } from '../../../errors.ts'
import { ApiError } from '../../api/errors.ts'
import { containerRoutes } from './routes.ts'
import { checkSettings, defaultContainerSettings } from './servers.ts'
import type { ContainerOrigin, ContainerSettings } from './types.ts'

/** As the real one decides what it takes; nothing runs. */
function origin(): ContainerOrigin {
  let settings = defaultContainerSettings
  return {
    name: 'alb',
    server: 'ALB-like, HAProxy 2.6.12',
    host: '127.0.0.1',
    port: 1,
    tlsPort: 2,
    pid: 3,
    get settings() {
      return settings
    },
    async configure(change: Partial<ContainerSettings>) {
      const next = { ...settings, ...change }
      checkSettings('alb', next)
      settings = next
    },
    cgroup: () => assert.fail(),
    logs: async () => '',
    close: async () => undefined,
  }
}

test('settings are shown and changed; what the server does not have is 400, another name 404', async () => {
  const app = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } })
  app.setErrorHandler((error, _request, reply) => {
    const status =
      error instanceof ApiError ? error.status : ((error as { statusCode?: number }).statusCode ?? 500)
    return reply.code(status).send({ message: error instanceof Error ? error.message : '' })
  })
  containerRoutes(app, [origin()])
  const patch = async (name: string, payload: object): Promise<[number, string]> => {
    const { statusCode, body } = await app.inject({ method: 'PATCH', url: `/containers/${name}`, payload })
    return [statusCode, body]
  }
  assert.equal((await patch('alb', { clientCertificates: 'passthrough' }))[0], 200)
  const { result } = (await app.inject('/containers')).json() as { result: Record<string, unknown>[] }
  assert.deepEqual(
    result.map(({ name, tlsPort, clientCertificates }) => [name, tlsPort, clientCertificates]),
    [['alb', 2, 'passthrough']],
  )
  const [status, body] = await patch('alb', { clientCertificates: 'verify', trust: 'no PEM' })
  assert.deepEqual([status, /trust has to be/.test(body)], [400, true])
  for (const wrong of [{ clientCertificates: 1 }, { trust: null }, { unknown: true }, []])
    assert.equal((await patch('alb', wrong))[0], 400, JSON.stringify(wrong))
  for (const name of ['nginx', 'constructor', '__proto__'])
    assert.equal((await patch(name, {}))[0], 404, name)
})

test('a server that fails to change over is an error of the lab, not of who asked', async () => {
  const app = fastify()
  containerRoutes(app, [
    { ...origin(), configure: () => Promise.reject(new HarnessError('ERR_INTERNAL', 'it ended')) },
  ])
  const { statusCode } = await app.inject({ method: 'PATCH', url: '/containers/alb', payload: {} })
  assert.equal(statusCode, 500)
})
