/**
 * The same verification without the test runner's start-up: the same plan, the same check bodies, the same exit code
 * rule, in this process. The kill matrix runs checks this way too.
 * @module
 */
import type { CheckEnvironment } from '../../fixtures/environment.ts'
import { runCheck } from '../../fixtures/run.ts'
import { observe } from '../../harness/verify/observe.ts'
import { withObserved } from '../../harness/verify/observed.ts'
import { plan, select } from '../../harness/verify/plan.ts'
import { mints, resolveSource } from '../../harness/verify/run-file.ts'
import { exitCodeOf } from '../../reports/summarise.ts'
import type { CheckResult, Facts } from '../../reports/types.ts'
import { loadCatalogue } from '../../suites/index.ts'
import type { Verifier } from './said.ts'

const parallel = 4

/** Verifies with the default profile, or the one for staging. */
export const inProcess: Verifier = async (source, _, { addresses, staging = false } = {}) => {
  const profile = staging ? 'staging' : 'default'
  const chosen = select(await loadCatalogue(), { only: [], skip: [], profile, staging })
  const declared = await resolveSource(source)
  const { facts, caNames } = await observe(declared, undefined, addresses)
  const deployment = withObserved(declared, facts)
  const environment: CheckEnvironment = { deployment, facts, mintFor: mints(caNames, deployment.target) }
  const { run, notApplicable } = plan(chosen, environment)
  const queue = [...run]
  const checks: CheckResult[] = [...notApplicable]
  const work = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      checks.push((await runCheck(check, environment)).result)
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  const reached = checks.some((check) => check.reached)
  return {
    facts: withReached(facts.clientCertificate, reached),
    exitCode: exitCodeOf(checks, 'medium', false),
    checks,
  }
}

/** A check that got in is a fact too. */
const withReached = (facts: Facts['clientCertificate'], reached: boolean): Facts['clientCertificate'] =>
  reached ? { ...facts, enforced: false, enforcedAt: 'none' } : facts
