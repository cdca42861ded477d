/**
 * An answer that is not the usual refusal, where nothing proves the application: what settles whose it is, and what is said where
 * nothing does.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckContext } from '../fixtures/context.ts'
import type { Try } from '../fixtures/environment.ts'
import { Ended } from '../fixtures/verdict.ts'
import type { Outcome } from '../harness/probe/types.ts'
import { likeUsual, type Settling } from './usual.ts'

const outcome = (status: number | undefined, page = ''): Outcome => ({
  verdict: 'refused',
  code: status === undefined ? 'tls-alert' : 'http-refused',
  layer: status === undefined ? 'tls' : 'http',
  summary: status === undefined ? 'refused in TLS' : `refused with HTTP ${status}`,
  ...(status === undefined
    ? {}
    : {
        attribution: 'generic',
        http: {
          version: '1.1',
          status,
          headers: [],
          body: Buffer.from(page),
          bodyHash: '',
          truncated: false,
        },
      }),
  followUps: [],
  sessions: [],
  timings: { end: 1 },
})

/** What a server answers; `valid`: undefined where the deployment gives no certificate. */
interface Server {
  plain: Outcome
  valid?: Outcome
  side?: Outcome
}

/** What is said of a 403 with this page. */
async function said(server: Server, settling: Settling = {}): Promise<string> {
  let held = ''
  const stub = {
    provable: false,
    target: { hostname: 'api.test' },
    usual: async () => server.plain,
    attempt: async ({ servername }: Try) => (servername === undefined ? server.valid : server.side),
    hold: (text: string) => {
      held = `held: ${text}`
    },
    warn: (text: string, reason: string, decided: Outcome) => {
      throw new Ended('warn', text, reason, decided)
    },
  }
  try {
    const twin = server.valid === undefined ? {} : { twin: { label: 'the good twin' } }
    await likeUsual(stub as unknown as CheckContext, answer, 'resumed: refused with HTTP 403', {
      ...twin,
      ...settling,
    })
    return held
  } catch (error) {
    assert.ok(error instanceof Ended)
    assert.equal(error.outcome, answer)
    return `${error.verdict}: ${error.reason}`
  }
}
const answer = outcome(403, 'denied')
const alert = outcome(undefined)
const side = { servername: 'www.test', host: 'www.test' }

test('nothing settles it: who turns away otherwise, and whose the answer could be', async () => {
  const reason = await said({ plain: alert })
  assert.match(
    reason,
    /^warn: whoever turns away a plain request .* does it otherwise \(refused in TLS\): this HTTP 403 is/,
  )
  assert.match(
    reason,
    /a rule behind the handshake, .*or the application itself.*give canary or requests to know$/,
  )
})

test('the valid twin: another answer was refused for the certificate, the same one is the application’s', async () => {
  assert.match(
    await said({ plain: alert, valid: outcome(200, 'hello') }),
    /^held: .*not what a valid certificate gets \(HTTP 200\)/,
  )
  // Pages differ by a name or a time: by the status alone.
  assert.match(
    await said({ plain: alert, valid: outcome(403, 'other') }),
    /^warn: .*a valid certificate gets the same/,
  )
})

test('the page of the door beside it is from there; another page settles nothing', async () => {
  assert.match(
    await said({ plain: alert, side: outcome(403, 'denied') }, { side }),
    /^held: .*the page of www\.test/,
  )
  for (const page of ['welcome', ''])
    assert.match(await said({ plain: alert, side: outcome(403, page) }, { side }), /^warn: /)
})

test('without a twin of the same request a valid certificate elsewhere settles nothing', async () => {
  const elsewhere = { plain: alert, valid: outcome(200, 'hello') }
  assert.match(await said(elsewhere, { twin: undefined }), /^warn: .*or the application itself/)
})

test('the usual refusal needs no settling', async () => {
  assert.equal(await said({ plain: outcome(403) }), '')
})
