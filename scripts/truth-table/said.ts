/**
 * What one verification said, however it was run.
 * @module
 */

import type { DeploymentSource } from '../../harness/verify/run-file.ts'
import type { CheckResult, Facts } from '../../reports/types.ts'

/** Facts and exit code, and the checks behind them. */
export interface Said {
  facts: Facts['clientCertificate']
  exitCode: number
  checks: CheckResult[]
}

/** Verifies a deployment source; `dir` is for its files, `addresses` are what the hostname resolves to, where that matters. */
export type Verifier = (source: DeploymentSource, dir: string, addresses?: readonly string[]) => Promise<Said>
