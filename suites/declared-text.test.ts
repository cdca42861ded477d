/** An answer with the declared text where any refusal would do: a way in, undecided, or the declared refusal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CheckContext } from '../fixtures/context.ts'
import type { Try } from '../fixtures/environment.ts'
import { Ended } from '../fixtures/verdict.ts'
import { type Behind, chooseText } from '../harness/probe/behind-refusal.ts'
import { answerOf } from '../harness/probe/http1.ts'
import type { Outcome } from '../harness/probe/types.ts'
import { likeUsual } from './usual.ts'

class Behinds extends CheckContext {
  readonly said: Behind
  asked = 0
  constructor(said: Behind) {
    const request = { method: 'GET', path: '/', allowed: { bodyContains: 'orders' } }
    const target = { hostname: 'a.test', requests: [request] }
    super({ deployment: { target, siblings: [] }, facts: {} } as unknown as ConstructorParameters<
      typeof CheckContext
    >[0])
    this.said = said
  }
  override async validTwin(): Promise<Try | undefined> {
    return undefined
  }
  override async behind(): Promise<Behind> {
    this.asked += 1
    return this.said
  }
}

const answer = (body: string): Outcome => ({
  verdict: 'inconclusive',
  code: 'http-unproven',
  layer: 'http',
  summary: 'HTTP 403',
  http: answerOf('1.1', 403, [], Buffer.from(body), false),
  followUps: [],
  sessions: [],
  timings: { end: 1 },
})

test('with the text it is no refusal, without it nothing is asked', async () => {
  const said = async (behind: Behind, body = 'my orders'): Promise<string> => {
    const run = new Behinds(behind)
    try {
      await likeUsual(run, answer(body), 'the second request')
      return `passes ${run.asked} ${run.reached}`
    } catch (error) {
      assert(error instanceof Ended, String(error))
      return `${error.verdict} ${run.reached}: ${error.observed} ${error.reason}`
    }
  }
  assert.match(
    await said('open'),
    /^fail true: the second request, and with what a valid certificate is given/,
  )
  assert.equal(await said('perhaps'), `inconclusive false: the second request ${chooseText}`)
  assert.equal(await said('closed'), 'passes 1 false')
  assert.equal(await said('open', 'no'), 'passes 0 false')
})
