/**
 * What `paths.declared-writes` sends, and what it concludes from answers; the connections are made up.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registered } from '../../fixtures/catalogue.ts'
import { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { Ended } from '../../fixtures/verdict.ts'
import type { Identity } from '../../harness/pki/types.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import './declared-writes.spec.ts'

const identity = { name: 'valid' } as Identity
const declared = [
  { path: '/orders', method: 'GET', allowed: {} },
  { path: '/orders', method: 'POST', allowed: {} },
  { path: '/users?all', method: 'GET', allowed: {} },
]

/** Status per `METHOD path`, default 403; random paths are `*`. */
type Answers = Readonly<Record<string, number>>

class MadeUp extends CheckContext {
  readonly answers: Answers
  readonly sent: Try[] = []

  constructor(answers: Answers, requests = declared) {
    const target = { hostname: 'a.example', port: 443, requests }
    super({ deployment: { target, siblings: [] }, facts: {} } as never)
    this.answers = answers
  }

  override async onlyIfClosed(): Promise<void> {}
  override async valid(): Promise<Identity> {
    return identity
  }
  override async usual(): Promise<Outcome> {
    return this.#outcome(403)
  }
  override async attempt(wanted: Try): Promise<Outcome> {
    this.sent.push(wanted)
    if (wanted.identity !== undefined) return { verdict: 'allowed', summary: 'let in' } as Outcome
    const path = declared.some((one) => one.path === wanted.path) ? wanted.path : '*'
    return this.#outcome(this.answers[`${wanted.method} ${path}`] ?? 403)
  }
  #outcome(status: number): Outcome {
    const verdict = status >= 400 && status < 500 ? 'refused' : 'inconclusive'
    return { verdict, summary: `HTTP ${status}`, http: { status, headers: [] } } as unknown as Outcome
  }
}

async function run(answers: Answers, requests = declared): Promise<{ said: string; context: MadeUp }> {
  const context = new MadeUp(answers, requests)
  const body = registered().find(({ id }) => id === 'paths.declared-writes')?.body
  assert.ok(body)
  try {
    await body(context)
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    return { said: `${error.verdict} ${error.observed} ${error.reason}`, context }
  }
  return { said: context.held > 0 ? 'pass' : 'nothing', context }
}

test('every write but the declared one is tried, empty, on a condition, and never with a certificate', async () => {
  const { said, context } = await run({})
  assert.equal(said, 'pass')
  const writes = context.sent.filter(({ identity: who }) => who === undefined)
  assert.deepEqual(
    writes.map(({ method, path }) => `${method} ${path}`),
    [
      ...['PUT', 'PATCH', 'DELETE'].map((method) => `${method} /orders`),
      ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `${method} /users?all`),
    ],
  )
  for (const { body, headers } of writes) {
    assert.equal(body?.length, 0)
    assert.match(headers?.find(([name]) => name === 'If-Match')?.[1] ?? '', /^"harness-[0-9a-f]{12}"$/)
  }
  const twins = context.sent.filter(({ identity: who }) => who !== undefined)
  assert.deepEqual(
    twins.map(({ method, proof }) => [method, proof?.request?.path]),
    [
      [undefined, '/orders'],
      [undefined, '/users?all'],
    ],
  )
})

test('done, and not done for the condition alone, are findings', async () => {
  for (const status of [200, 204, 412]) {
    const { said, context } = await run({ 'DELETE /orders': status })
    assert.match(said, new RegExp(`^fail DELETE /orders: HTTP ${status} without a certificate`))
    assert.equal(context.reached, true)
  }
})

test('another answer than usual is a warning, unless the method is answered so anywhere', async () => {
  assert.match((await run({ 'PUT /orders': 404 })).said, /^warn PUT \/orders: HTTP 404 another answer/)
  assert.match((await run({ 'PUT /orders': 405 })).said, /^warn/)
  assert.equal((await run({ 'PUT /orders': 405, 'PUT /users?all': 405, 'PUT *': 405 })).said, 'pass')
  assert.match((await run({ 'PUT /orders': 405, 'PUT *': 404 })).said, /^warn/)
})

test('a redirect to nowhere, an error and no declared path decide nothing', async () => {
  for (const status of [304, 500])
    assert.match((await run({ 'PUT /orders': status })).said, /^inconclusive PUT \/orders/)
  assert.match((await run({}, [])).said, /^not-applicable {2}needs requests/)
})
