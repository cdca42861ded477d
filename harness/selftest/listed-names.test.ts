/**
 * The checks against a hostname that lets in two certificates of its CA only: what is minted has to be let in there too, or good
 * twins are refused and every check of certificates is blocked or cries wolf.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CheckEnvironment } from '../../fixtures/environment.ts'
import { runCheck } from '../../fixtures/run.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { loadDeployment } from '../deployment/load.ts'
import type { Deployment } from '../deployment/types.ts'
import { meters } from '../lab/hostnames.ts'
import { createLabMaterial, startLab } from '../lab/lab.ts'
import { observe } from '../verify/observe.ts'
import { labPartsFor, plan } from '../verify/plan.ts'
import { mints } from '../verify/run-file.ts'

/** The lab's deployment with the meters in the place of the hostname under test. */
function ofMeters({ target, siblings, ...rest }: Deployment): Deployment {
  const own = siblings.find(({ hostname }) => hostname === meters.hostname)
  assert(own)
  return {
    ...rest,
    target: { ...own, requests: target.requests },
    siblings: siblings.filter((one) => one !== own),
  }
}

const subjects = ['client-cert', 'headers', 'resumption', 'mode', 'possession', 'tls']

test('where names are listed every check of certificates passes as it does elsewhere', async () => {
  const all = await loadCatalogue()
  const checks = all.filter(({ suite, profile }) => subjects.includes(suite) && profile !== 'staging')
  const dir = await mkdtemp(join(tmpdir(), 'harness-listed-'))
  const lab = await startLab({ material: await createLabMaterial(), dir, parts: labPartsFor(checks) })
  try {
    const deployment = ofMeters(await loadDeployment(lab.deploymentFile ?? ''))
    const { facts, caNames } = await observe(deployment)
    const environment: CheckEnvironment = { deployment, facts, mintFor: mints(caNames, deployment.target) }
    const { run, notApplicable } = plan(checks, environment)
    // No public certificate is declared for it.
    assert.deepEqual(
      notApplicable.map(({ id }) => id),
      ['client-cert.public-ca'],
    )
    const others: string[] = []
    const queue = [...run]
    const work = async (): Promise<void> => {
      for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
        const { verdict, observed, reason } = (await runCheck(check, environment)).result
        if (verdict !== 'pass') others.push(`${check.id} ${verdict} ${observed} ${reason}`)
      }
    }
    await Promise.all(Array.from({ length: 4 }, work))
    // Its rule compares whole subjects, so that an odd one is none of those listed.
    assert.equal(others.length, 1, others.join('\n'))
    assert.match(others[0] ?? '', /^headers\.hostile-subject not-applicable .* is refused, which is as good/)
  } finally {
    await lab.close()
    await rm(dir, { recursive: true, force: true })
  }
})
