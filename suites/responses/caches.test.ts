/**
 * The name of a static file below a canary that is mounted by prefix, as its installation text says, and by its path alone.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { before, type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { registered } from '../../fixtures/catalogue.ts'
import { runCheck } from '../../fixtures/run.ts'
import { blackBoxDeployment } from '../../harness/deployment/blackbox.ts'
import type { Deployment } from '../../harness/deployment/types.ts'
import { type Authority, createAuthority } from '../../harness/pki/authority.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { observe } from '../../harness/verify/observe.ts'
import { mints } from '../../harness/verify/run-file.ts'
import './caches.spec.ts'

const hostname = 'api.example.test'
const canary = '/__harness/echo'
type Handler = (request: IncomingMessage, response: ServerResponse) => void

let authority: Authority
let serverIdentity: Identity
let valid: Identity
let canaryHandler: Handler
before(async () => {
  authority = await createAuthority()
  serverIdentity = await authority.issue({ purpose: 'server', san: { dns: [hostname] } })
  valid = await authority.issue()
  const module: unknown = await import(new URL('../../fixtures/canary/node.mjs', import.meta.url).href)
  canaryHandler = (module as { canaryHandler: Handler }).canaryHandler
})

interface Server {
  isCanary: (url: string) => boolean
  open?: (url: string) => boolean
  /** Body of its 404. */
  missing?: string
}

/** Verdict about a server that refuses who has no certificate with 403, except what `open` lets through. */
async function verdictOf(
  t: TestContext,
  { isCanary, open = () => false, missing = '' }: Server,
): Promise<readonly [string, string]> {
  const options = {
    cert: serverIdentity.cert,
    key: serverIdentity.key,
    ca: authority.cert,
    requestCert: true,
  }
  const listening = createServer({ ...options, rejectUnauthorized: false }, (request, response) => {
    const { url = '', socket } = request
    if (!(socket as TLSSocket).authorized && !open(url)) response.writeHead(403).end()
    else if (isCanary(url)) canaryHandler(request, response)
    else response.writeHead(404).end(missing)
  })
  t.after(() => listening.close())
  await once(listening.listen(0, '127.0.0.1'), 'listening')
  const { port } = listening.address() as AddressInfo
  const known = blackBoxDeployment(hostname, { connectTo: `127.0.0.1:${port}` })
  const deployment: Deployment = {
    ...known,
    target: {
      ...known.target,
      trust: authority.cert,
      canary,
      mtls: { mode: 'enforce', identities: [valid] },
    } as Deployment['target'],
  }
  const { facts, caNames } = await observe(deployment)
  const check = registered().find(({ id }) => id === 'responses.cache-deception') ?? assert.fail('no check')
  const { result } = await runCheck(check, { deployment, facts, mintFor: mints(caNames, deployment.target) })
  return [result.verdict, `${result.observed}; ${result.reason}`]
}

const byPrefix = (url: string): boolean => url.startsWith(canary)
const byPath = (url: string): boolean => url.split('?', 1)[0] === canary
const below = (url: string): boolean => url.startsWith(`${canary}/`)

test('a canary mounted by prefix: a server that refuses passes, one that is open below it fails', async (t) => {
  const [verdict, said] = await verdictOf(t, { isCanary: byPrefix })
  assert.equal(verdict, 'pass', said)
  const [open, why] = await verdictOf(t, { isCanary: byPrefix, open: below })
  assert.equal(open, 'fail', why)
})

test('a canary mounted by its path alone: the same; an empty 404 for everybody shows nothing', async (t) => {
  const [verdict, said] = await verdictOf(t, { isCanary: byPath, missing: 'no such page' })
  assert.equal(verdict, 'pass', said)
  const [open, why] = await verdictOf(t, { isCanary: byPath, open: below, missing: 'no such page' })
  assert.equal(open, 'fail', why)
  const [empty] = await verdictOf(t, { isCanary: byPath })
  assert.equal(empty, 'pass')
  const [unclear, reason] = await verdictOf(t, { isCanary: byPath, open: below })
  assert.equal(unclear, 'inconclusive', reason)
})
