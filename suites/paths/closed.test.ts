/**
 * What `closed` concludes where the canary counts, where it does not, and where nothing proves the application; the connections
 * are made up.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckContext } from '../../fixtures/context.ts'
import { CheckContext as Context } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { Ended } from '../../fixtures/verdict.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { closed, protectedPaths, type Variant } from './closed.ts'
import { acceptOf, webSocketHeaders } from './upgrade.ts'

/** A server: how it answers a request without a certificate, and what its canary says it has seen. */
interface Server {
  status: number
  type?: string
  verdict?: Outcome['verdict']
  marked?: number
  /** … after a plain request that was refused; default 1, the valid one that asks. */
  plainMarked?: number
  canary?: boolean
  requests?: string[]
  /** What a valid certificate gets; default: the same; null: there is none. */
  valid?: number | null
  /** Further headers of its answers, and of the plain refusal. */
  headers?: [string, string][]
  /** Body; default: empty. */
  body?: string
  /** What a valid certificate gets where no application is; default: the same as everywhere. */
  unknown?: { status: number; body: string }
  /** Headers that open, by name. */
  opens?: string
  /** `Sec-WebSocket-Accept` of its 101, from the key. */
  accept?: (key: string) => string
  /** Text that is declared as the application's. */
  text?: string
}

class MadeUp extends Context {
  readonly server: Server
  readonly sent: Try[] = []
  /** The plain request has been made: what the canary says next is about it. */
  plain = false

  constructor(server: Server) {
    const { text } = server
    const target = {
      hostname: 'a.example',
      port: 443,
      ...(server.canary === true ? { canary: '/echo' } : {}),
      requests: (server.requests ?? []).map((path) => ({
        path,
        method: 'GET',
        allowed: text === undefined ? {} : { bodyContains: text },
      })),
    }
    super({ deployment: { target, siblings: [] }, facts: {} } as unknown as ConstructorParameters<
      typeof Context
    >[0])
    this.server = server
  }

