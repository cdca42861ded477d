/**
 * The commands, as the program calls them. Each module is loaded when its command runs and not before: `--version`,
 * `--help` and a wrong option cost no more than commander.
 * @module
 */
import type { Command } from 'commander'
import type { Severity } from '../../reports/types.ts'
import type { ExitCode } from '../errors.ts'
import type {
  CompareOptions,
  LoadCapacityOptions,
  LoadCostOptions,
  LoadFloodOptions,
  LoadProofOptions,
  PlanOptions,
} from './load/options.ts'

/** Options of `harness verify`. */
export interface VerifyOptions {
  deployment?: string
  connectTo?: string
  lab?: true
  fault?: string[]
  /** Origins on real servers too. */
  containers?: true
  only?: string[]
  skip?: string[]
  profile: 'quick' | 'default' | 'full' | 'staging'
  /** Checks that could disturb the host may run. Both say the same. */
  staging?: true
  allowChanges?: true
  failOn: Exclude<Severity, 'info'>
  out: string
  verbose?: true
  workers?: number
  /** Connections per second at most. */
  rate?: number
  /** Milliseconds one attempt may take. */
  deadline?: number
}

/** Options of `harness init`. */
export interface InitOptions {
  connectTo?: string
  /** File to write. */
  out: string
  force?: true
}

/** Options of `harness lab up`. */
export interface LabUpOptions {
  out: string
  fault?: string[]
  port?: number
  realisticDelays?: true
  /** Origins on real servers too. */
  containers?: true
}

/** Options of `harness lab clean`. */
export interface LabCleanOptions {
  /** Images too. */
  images?: true
}

/** Options of `harness lab scenario`. */
export interface LabScenarioOptions extends JsonOption {
  /** Folder of the running lab. */
  lab: string
}

/** Options of `harness lab state …`. */
export interface LabStateOptions {
  /** Folder of the running lab. */
  lab: string
}

/** Options of `harness lab state export`. */
export interface LabStateExportOptions extends LabStateOptions {
  out: string
}

/** Options of `harness lab state diff`. */
export interface LabStateDiffOptions extends LabStateOptions {
  json?: true
  /** Times too. */
  all?: true
}

/** Options of `harness drill rollback`. */
export interface DrillOptions extends JsonOption {
  lab?: true
  deployment?: string
  /** Name of an order. */
  order: string
  out: string
  fault?: string[]
  allowChanges?: true
  /** Typed again: the hostname of the deployment file. */
  hostname?: string
  originCommand?: string
  /** How the origin treats client certificates before the drill, where it cannot be asked. */
  originBefore?: 'off' | 'optional' | 'required'
}

/** Options of `harness drill restore`. */
export type DrillRestoreOptions = Pick<
  DrillOptions,
  'deployment' | 'allowChanges' | 'hostname' | 'originCommand' | 'json'
>

/** Options of `harness selftest`. */
export interface SelftestOptions {
  /** Every fault in a lab of its own, against every check. */
  alone?: true
  fault?: string[]
  check?: string[]
  /** Known-bad configurations of real servers too. */
  containers?: true
  out: string
  json?: true
}

/** Options of a command that can print JSON. */
export interface JsonOption {
  json?: true
}

/** What a real origin can run as its canary endpoint. */
export const canaryKinds = ['node', 'worker', 'nginx', 'httpd'] as const

/** One of the canary kinds. */
export type CanaryKind = (typeof canaryKinds)[number]

