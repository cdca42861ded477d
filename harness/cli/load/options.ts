/**
 * Options of the load commands, as commander gives them.
 * @module
 */
import type { ProfileId } from '../../../load/profiles/table.ts'
import type { TwoPortKind } from '../../../load/targets/kinds.ts'
import type { JsonOption } from '../commands.ts'

/** A server that can be measured in the lab. */
export type LabServer = 'edge' | TwoPortKind

/** Where load goes, and what identities are made from. */
export interface LoadTargetOptions {
  /** The lab instead of a target. */
  lab?: true
  /** Address to connect to, when not where DNS says. */
  address?: string
  path?: string
  /** A good certificate and its key, PEM files. */
  cert?: string
  key?: string
  /** The client CA, and its key where it may be used: more kinds of client are possible then. */
  clientCa?: string
  clientCaKey?: string
  /** The hostname of the target, typed once more. */
  iAmAllowedToLoad?: string
  /** Folder for results.json and the reports. */
  out: string
}

/** Options of `harness load cost`. */
export interface LoadCostOptions extends LoadTargetOptions {
  servers?: LabServer[]
  containers?: true
  tls: ('1.2' | '1.3')[]
  categories?: string[]
  rounds?: number
  /** Milliseconds for everything. */
  maxTime: number
  /** Of a target: its port that does not ask for a certificate, or a hostname there that does not. */
  controlPort?: number
  controlName?: string
  /** Where the CPU of a target is read: one of these. */
  pid?: number
  cgroup?: string
  prometheus?: string
  query?: string
  /** Milliseconds until Prometheus has surely scraped. */
  scrape: number
}

/** Options of `harness load flood`. */
export interface LoadFloodOptions extends LoadTargetOptions {
  servers?: LabServer[]
  containers?: true
  profiles: ProfileId[]
  /** Invalid attempts per second, swept. */
  rates: number[]
  /** Valid attempts per second. */
  victims: number
  /** Promised to valid users: 99th percentile, milliseconds. */
  objective: number
  /** Milliseconds of one step. */
  step: number
  tls?: '1.2' | '1.3'
  keepGoing?: true
  /** Processes of k6 per identity. */
  processes: number
  emit?: 'k6-operator'
  name: string
  namespace?: string
  parallelism: number
}

/** Options of `harness load proof`. */
export interface LoadProofOptions extends LoadTargetOptions {
  servers?: LabServer[]
  containers?: true
  tls: ('1.2' | '1.3')[]
  profiles: ProfileId[]
}

/** Options of `harness load capacity`. */
export interface LoadCapacityOptions extends LoadTargetOptions {
  servers?: LabServer[]
  containers?: true
  tls: ('1.2' | '1.3')[]
  objective: number
  startRate: number
  maxRate: number
  /** What makes the load. Left out: k6 where it is found, else the built-in generator. */
  generator?: 'k6' | 'built-in'
  /** Milliseconds of the window of a step that counts. */
  step: number
  maxTime: number
  pid?: number
  cgroup?: string
}

/** Options of `harness plan`. */
export interface PlanOptions extends JsonOption {
  server?: string
  tls?: '1.2' | '1.3'
  valid?: number
  /** `id=rate`. */
  invalid?: [id: string, rate: number][]
  cores?: number
  /** Of what the rate is asked. */
  of: string
  objective?: number
  base?: number
  headroom: number
  /** `cores=throughput`, measured. */
  scaling?: [cores: number, throughput: number][]
  crlBytes?: number
  caCurve?: string
  resumed?: number
}

/** Options of `harness compare`. */
export interface CompareOptions extends JsonOption {
  /** Percent. */
  maxRegression: number
}
