/**
 * Some checks against one lab, in this process.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check } from '../../fixtures/catalogue.ts'
import type { CheckEnvironment } from '../../fixtures/environment.ts'
import { runCheck } from '../../fixtures/run.ts'
import { loadDeployment } from '../deployment/load.ts'
import { type LabMaterial, startLab } from '../lab/lab.ts'
import { observe } from '../verify/observe.ts'
import { withObservedAccess } from '../verify/observe-access.ts'
import { labPartsFor } from '../verify/plan.ts'
import { mints } from '../verify/run-file.ts'
import type { Cell } from './matrix.ts'

/** How labs are run. */
export interface LabRunOptions {
  material: LabMaterial
  /** Checks that run at the same time. */
  parallel: number
  signal: AbortSignal
}

/** What each check says in a lab with these faults. */
export async function runLab(
  checks: readonly Check[],
  faults: readonly string[],
  { material, parallel, signal }: LabRunOptions,
): Promise<Map<string, Cell>> {
  const cells = new Map<string, Cell>()
  if (checks.length === 0) return cells
  const dir = await mkdtemp(join(tmpdir(), 'harness-lab-'))
  const lab = await startLab({ faults, dir, material, parts: labPartsFor(checks) })
  try {
    const declared = await loadDeployment(lab.deploymentFile ?? '')
    const seen = await observe(declared, signal)
    const deployment = withObservedAccess(declared, seen.facts.access)
    const environment: CheckEnvironment = {
      deployment,
      facts: seen.facts,
      mintFor: mints(seen.caNames, deployment.target),
      signal,
    }
    const queue = [...checks]
    const work = async (): Promise<void> => {
      for (let check = queue.shift(); check !== undefined && !signal.aborted; check = queue.shift()) {
        const { result } = await runCheck(check, environment)
        const { verdict, observed, reason, durationMs } = result
        cells.set(check.id, { verdict, observed: [observed, reason].filter(Boolean).join('; '), durationMs })
      }
    }
    await Promise.all(Array.from({ length: parallel }, work))
    return cells
  } finally {
    await lab.close()
    await rm(dir, { recursive: true, force: true })
  }
}
