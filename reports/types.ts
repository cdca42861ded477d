/**
 * The results file: what every report is written from. `reports/schema/results.schema.json` is its published schema.
 * This folder knows these types only.
 * @module
 */

/** Version of the results format; a change that breaks readers changes the first number. */
export const schemaVersion = '1.0'

/** How a check ended. */
export const verdicts = [
  'pass',
  'fail',
  'warn',
  'note',
  'not-applicable',
  'blocked',
  'inconclusive',
  'error',
  'known',
  'fixed',
] as const

/** One of the ten verdicts. */
export type Verdict = (typeof verdicts)[number]

/** How bad a failure is. */
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const

/** One of the five severities, mildest first. */
export type Severity = (typeof severities)[number]

/** What one TLS version showed about client certificates (DESIGN 4.6). */
export type ClientCertificatePolicy = 'off' | 'requested' | 'required' | 'late' | 'unsupported' | 'unknown'

/** What a hostname shows about Access without being asked for credentials. */
export interface AccessFacts {
  /** Team domain, `<team>.cloudflareaccess.com`. */
  team: string
  /** Port of the team domain, 443 but for a lab. */
  port: number
  /** AUD tag of the application, 64 hex digits; null where it was not told. */
  audience: string | null
  /** How it was told, in one sentence. */
  because: string
}

/** A door beside the one that was verified, and what it showed to somebody without credentials. */
export interface Door {
  kind: 'tls-port' | 'plain-port' | 'name' | 'http3'
  /** The port, the name or the transport, for people. */
  where: string
  /** `closed`: nothing answers; `not-tested`: it is there, and this tool cannot look behind it. */
  seen: 'closed' | 'refused' | 'redirect' | 'open' | 'unknown' | 'not-tested'
  /** What was seen, in one sentence. */
  because: string
  port?: number
  /** A name that answered: whether it asked for a client certificate. */
  asks?: boolean
}

/** What was learnt, whatever the checks say. */
export interface Facts {
  clientCertificate: {
    'TLSv1.2': ClientCertificatePolicy
    'TLSv1.3': ClientCertificatePolicy
    /** No request without a valid certificate reached the application, by any way that was tried. */
    enforced: boolean | 'unknown'
    enforcedAt: 'tls' | 'http' | 'none' | 'unknown'
    /** RFC 4514 names from the CertificateRequest. */
    caNames: string[]
    /** Why `enforced` says what it says, in one sentence. */
    because: string
  }
  addresses: string[]
  serverCertificate?: {
    subject: string
    issuer: string
    notAfter: string
    fingerprint256: string
    trusted: boolean
    trustError?: string
  }
  alpn: string[]
  server?: string
  /** Null: no sign of Access was seen. Absent in files of earlier versions. */
  access?: AccessFacts | null
  /** Absent in files of earlier versions. */
  elsewhere?: Door[]
}

/** One piece of evidence of a check: an attempt. All text may come from the server: escape it. */
export interface Evidence {
  /** What was tried, e.g. `expired certificate (expired-day, 3f2a…)`. */
  label: string
  /** One sentence: what happened. */
  outcome: string
  layer: 'tcp' | 'tls' | 'http'
  /** Request as sent, credentials replaced by fingerprints. */
  request: string
  /** First lines of the answer. */
  response: string
  /** Decrypted transcript, one message per line. */
  transcript: string[]
}

/** One check's result. */
export interface CheckResult {
  id: string
  /** Subject, for grouping: the part of the id before the first dot. */
  suite: string
  title: string
  severity: Severity
  kind: 'must' | 'should' | 'observe'
  verdict: Verdict
  /** What had to be seen. */
  expected: string
  /** What was seen. */
  observed: string
  layer: 'tcp' | 'tls' | 'http' | 'none'
  grounds: string[]
  /** How to fix it. Plain text; blank line = paragraph; lines indented by two spaces are code. */
  remediation: string
  /** Commands that reproduce the decisive attempt, with `harness` for the command: reports show it as started (`started-as.ts`). */
  reproduce: string[]
  evidence: Evidence[]
  durationMs: number
  /** Why it is not a plain pass or fail: `needs mtls.ca.key`, `twin was refused: …`, the waiver's reason. */
  reason: string
  /** A request without a valid certificate reached an application that should be closed to it. */
  reached: boolean
  /** `false`: it was never begun, because the host could not be reached or the run was stopped before. */
  begun?: false
}

/** Counts per verdict; `planned` is their sum. */
export interface Summary {
  planned: number
  pass: number
  fail: number
  warn: number
  note: number
  notApplicable: number
  blocked: number
  inconclusive: number
  error: number
  known: number
  fixed: number
  /** Of the inconclusive ones: never begun. Absent where all were, and in files of earlier versions. */
  notBegun?: number
}

/** The results file. */
export interface Results {
  schemaVersion: string
  tool: { name: string; version: string; node: string }
  run: {
    id: string
    /** ISO 8601. */
    started: string
    durationMs: number
    profile: string
    failOn: Severity
    /** Ids and globs of `--only` and `--skip`: a run that was narrowed never says that the host may go live. */
    selection: { only: string[]; skip: string[] }
    interrupted: boolean
    /** Faults switched on in the lab. */
    faults: string[]
    connections: number
    /** Connections that the run had said it would make at most. Absent in files of earlier versions. */
    connectionLimit?: number
  }
  target: {
    hostname: string
    connect: string
    deployment: string | null
    deploymentHash: string | null
    /** `enforce`, `report`, `off` as declared, `undeclared` in a black-box run. */
    mode: 'enforce' | 'report' | 'off' | 'undeclared'
    lab: boolean
  }
  facts: Facts
  summary: Summary
  exitCode: 0 | 1 | 2 | 3
  /** One sentence: may it go live? */
  verdict: string
  checks: CheckResult[]
}
