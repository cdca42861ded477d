import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCheck, whyNot } from '../../fixtures/run.ts'
import { loadDeployment } from '../../harness/deployment/load.ts'
import type { Deployment, OriginExpectation } from '../../harness/deployment/types.ts'
import { createLabMaterial, type Lab, startLab } from '../../harness/lab/lab.ts'
import { createAuthority } from '../../harness/pki/authority.ts'
import { observe } from '../../harness/verify/observe.ts'
import { mints } from '../../harness/verify/run-file.ts'
import type { CheckResult } from '../../reports/types.ts'
import { loadCatalogue } from '../index.ts'

let dir: string
let lab: Lab
let declared: Deployment
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-clients-'))
  lab = await startLab({ dir, material: await createLabMaterial() })
  declared = await loadDeployment(lab.deploymentFile ?? '')
})
after(async () => {
  await lab.close()
  await rm(dir, { recursive: true, force: true })
})

async function say(
  id: string,
  change: Partial<OriginExpectation>,
  without: 'nothing' | 'allowList' = 'nothing',
) {
  const check = (await loadCatalogue()).find((one) => one.id === id)
  assert.ok(check)
  const { facts, caNames } = await observe(declared)
  assert.ok(declared.origin)
  const { allowList: _, ...rest } = declared.origin
  const origin = { ...(without === 'allowList' ? rest : declared.origin), ...change }
  const deployment: Deployment = { ...declared, origin }
  const environment = { deployment, facts, mintFor: mints(caNames, deployment.target) }
  const { verdict, observed, reason }: CheckResult = (await runCheck(check, environment)).result
  return { verdict, said: `${observed}; ${reason}`, why: whyNot(check, environment) }
}

const closed = { port: 1 }

test('an allow-list alone: from outside only a declaration shows it, from inside an answer', async () => {
  const id = 'origin.allow-list-only'
  assert.equal((await say(id, {})).verdict, 'pass')
  const outside = await say(id, closed)
  assert.deepEqual([outside.verdict, /not reachable from here/.test(outside.said)], ['not-applicable', true])
  const alone = await say(id, { ...closed, pulls: 'none' })
  assert.equal(alone.verdict, 'warn')
  assert.match(alone.said, /no certificate is declared beside the list \(origin\.pulls: none\)/)
  const { main } = lab.origins
  const inside = await say(id, { port: main?.tlsPort ?? 0 })
  assert.equal(inside.verdict, 'warn')
  assert.match(inside.said, /this address is let in, and needs nothing else/)
  assert.match((await say(id, {}, 'allowList')).why ?? '', /needs origin\.allowList/)
})

test('another client of the edge’s CA: what is refused for another reason proves nothing', async () => {
  const id = 'origin.other-identity'
  assert.equal((await say(id, {})).verdict, 'pass')
  const ca = await createAuthority()
  const notAfter = new Date(Date.now() - 1000)
  const expired = await ca.issue({ subject: 'CN=old', notBefore: new Date(0), notAfter })
  const old = await say(id, { otherIdentity: expired })
  assert.deepEqual([old.verdict, /ended on/.test(old.said)], ['not-applicable', true])
  // The twin has to get in: with a certificate that the origin does not know either, nothing is shown.
  const unknown = await ca.issue({ subject: 'CN=unknown' })
  assert.equal((await say(id, { identity: unknown })).verdict, 'blocked')
  assert.equal((await say(id, { port: lab.origins.main?.tlsPort ?? 0 })).verdict, 'not-applicable')
})
