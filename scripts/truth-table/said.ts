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

/** What a verification is told beside its source. */
export interface Circumstances {
  /** What the hostname resolves to, where that matters. */
  addresses?: readonly string[]
  /** It may be disturbed. */
  staging?: boolean
}

/** Verifies a deployment source; `dir` is for its files. */
export type Verifier = (source: DeploymentSource, dir: string, circumstances?: Circumstances) => Promise<Said>
