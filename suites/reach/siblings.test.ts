/** What is said of siblings, by how they answer; the connections are made up. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registered } from '../../fixtures/catalogue.ts'
import { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { Ended } from '../../fixtures/verdict.ts'
import type { Mode } from '../../harness/deployment/types.ts'
import { answerOf } from '../../harness/probe/http1.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import './siblings.spec.ts'

type Parts = Pick<Outcome, 'verdict'> & Partial<Outcome> & { status?: number; body?: string }

const outcome = ({ status, body = '', ...parts }: Parts): Outcome => ({
  code: 'http-refused',
  layer: 'http',
  summary: `HTTP ${status ?? 'none'}`,
  followUps: [],
  sessions: [],
  timings: { end: 1 },
  ...(status === undefined ? {} : { http: answerOf('1.1', status, [], Buffer.from(body), false) }),
  ...parts,
})
const page = 'a page of the protected one'

class Answers extends CheckContext {
  readonly asked: Try[] = []
  readonly sibling: Outcome

  constructor(sibling: Outcome, mode: Mode | undefined) {
    const mtls = mode === undefined ? {} : { mtls: { mode } }
    const siblings = [{ hostname: 'www.test', requests: [], ...mtls }]
    super({
      deployment: { target: { hostname: 'a.test', requests: [] }, siblings },
      facts: {},
    } as unknown as ConstructorParameters<typeof CheckContext>[0])
    this.sibling = sibling
  }
  override async attempt(wanted: Try): Promise<Outcome> {
    this.asked.push(wanted)
    return this.sibling
  }
  override async usual(): Promise<Outcome> {
    return outcome({ verdict: 'refused', status: 404, body: page })
  }
}

async function verdictOf(parts: Parts, mode: Mode | undefined = 'off'): Promise<string> {
  const check = registered().find(({ id }) => id === 'reach.public-siblings')
  assert(check)
  const run = new Answers(outcome(parts), mode)
  try {
    await check.body(run)
    assert.deepEqual(
      run.asked.map(({ target, identity }) => [target?.hostname, identity]),
      [['www.test', undefined]],
    )
    return 'pass'
  } catch (error) {
    assert(error instanceof Ended, String(error))
    return error.verdict
  }
}

test('an answer of any kind will do, a refusal will not', async () => {
  assert.equal(await verdictOf({ verdict: 'allowed', status: 200 }), 'pass')
  assert.equal(await verdictOf({ verdict: 'inconclusive', code: 'http-unproven', status: 200 }), 'pass')
  assert.equal(await verdictOf({ verdict: 'refused', code: 'http-redirect', status: 302 }), 'pass')
  assert.equal(await verdictOf({ verdict: 'refused', status: 404, body: 'its own' }), 'pass')
  for (const status of [401, 403, 421, 496])
    assert.equal(await verdictOf({ verdict: 'refused', status }), 'fail', `HTTP ${status}`)
  assert.equal(await verdictOf({ verdict: 'refused', status: 404, body: page }), 'fail', 'the same page')
  const words = { verdict: 'refused', status: 400, attribution: 'explicit' } as const
  assert.equal(await verdictOf(words), 'fail')
  assert.equal(await verdictOf({ verdict: 'refused', code: 'tls-alert', layer: 'tls' }), 'fail')
})

test('an error or silence decides nothing', async () => {
  assert.equal(
    await verdictOf({ verdict: 'inconclusive', code: 'server-error', status: 503 }),
    'inconclusive',
  )
  assert.equal(await verdictOf({ verdict: 'inconclusive', code: 'timeout', layer: 'tcp' }), 'inconclusive')
})

test('a sibling of which nothing is said may be protected as well; a protected one is not asked', async () => {
  const parts: Parts = { verdict: 'refused', status: 403 }
  const check = registered().find(({ id }) => id === 'reach.public-siblings')
  for (const [mode, expected, asked] of [
    [undefined, 'inconclusive', 1],
    ['enforce', 'not-applicable', 0],
  ] as const) {
    const run = new Answers(outcome(parts), mode)
    await assert.rejects(
      async () => check?.body(run),
      (error) => error instanceof Ended && error.verdict === expected,
    )
    assert.equal(run.asked.length, asked)
  }
})
