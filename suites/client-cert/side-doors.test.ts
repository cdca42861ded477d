/**
 * What `noneOpens` concludes of a door, by what nobody, a bad certificate and a valid one get there; the connections are made up.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CheckContext as Context } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { Ended } from '../../fixtures/verdict.ts'
import type { DefectId, Identity } from '../../harness/pki/types.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { type Door, noneOpens } from './side-doors.ts'

/** What an answer is: a status, the application proven, an alert, silence after a handshake. */
type Answer = number | 'application' | 'alert' | 'silence'

/** A server: who gets what, at the plain request and at the door. */
interface Server {
  front?: Answer
  bad: Answer
  nobody?: Answer
  /** null: there is no valid certificate. */
  valid?: Answer | null
  /** How the application is recognised. */
  known?: 'text' | 'canary' | 'nothing'
  /** Who is counted by the canary. */
  counts?: ('nobody' | 'bad')[]
  another?: true
  /** Page of the door for a bad certificate. */
  page?: string
}

const outcomeOf = (answer: Answer, page = ''): Outcome => {
  const status = typeof answer === 'number' ? answer : answer === 'application' ? 200 : undefined
  const verdict = answer === 'application' ? 'allowed' : answer === 'silence' ? 'inconclusive' : 'refused'
  return {
    verdict,
    summary: `got ${answer}`,
    code: answer === 'silence' ? 'timeout' : 'http-refused',
    transcript: { version: 'TLSv1.3' },
    followUps: [],
    ...(status === undefined ? {} : { http: { status, headers: [], body: Buffer.from(page) } }),
  } as unknown as Outcome
}

const whose = ({ identity }: Try): string => identity?.name ?? 'nobody'

class MadeUp extends Context {
  readonly server: Server
  readonly sent: Try[] = []
  #counted = 0

  constructor(server: Server) {
    const { known = 'text' } = server
    const allowed = known === 'text' ? { bodyContains: 'roof-7' } : {}
    const target = {
      hostname: 'a.example',
      port: 443,
      requests: known === 'nothing' ? [] : [{ path: '/', method: 'GET', allowed }],
      ...(known === 'canary' ? { canary: '/echo' } : {}),
    }
    super({ deployment: { target, siblings: [] }, facts: {} } as unknown as ConstructorParameters<
      typeof Context
    >[0])
    this.server = server
  }

