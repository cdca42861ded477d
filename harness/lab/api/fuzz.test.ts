/**
 * Nonsense for every route there is: answers in the envelope, no crash, no failure inside.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import fastify from 'fastify'
import type { ApiContext } from './context.ts'
import { routes } from './routes.ts'
import { ids, startTestApi } from './testing/start.ts'

interface Route {
  method: string
  url: string
  /** Names of body fields that the route knows. */
  fields: string[]
}

/** Asks the subjects for their routes, as the server does. */
function everyRoute(context: ApiContext): Route[] {
  const found: Route[] = []
  const app = fastify({ exposeHeadRoutes: false })
  app.addHook('onRoute', ({ method, url, schema }) => {
    const body = schema?.body as { properties?: object } | undefined
    for (const name of [method].flat())
      found.push({ method: name, url, fields: Object.keys(body?.properties ?? {}) })
  })
  for (const add of routes) add(app, context)
  return found
}

const hostileIds = ['__proto__', 'constructor', '%00', '..%2f..', 'f'.repeat(32), '%F0%9F%92%A9', 'null']
const ownIds: Readonly<Record<string, string>> = {
  zone_id: ids.zone,
  account_id: ids.account,
  setting_id: 'ssl',
}

const values = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    '',
    null,
    [],
    {},
    true,
    -1,
    1e308,
    'a'.repeat(5000),
    '-----BEGIN CERTIFICATE-----',
  ),
)

test('every route answers nonsense with the envelope', async () => {
  await using t = await startTestApi({ limits: { requests: Number.MAX_SAFE_INTEGER, bodyBytes: 100_000 } })
  const all = everyRoute(t.context)
  assert.ok(all.length > 20, 'routes were found')
  const request = fc.record({
    route: fc.constantFrom(...all),
    id: fc.constantFrom(...hostileIds),
    /** Whether the zone and account of the path exist. */
    own: fc.boolean(),
    body: values,
    fields: fc.array(values, { minLength: 1, maxLength: 8 }),
    whole: fc.boolean(),
    query: fc.webQueryParameters(),
  })
  await fc.assert(
    fc.asyncProperty(request, async ({ route, id, own, body, fields, whole, query }) => {
      const path = route.url.replace(/:([a-z_]+)/g, (_match, name: string) => (own && ownIds[name]) || id)
      const known = Object.fromEntries(
        route.fields.map((name, index) => [name, fields[index % fields.length]]),
      )
      const sent = whole || route.fields.length === 0 ? body : known
      const answer = await t.request(
        route.method,
        `${path}?${query}`,
        route.method === 'GET' ? {} : { body: JSON.stringify(sent) },
      )
      const what = `${route.method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`
      assert.ok(answer.status < 500, what)
      if (answer.status === 204) return assert.equal(answer.text, '', what)
      assert.equal(answer.body.success, answer.status < 400, what)
      assert.equal(answer.body.success === false, (answer.body.errors?.length ?? 0) > 0, what)
      assert.ok(Array.isArray(answer.body.messages), what)
    }),
    { numRuns: 1500 },
  )
})
