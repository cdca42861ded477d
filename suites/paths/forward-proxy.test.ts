/**
 * What `paths.forward-proxy` sends, and what it concludes from answers; the connections are made up.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registered } from '../../fixtures/catalogue.ts'
import { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { Ended } from '../../fixtures/verdict.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import './forward-proxy.spec.ts'

interface Answer {
  status: number
  body?: string
  verdict?: Outcome['verdict']
}

/** How targets are answered that contain a text; everything else, and what is usual: 403. */
interface Server {
  answers?: Readonly<Record<string, Answer>>
  usual?: number
  requests?: readonly object[]
  onlyHttp2?: boolean
}

class MadeUp extends CheckContext {
  readonly server: Server
  readonly sent: Try[] = []

  constructor(server: Server) {
    const { requests = [{ path: '/', method: 'GET', allowed: {} }], onlyHttp2 } = server
    const target = { hostname: 'a.example', port: 8443, requests }
    const facts = onlyHttp2 === true ? { alpn: ['h2'] } : {}
    super({ deployment: { target, siblings: [] }, facts } as never)
    this.server = server
  }

  override async onlyIfClosed(): Promise<void> {}
  override async usual(): Promise<Outcome> {
    return this.#outcome({ status: this.server.usual ?? 403 })
  }
  override async attempt(wanted: Try): Promise<Outcome> {
    this.sent.push(wanted)
    const said = `${wanted.method ?? 'GET'} ${wanted.path}`
    const [, answer] = Object.entries(this.server.answers ?? {}).find(([part]) => said.includes(part)) ?? []
    return this.#outcome(answer ?? { status: 403 })
  }
  #outcome({ status, body = '', verdict = 'refused' }: Answer): Outcome {
    const http = { status, headers: [], body: Buffer.from(body) }
    return { verdict, summary: `HTTP ${status}`, http } as unknown as Outcome
  }
}

async function run(server: Server): Promise<{ said: string; context: MadeUp }> {
  const context = new MadeUp(server)
  const body = registered().find(({ id }) => id === 'paths.forward-proxy')?.body
  assert.ok(body)
  try {
    await body(context)
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    return { said: `${error.verdict} ${error.observed} ${error.reason}`, context }
  }
  return { said: context.held > 0 ? 'pass' : 'nothing', context }
}

test('four requests: to this port by two names, to no name, and a tunnel to this port', async () => {
  const { said, context } = await run({})
  assert.equal(said, 'pass')
  const sent = context.sent.map(({ method = 'GET', path }) => `${method} ${path}`)
  assert.equal(sent.length, 4)
  assert.deepEqual(sent.slice(0, 2), ['GET http://127.0.0.1:8443/', 'GET http://a.example:8443/'])
  assert.match(sent[2] ?? '', /^GET http:\/\/harness-[0-9a-f]+\.invalid\/$/)
  assert.equal(sent[3], 'CONNECT 127.0.0.1:8443')
  assert.match((await run({ onlyHttp2: true })).said, /^not-applicable/)
})

test('the words of who was asked without TLS, or looked a name up, are the proof', async () => {
  const words = "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />"
  const clear = await run({ answers: { '127.0.0.1': { status: 400, body: words } } })
  assert.match(clear.said, /^fail GET http:\/\/127\.0\.0\.1:8443\/: HTTP 400, “speaking plain HTTP to/)
  const nginx = await run({
    answers: { 'a.example': { status: 400, body: 'The plain HTTP request was sent to HTTPS port' } },
  })
  assert.match(nginx.said, /^fail GET http:\/\/a\.example:8443\//)
  const looked = await run({
    answers: { invalid: { status: 500, body: 'DNS lookup failure for: x.invalid' } },
  })
  assert.match(looked.said, /^fail GET http:\/\/harness-.*HTTP 500, “DNS lookup failure”/)
  const other = await run({ answers: { '127.0.0.1': { status: 400, body: 'Bad Request' } } })
  assert.equal(other.said, 'pass', 'a 400 of its own')
})

test('an error where a refusal is usual is worth a look, the usual error is not', async () => {
  const answers = { invalid: { status: 502 } }
  assert.match((await run({ answers })).said, /^warn GET http:\/\/harness-.*as if it had been tried/)
  assert.equal((await run({ answers, usual: 502 })).said, 'pass')
  assert.equal((await run({ answers: { invalid: { status: 404 } } })).said, 'pass')
})

test('the application is a way in where it is known', async () => {
  const answers = { 'http://127.0.0.1': { status: 200, body: 'orders', verdict: 'allowed' } } as const
  const known = await run({ answers })
  assert.match(known.said, /^fail/)
  assert.equal(known.context.reached, true)
  assert.equal((await run({ answers, requests: [] })).said, 'pass', 'a page of anybody’s')
})

test('a 2xx without content is a tunnel, one with content is worth a look, the usual page is neither', async () => {
  const tunnel = await run({ answers: { CONNECT: { status: 200 } } })
  assert.match(tunnel.said, /^fail CONNECT 127\.0\.0\.1:8443: HTTP 200: a tunnel is open/)
  assert.equal(tunnel.context.reached, false, 'not the application')
  const page = { CONNECT: { status: 200, body: 'hello' } }
  assert.match((await run({ answers: page })).said, /^warn CONNECT/)
  assert.equal((await run({ answers: page, usual: 200 })).said, 'pass')
  assert.equal((await run({ answers: { CONNECT: { status: 405 } } })).said, 'pass')
})