  override async onlyIfClosed(): Promise<void> {}
  override can<T extends DefectId>(ids: readonly T[]): T[] {
    return [...ids]
  }
  override async identity(name: Parameters<Context['identity']>[0]): Promise<Identity> {
    return { name } as unknown as Identity
  }
  override async validTwin(like: Try = {}): Promise<Try | undefined> {
    const identity = { name: 'valid' } as unknown as Identity
    return this.server.valid === null ? undefined : { ...like, identity, label: 'the good twin' }
  }
  override async control(): Promise<Outcome> {
    return { ...outcomeOf('application'), canary: { marked: 1 + this.#counted } } as unknown as Outcome
  }
  override async attempt(wanted: Try): Promise<Outcome> {
    this.sent.push(wanted)
    const { front = 403, bad, nobody = 403, valid = 'application', counts = [], page } = this.server
    if (wanted.label?.endsWith('the plain request')) return outcomeOf(front)
    const who = whose(wanted)
    this.#counted = counts.some((one) => one === (who === 'nobody' ? 'nobody' : 'bad')) ? 1 : 0
    if (who === 'valid') return outcomeOf(valid ?? 403, page)
    return who === 'nobody' ? outcomeOf(nobody) : outcomeOf(bad, page)
  }
}

async function said(
  server: Server,
): Promise<{ verdict: string; reached: boolean; text: string; run: MadeUp }> {
  const run = new MadeUp(server)
  const door: Door = {
    what: 'side',
    wanted: { path: '/x?challenge={challenge}' },
    ...(server.another === true ? { mayBeAnother: true } : {}),
  }
  try {
    await noneOpens(run, [door], ['self-signed'])
    return { verdict: run.held > 0 ? 'pass' : 'nothing', reached: run.reached, text: run.observed, run }
  } catch (error) {
    assert.ok(error instanceof Ended, String(error))
    return { verdict: error.verdict, reached: run.reached, text: `${error.observed} ${error.reason}`, run }
  }
}

test('a door that opens to a bad certificate and not to nobody is a way in', async () => {
  const { verdict, reached, text } = await said({ bad: 'application' })
  assert.deepEqual([verdict, reached], ['fail', true])
  assert.match(text, /self-signed, side: got application; without a certificate: got 403/)
  assert.equal((await said({ bad: 403 })).verdict, 'pass')
  assert.equal((await said({ bad: 'alert' })).verdict, 'pass')
})

test('what opens to nobody too, or to the certificate everywhere, is the finding of others', async () => {
  const open = await said({ bad: 'application', nobody: 'application' })
  assert.deepEqual([open.verdict, open.reached], ['not-applicable', false])
  assert.match(open.text, /stands open without a certificate too/)
  const front = await said({ front: 'application', bad: 'application' })
  assert.equal(front.verdict, 'not-applicable')
  assert.match(front.text, /see client-cert\.self-signed/)
})

test('where another site may answer, only what is the application’s alone is a way in', async () => {
  const another = await said({ bad: 'application', known: 'nothing', another: true })
  assert.deepEqual([another.verdict, another.reached], ['warn', false])
  assert.equal((await said({ bad: 'application', known: 'nothing' })).verdict, 'fail')
  assert.equal((await said({ bad: 'application', known: 'text', another: true })).verdict, 'fail')
})

test('an answer as a valid certificate gets, and nobody else, is worth a look', async () => {
  const same = await said({ bad: 404, valid: 404 })
  assert.deepEqual([same.verdict, same.reached], ['warn', false])
  assert.match(same.text, /nobody looks whose it is/)
  assert.equal((await said({ bad: 404, valid: null })).verdict, 'warn', 'nothing to compare with')
  assert.equal((await said({ bad: 404, valid: 'application' })).verdict, 'pass', 'refused otherwise')
  assert.equal((await said({ bad: 404, nobody: 404, valid: 404 })).verdict, 'pass', 'the server’s own')
  assert.equal((await said({ bad: 400, valid: 400 })).verdict, 'pass', 'a bad certificate, in so many words')
})

test('the canary’s count decides, unless refused requests are counted too', async () => {
  const counted = await said({ bad: 404, valid: 404, known: 'canary', counts: ['bad'] })
  assert.deepEqual([counted.verdict, counted.reached], ['fail', true])
  assert.match(counted.text, /the request reached the origin/)
  const both = await said({ bad: 404, valid: 404, known: 'canary', counts: ['bad', 'nobody'] })
  assert.deepEqual([both.verdict, both.reached], ['warn', false])
  assert.equal((await said({ bad: 404, valid: 404, known: 'canary' })).verdict, 'warn')
})

test('the application’s page under a refusing status is a way in', async () => {
  const page = `{"sensor":"roof-7","${'temperature '.repeat(4)}":21.5}`
  assert.equal((await said({ bad: 403, nobody: 401, page })).verdict, 'fail')
  assert.equal((await said({ bad: 403, nobody: 401 })).verdict, 'pass', 'the plain refusal')
})

test('a page that only the bad certificate is shown is not excused by a refusal of the same status', async () => {
  const page = `{"sensor":"roof-7","${'temperature '.repeat(4)}":21.5}`
  assert.equal((await said({ bad: 403, nobody: 403, page })).verdict, 'fail')
})

test('what is less than a way in does not hide one at the next door', async () => {
  const run = new MadeUp({ bad: 404, valid: 404 })
  const attempt = run.attempt.bind(run)
  run.attempt = async (wanted) =>
    wanted.host === 'second' && whose(wanted) === 'self-signed' ? outcomeOf('application') : attempt(wanted)
  const doors = ['first', 'second'].map((host): Door => ({ what: host, wanted: { host } }))
  await assert.rejects(noneOpens(run, doors, ['self-signed']), { verdict: 'fail' })
  await assert.rejects(noneOpens(run, doors.slice(0, 1), ['self-signed']), { verdict: 'warn' })
})

test('silence decides nothing, and is asked twice', async () => {
  const { verdict, run } = await said({ bad: 'silence' })
  assert.equal(verdict, 'inconclusive')
  assert.equal(run.sent.filter(({ label }) => label?.startsWith('self-signed, side')).length, 2)
})