  override async onlyIfClosed(): Promise<void> {}
  override async validTwin(like: Try = {}): Promise<Try | undefined> {
    return this.server.valid === null ? undefined : { ...like, label: 'valid' }
  }
  override async usual(): Promise<Outcome> {
    return this.#plain()
  }
  #plain(): Outcome {
    return {
      verdict: 'refused',
      summary: 'HTTP 403',
      http: { status: 403, headers: this.#headers('text/html'), body: Buffer.from('no') },
    } as unknown as Outcome
  }
  override async control(wanted: Try): Promise<Outcome> {
    const { marked, plainMarked = 1 } = this.server
    const canary = { marked: this.plain ? plainMarked : marked }
    return { ...(await this.attempt(wanted)), canary } as unknown as Outcome
  }
  override async attempt(wanted: Try): Promise<Outcome> {
    this.sent.push(wanted)
    if (wanted.label === 'the plain request') {
      this.plain = true
      return { verdict: 'refused', summary: 'HTTP 403' } as unknown as Outcome
    }
    const { type = 'text/html', valid = this.server.status } = this.server
    const { opens, accept, unknown, body = '' } = this.server
    if (wanted.headers?.some(([name]) => name === opens) === true)
      return { verdict: 'allowed', summary: 'HTTP 200' } as unknown as Outcome
    if (unknown !== undefined && /^\/harness-[0-9a-f]+$/.test(wanted.path ?? ''))
      return this.#answer(unknown.status, unknown.body, 'refused', 'text/html')
    const status = wanted.label === 'valid' ? (valid ?? 0) : this.server.status
    const { verdict = status < 300 ? 'inconclusive' : 'refused' } = this.server
    const key = wanted.headers?.find(([name]) => name === 'Sec-WebSocket-Key')?.[1] ?? ''
    const more: [string, string][] = accept === undefined ? [] : [['Sec-WebSocket-Accept', accept(key)]]
    return this.#answer(status, body, verdict, type, more)
  }
  #headers(type: string): [string, string][] {
    return [['Content-Type', type], ...(this.server.headers ?? [])]
  }
  #answer(
    status: number,
    body: string,
    verdict: Outcome['verdict'],
    type: string,
    more: [string, string][] = [],
  ): Outcome {
    return {
      verdict,
      summary: `HTTP ${status}`,
      http: { status, headers: [...this.#headers(type), ...more], body: Buffer.from(body) },
      code: 'http-refused',
    } as unknown as Outcome
  }
}

const one: Variant[] = [{ path: '/x/' }]

async function verdictOf(
  server: Server,
  variants = one,
): Promise<{ verdict: string; reached: boolean; said: string }> {
  const run = new MadeUp(server)
  try {
    await closed(run as CheckContext, variants)
    return { verdict: run.held > 0 ? 'pass' : 'nothing', reached: run.reached, said: run.observed }
  } catch (error) {
    assert.ok(error instanceof Ended, String(error))
    return { verdict: error.verdict, reached: run.reached, said: `${error.observed} ${error.reason}` }
  }
}

test('the count decides, whatever the answer looks like', async () => {
  for (const status of [200, 403, 404, 502]) {
    const none = { status, canary: true, marked: 1, valid: 418 }
    assert.equal((await verdictOf(none)).verdict, 'pass', `HTTP ${status}`)
    const open = await verdictOf({ status, canary: true, marked: 2 })
    assert.deepEqual([open.verdict, open.reached], ['fail', true], `HTTP ${status}`)
    assert.match(open.said, /1 of 1 requests without a certificate reached the origin/)
  }
})

test('where the canary may not count, an answer that a valid certificate gets too is worth a look', async () => {
  const same = await verdictOf({ status: 404, canary: true, marked: 1 })
  assert.equal(same.verdict, 'warn')
  assert.match(same.said, /the same as with a valid certificate; the canary counts at its own path only/)
  const usual = await verdictOf({ status: 403, canary: true, marked: 1 })
  assert.equal(usual.verdict, 'pass', 'the usual refusal')
  const counted = await verdictOf({ status: 404, canary: true, marked: 1 }, [{ path: '/echo' }])
  assert.equal(counted.verdict, 'pass', 'at the canary’s path the count is right')
})

test('where refused requests reach the origin as they are, the count is left out', async () => {
  const server = { status: 403, canary: true, marked: 2, plainMarked: 2 }
  assert.equal((await verdictOf(server)).verdict, 'pass')
  assert.equal((await verdictOf({ ...server, status: 200 })).verdict, 'warn')
})

test('an answer that proves the application decides at once', async () => {
  const open = await verdictOf({ status: 200, verdict: 'allowed', canary: true, marked: 1 })
  assert.deepEqual([open.verdict, open.reached], ['fail', true])
})

test('without a count: a refusal passes, content warns, an error decides nothing', async () => {
  assert.equal((await verdictOf({ status: 403 })).verdict, 'pass')
  assert.equal((await verdictOf({ status: 200, canary: true })).verdict, 'warn')
  assert.equal((await verdictOf({ status: 502, verdict: 'inconclusive' })).verdict, 'inconclusive')
})

test('without a count: another answer than the usual refusal may come from behind the door', async () => {
  for (const status of [401, 404, 302]) {
    const same = await verdictOf({ status })
    assert.equal(same.verdict, 'warn', `HTTP ${status} with a valid certificate too`)
    assert.match(same.said, /the same as with a valid certificate/)
    assert.equal((await verdictOf({ status, valid: 200 })).verdict, 'pass', 'a valid one gets the page')
    assert.equal((await verdictOf({ status, valid: null })).verdict, 'warn', 'nothing to compare with')
  }
  // What TLS terminators and servers say by themselves.
  for (const status of [400, 405, 414, 421, 501])
    assert.equal((await verdictOf({ status, valid: null })).verdict, 'pass', `HTTP ${status}`)
  const many = Array.from({ length: 9 }, (): Variant => ({ path: '/x/' }))
  const run = new MadeUp({ status: 404, valid: 200 })
  await assert.rejects(closed(run as CheckContext, many), /.*/)
  assert.equal(run.sent.length, many.length + 3, 'only some are compared')
})

test('a server’s own answer to a path that it does not read is told from the application’s', async () => {
  const odd: Variant[] = [{ path: '/%2fx' }]
  const own = { status: 404, body: 'not here', unknown: { status: 404, body: '{"error":"no such thing"}' } }
  const told = await verdictOf(own, odd)
  assert.equal(told.verdict, 'pass')
  assert.match(told.said, /GET \/%2fx \(HTTP 404\) by the server itself.*with a valid certificate either/)
  assert.equal((await verdictOf({ ...own, canary: true, marked: 1 }, odd)).verdict, 'pass', 'where it counts')
  const server = { ...own, unknown: { status: 404, body: 'not here' } }
  assert.equal((await verdictOf(server, odd)).verdict, 'warn', 'what the application says of unknown paths')
  assert.equal((await verdictOf(own, [{ path: '/x/' }])).verdict, 'warn', 'a path that can be read')
  assert.equal(
    (await verdictOf({ ...own, type: 'application/json' }, odd)).verdict,
    'warn',
    'of another type',
  )
  assert.equal((await verdictOf({ ...own, valid: null }, odd)).verdict, 'warn', 'nothing to compare with')
  assert.equal((await verdictOf({ ...own, valid: 410 }, odd)).verdict, 'pass', 'a valid one gets another')
})

test('content that a valid certificate gets too is worth a look where the canary does not count', async () => {
  const server = { status: 200, canary: true, marked: 1 }
  assert.equal((await verdictOf(server)).verdict, 'warn')
  assert.equal((await verdictOf({ ...server, valid: 404 })).verdict, 'pass')
  assert.equal((await verdictOf(server, [{ path: '/echo/' }])).verdict, 'pass', 'where it counts')
})

test('a declared text in an answer is compared with what a valid certificate gets there', async () => {
  const server: Server = {
    status: 403,
    body: 'orders',
    text: 'orders',
    requests: ['/x'],
    verdict: 'inconclusive',
  }
  const unclear = await verdictOf(server)
  assert.equal(unclear.verdict, 'inconclusive', 'the valid one is not let in either')
  assert.match(unclear.said, /only the application has/)
  assert.equal(
    (await verdictOf({ ...server, body: 'no', verdict: 'refused' })).verdict,
    'pass',
    'no such text',
  )
})

test('a 101 that answers the key is open, with a count as without; any other decides nothing', async () => {
  const variants: Variant[] = [{ path: '/x', headers: webSocketHeaders() }]
  for (const count of [{}, { canary: true, marked: 1 }]) {
    const server = { status: 101, verdict: 'inconclusive', ...count } as const
    const open = await verdictOf({ ...server, accept: acceptOf }, variants)
    assert.deepEqual([open.verdict, open.reached], ['fail', true])
    assert.match(open.said, /the WebSocket is open/)
    const other = await verdictOf({ ...server, accept: (key) => key }, variants)
    assert.deepEqual([other.verdict, other.reached], ['inconclusive', false])
    assert.match(other.said, /where requests with Upgrade are sent/)
  }
})

test('of headers that are tried together the one that opened is named', async () => {
  const named = ['A', 'B', 'C', 'D', 'E'].map((name): [string, string] => [name, '10.0.0.1'])
  const variants: Variant[] = [{ path: '/x', headers: named, together: 'as 10.0.0.1' }]
  for (const opens of ['A', 'C', 'E']) {
    const { verdict, said } = await verdictOf({ status: 403, opens }, variants)
    assert.equal(verdict, 'fail')
    assert.match(said, new RegExp(`^GET /x as 10\\.0\\.0\\.1: .*\\(it was ${opens}: 10\\.0\\.0\\.1\\)`))
  }
  assert.equal((await verdictOf({ status: 403, opens: 'F' }, variants)).verdict, 'pass')
})

test('a finding says which query and which single header it was, cut where it is long', async () => {
  const said = async (variant: Variant): Promise<string> =>
    (await verdictOf({ status: 200, verdict: 'allowed', requests: ['/x'] }, [variant])).said
  assert.match(await said({ path: '/x', query: 'v=.css' }), /^GET \/x\?v=\.css: /)
  assert.match(await said({ path: '/x', headers: [['A', 'b']] }), /^GET \/x with A: b: /)
  const long = await said({ path: '/x', headers: [['A', 'b'.repeat(200)]] })
  assert.match(long, /^GET \/x with A: b{77}…: /)
  const two = await said({
    path: '/x',
    headers: [
      ['A', 'b'],
      ['C', 'd'],
    ],
  })
  assert.match(two, /^GET \/x: /)
})

test('what a server answers itself is a finding only where the application is known', async () => {
  const variants: Variant[] = [{ path: '/.well-known/x', mayBeAnswered: true }]
  const answer = { status: 200, verdict: 'allowed' } as const
  assert.equal((await verdictOf(answer, variants)).verdict, 'warn', 'black box')
  assert.equal((await verdictOf(answer)).verdict, 'fail', 'black box, the application’s own path')
  assert.equal((await verdictOf({ ...answer, requests: ['/api'] }, variants)).verdict, 'fail', 'declared')
})

test('the echo of TRACE is nothing of the application', async () => {
  const echo = { status: 200, verdict: 'allowed', type: 'message/http' } as const
  assert.equal((await verdictOf(echo, [{ path: '/x', method: 'TRACE' }])).verdict, 'pass')
})

test('each request carries the same marker and a challenge', async () => {
  const run = new MadeUp({ status: 403, canary: true, marked: 1 })
  await closed(run as CheckContext, [{ path: '/a' }, { path: '/b', query: 'q=1' }])
  const paths = run.sent.map(({ path = '' }) => path)
  assert.equal(paths.length, 3)
  const markers = new Set(paths.map((path) => /marker=([0-9a-f]{16})/.exec(path)?.[1]))
  assert.equal(markers.size, 1)
  assert.match(paths[1] ?? '', /^\/b\?challenge=\{challenge\}&marker=[0-9a-f]+&q=1$/)
})

test('which paths are taken for protected', () => {
  const paths = (server: Omit<Server, 'status'>) =>
    protectedPaths(new MadeUp({ status: 403, ...server }) as CheckContext)
  assert.deepEqual(paths({ canary: true, requests: ['/echo', '/api?x=1', '/other'] }), ['/echo', '/api'])
  assert.deepEqual(paths({ requests: ['/'] }), ['/'])
  assert.deepEqual(paths({}), ['/'])
})
