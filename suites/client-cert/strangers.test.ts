/**
 * What `client-cert.public-ca` says of a certificate that would be refused for its purpose anyway.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registered } from '../../fixtures/catalogue.ts'
import { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { Ended } from '../../fixtures/verdict.ts'
import { createAuthority } from '../../harness/pki/authority.ts'
import type { Identity } from '../../harness/pki/types.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import './strangers.spec.ts'

const publicCa = await createAuthority({ name: 'CN=public' })
const forServers = await publicCa.issue({ name: 'shop', purpose: 'server' })
const forClients = await publicCa.issue({ name: 'device' })
const over = await publicCa.issue({ name: 'over', notAfter: new Date(Date.now() - 1000) })

class MadeUp extends CheckContext {
  readonly lets: readonly Identity[]

  constructor(lets: readonly Identity[], publicCertificates: Identity[]) {
    const mtls = { mode: 'enforce', identities: [], publicCertificates, forwarded: {} }
    const target = { hostname: 'a.example', port: 443, requests: [], mtls }
    const deployment = { target, siblings: [], ports: { plain: [], tls: [] }, waivers: [], deadline: 1000 }
    super({ deployment, facts: {}, mintFor: () => ({ missing: () => 'mtls.ca' }) } as never)
    this.lets = lets
  }

  override async onlyIfClosed(): Promise<void> {}

  override async attempt({ identity }: Try): Promise<Outcome> {
    const allowed = identity !== undefined && this.lets.includes(identity)
    return { verdict: allowed ? 'allowed' : 'refused', summary: allowed ? 'got in' : 'refused' } as Outcome
  }

  override async refused(wanted: Try): Promise<Outcome> {
    const outcome = await this.attempt(wanted)
    if (outcome.verdict === 'allowed') throw new Ended('fail', outcome.summary)
    this.hold(outcome.summary)
    return outcome
  }
}

async function verdictOf(lets: readonly Identity[], given: Identity[]): Promise<string> {
  const run = new MadeUp(lets, given)
  const check = registered().find(({ id }) => id === 'client-cert.public-ca')
  assert.ok(check)
  try {
    await check.body(run)
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    return `${error.verdict} ${error.observed}${error.reason}`
  }
  return run.held > 0 ? 'pass' : 'nothing'
}

test('a refusal counts where the certificate is for clients', async () => {
  assert.equal(await verdictOf([], [forClients]), 'pass')
  assert.match(await verdictOf([forClients], [forClients]), /^fail got in/)
})

test('one that is for servers only, or has ended, proves nothing by being refused', async () => {
  assert.match(
    await verdictOf([], [forServers]),
    /^not-applicable a refusal would say nothing.*shop is not for clients/,
  )
  assert.match(await verdictOf([], [over]), /^not-applicable .*over is not in date/)
  assert.equal(await verdictOf([], [forServers, forClients]), 'pass')
})

test('one that is for servers only and gets in is a finding', async () => {
  assert.match(await verdictOf([forServers], [forServers]), /^fail got in/)
})