/** Every command. Each resolves to the exit code, or throws a HarnessError that carries one. */
export interface Commands {
  verify(hostname: string | undefined, options: VerifyOptions): Promise<ExitCode>
  init(hostname: string, options: InitOptions): Promise<ExitCode>
  checks(options: JsonOption): Promise<ExitCode>
  explain(id: string): Promise<ExitCode>
  labUp(options: LabUpOptions): Promise<ExitCode>
  labClean(options: LabCleanOptions): Promise<ExitCode>
  labFaults(options: JsonOption): Promise<ExitCode>
  labBehaviours(options: JsonOption): Promise<ExitCode>
  labScenario(names: readonly string[], options: LabScenarioOptions): Promise<ExitCode>
  labStateExport(options: LabStateExportOptions): Promise<ExitCode>
  labStateImport(file: string, options: LabStateOptions): Promise<ExitCode>
  labStateDiff(before: string, after: string | undefined, options: LabStateDiffOptions): Promise<ExitCode>
  drillRollback(options: DrillOptions): Promise<ExitCode>
  drillRestore(file: string, options: DrillRestoreOptions): Promise<ExitCode>
  selftest(options: SelftestOptions): Promise<ExitCode>
  /** The whole `certs` command with its subcommands. */
  certs(): Promise<Command>
  canary(kind: CanaryKind): Promise<ExitCode>
  loadCost(target: string | undefined, options: LoadCostOptions): Promise<ExitCode>
  loadFlood(target: string | undefined, options: LoadFloodOptions): Promise<ExitCode>
  loadCapacity(target: string | undefined, options: LoadCapacityOptions): Promise<ExitCode>
  loadProof(target: string | undefined, options: LoadProofOptions): Promise<ExitCode>
  plan(results: string, options: PlanOptions): Promise<ExitCode>
  compare(base: string, next: string, options: CompareOptions): Promise<ExitCode>
  report(directory: string): Promise<ExitCode>
  doctor(options: JsonOption): Promise<ExitCode>
}

/** The real commands. */
export const commands: Commands = {
  verify: async (...args) => (await import('./verify.ts')).verifyCommand(...args),
  init: async (...args) => (await import('./init.ts')).initCommand(...args),
  checks: async (...args) => (await import('./checks.ts')).checksCommand(...args),
  explain: async (...args) => (await import('./explain.ts')).explainCommand(...args),
  labUp: async (...args) => (await import('./lab.ts')).labUpCommand(...args),
  labClean: async (...args) => (await import('./lab-clean.ts')).labCleanCommand(...args),
  labFaults: async (...args) => (await import('./lab.ts')).labFaultsCommand(...args),
  labBehaviours: async (...args) => (await import('./lab-behaviours.ts')).labBehavioursCommand(...args),
  labScenario: async (...args) => (await import('./lab-scenario.ts')).labScenarioCommand(...args),
  labStateExport: async (...args) => (await import('./lab-state.ts')).labStateExportCommand(...args),
  labStateImport: async (...args) => (await import('./lab-state.ts')).labStateImportCommand(...args),
  labStateDiff: async (...args) => (await import('./lab-state.ts')).labStateDiffCommand(...args),
  drillRollback: async (...args) => (await import('./drill.ts')).drillRollbackCommand(...args),
  drillRestore: async (...args) => (await import('./drill-restore.ts')).drillRestoreCommand(...args),
  selftest: async (...args) => (await import('./selftest.ts')).selftestCommand(...args),
  certs: async () => (await import('./certs.ts')).certsCommand(),
  canary: async (...args) => (await import('./canary.ts')).canaryCommand(...args),
  loadCost: async (...args) => (await import('./load/cost.ts')).loadCostCommand(...args),
  loadFlood: async (...args) => (await import('./load/flood.ts')).loadFloodCommand(...args),
  loadCapacity: async (...args) => (await import('./load/capacity.ts')).loadCapacityCommand(...args),
  loadProof: async (...args) => (await import('./load/proof.ts')).loadProofCommand(...args),
  plan: async (...args) => (await import('./load/plan.ts')).planCommand(...args),
  compare: async (...args) => (await import('./load/compare.ts')).compareCommand(...args),
  report: async (...args) => (await import('./report.ts')).reportCommand(...args),
  doctor: async (...args) => (await import('./doctor.ts')).doctorCommand(...args),
}
