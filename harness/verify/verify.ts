/**
 * `harness verify`: observe, plan, execute, judge. Returns the results; writing and printing them is the caller's.
 * @module
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Check } from '../../fixtures/catalogue.ts'
import { usualConnections } from '../../fixtures/evidence.ts'
import { redact, secretsOf } from '../../fixtures/redact.ts'
import { resultOf } from '../../fixtures/run.ts'
import { exitCodeOf, summarise, verdictSentence } from '../../reports/summarise.ts'
import {
  type CheckResult,
  type Facts,
  type Results,
  type Severity,
  schemaVersion,
} from '../../reports/types.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { nearest } from '../deployment/suggest.ts'
import type { Deployment } from '../deployment/types.ts'
import { HarnessError } from '../errors.ts'
import { setPace } from '../probe/pace.ts'
import { version } from '../version.ts'
import { withCurrentObjects } from './current-objects.ts'
import { execute, type RunEvent } from './execute.ts'
import { type Observation, observe } from './observe.ts'
import { withObserved } from './observed.ts'
import { connectionsOf, plan, type Selection, select } from './plan.ts'
import { type DeploymentSource, mints, resolveSource, writeRunFile } from './run-file.ts'
import { applyWaivers } from './waivers.ts'

/** What to verify and how. */
export interface VerifyOptions {
  source: DeploymentSource
  selection: Selection
  failOn: Severity
  workers: number
  /** Connections per second at most. Left out: as fast as the host answers. */
  rate?: number
  /** Set for a run against the embedded lab. */
  lab?: { faults: string[] }
  signal: AbortSignal
  /** Told when the deployment is loaded and valid, before anything is sent. */
  onStart?: (deployment: Deployment) => Promise<void>
  /** Told as soon as the plan is known. */
  onPlan?: (plan: {
    deployment: Deployment
    facts: Facts
    planned: number
    executing: number
    /** The host gave an answer that can be judged: otherwise nothing is executed. */
    reachable: boolean
    /** Connections that the whole run makes at most, what was made so far included. */
    connectionLimit: number
  }) => void
  /** Told when a check begins or ends. */
  onEvent?: (event: RunEvent) => void
  /** Told about each result as it comes: the caller may keep it on disk. */
  onResult?: (result: CheckResult) => void
}

/** Verifies a deployment. Throws a HarnessError only for wrong usage, an invalid file, or a failure of the harness itself. */
export async function verify(options: VerifyOptions): Promise<Results> {
  const { source, selection, signal } = options
  const startedAt = new Date()
  const started = performance.now()
  const catalogue = await loadCatalogue()
  const chosen = select(catalogue, selection)
  const declared = await resolveSource(source)
  mustKnow(declared, catalogue)
  await options.onStart?.(declared)
  setPace(options.rate === undefined ? 0 : 1000 / options.rate)
  const observed = await observe(declared, signal).finally(() => setPace(0))
  const seen = { ...observed, facts: redact(observed.facts, secretsOf(declared)) }
  const deployment = withObserved(declared, seen.facts)
  const environment = { deployment, facts: seen.facts, mintFor: mints(seen.caNames, deployment.target) }
  const planned = plan(chosen, environment)
  const executing = seen.reachable ? planned.run.length : 0
  const connectionLimit = seen.connections + (executing === 0 ? 0 : connectionsOf(planned.run))
  options.onPlan?.({
    deployment,
    facts: seen.facts,
    planned: chosen.length,
    executing,
    reachable: seen.reachable,
    connectionLimit,
  })
  const results = new Map<string, CheckResult>()
  const begun = new Set<string>()
  let connections = seen.connections
  const take = (result: CheckResult): void => {
    results.set(result.id, result)
    options.onResult?.(result)
  }
  for (const result of planned.notApplicable) take(result)
  if (seen.reachable) {
    await executePlanned(planned.run, seen, options, (event) => {
      if (event.event === 'begin') begun.add(event.id)
      if (event.event === 'end') {
        connections += event.run.connections
        take(event.run.result)
      }
      options.onEvent?.(event)
    })
  }
  for (const check of planned.run) {
    if (!results.has(check.id)) take(neverEnded(check, seen, signal.aborted, begun.has(check.id)))
  }
  const found = chosen.flatMap(({ id }) => results.get(id) ?? [])
  const checks = applyWaivers(
    redact(await withCurrentObjects(found, deployment), secretsOf(declared)),
    deployment.waivers,
    startedAt.toISOString().slice(0, 10),
  )
  return assemble({
    options,
    deployment,
    seen,
    checks,
    connections,
    connectionLimit,
    startedAt,
    durationMs: Math.round(performance.now() - started),
  })
}

/** A waiver for a check that does not exist waives nothing, and somebody thinks it does. */
function mustKnow({ waivers, source }: Deployment, catalogue: readonly Check[]): void {
  const ids = catalogue.map(({ id }) => id)
  const unknown = waivers.find(({ check }) => !ids.includes(check))
  if (unknown === undefined) return
  const near = nearest(unknown.check, ids)
  throw new HarnessError('ERR_DEPLOYMENT_INVALID', `waivers: there is no check “${unknown.check}”`, {
    hint: near === undefined ? 'harness checks lists every id' : `did you mean ${near}?`,
    ...(source === undefined ? {} : { location: { file: source } }),
  })
}

async function executePlanned(
  checks: readonly Check[],
  seen: Observation,
  { source, signal, workers, rate, lab }: VerifyOptions,
  onEvent: (event: RunEvent) => void,
): Promise<void> {
  if (checks.length === 0) return
  const pace = rate === undefined ? 0 : (workers * 1000) / rate
  const work = await mkdtemp(join(tmpdir(), 'harness-run-'))
  try {
    const runFile = join(work, 'run.json')
    const scratch = lab !== undefined
    await writeRunFile(runFile, { source, facts: seen.facts, caNames: seen.caNames, scratch })
    await execute({
      checks,
      runFile,
      work: join(work, 'playwright'),
      workers,
      // Each worker has its share of the rate, and a check the time that its connections then take.
      checkTimeout:
        60_000 + pace * Math.max(...checks.map(({ connections = usualConnections }) => connections)),
      pace,
      signal,
      onEvent,
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The result of a check that gave none: the host was not reached, the run was stopped, or its process was lost. */
function neverEnded(check: Check, seen: Observation, interrupted: boolean, wasBegun: boolean): CheckResult {
  const notBegun = wasBegun ? {} : { begun: false as const }
  if (interrupted)
    return resultOf(check, 'inconclusive', {
      ...notBegun,
      reason: `the run was interrupted before this check ${wasBegun ? 'ended' : 'began'}`,
    })
  if (!seen.reachable)
    return resultOf(check, 'inconclusive', {
      ...notBegun,
      reason: `the host gave no answer that could be judged: ${seen.unreachable}`,
    })
  return resultOf(check, 'error', { reason: 'its process ended without a result; please report this' })
}

interface Assembly {
  options: VerifyOptions
  deployment: Deployment
  seen: Observation
  checks: CheckResult[]
  connections: number
  connectionLimit: number
  startedAt: Date
  durationMs: number
}

function assemble({
  options,
  deployment,
  seen,
  checks,
  connections,
  connectionLimit,
  startedAt,
  durationMs,
}: Assembly): Results {
  const { target } = deployment
  const interrupted = options.signal.aborted
  const exitCode = exitCodeOf(checks, options.failOn, interrupted)
  const run: Results['run'] = {
    id: randomUUID(),
    started: startedAt.toISOString(),
    durationMs,
    profile: options.selection.profile,
    failOn: options.failOn,
    selection: { only: [...options.selection.only], skip: [...options.selection.skip] },
    interrupted,
    faults: options.lab?.faults ?? [],
    connections,
    connectionLimit,
  }
  const about: Results['target'] = {
    hostname: target.hostname,
    connect: `${target.address ?? target.hostname}:${target.port}`,
    deployment: deployment.source ?? null,
    deploymentHash: deployment.sourceHash ?? null,
    mode: target.mtls?.mode ?? 'undeclared',
    lab: options.lab !== undefined,
  }
  return {
    schemaVersion,
    tool: { name: 'harness', version, node: process.version },
    run,
    target: about,
    facts: withFindings(seen.facts, checks),
    summary: summarise(checks),
    exitCode,
    verdict: verdictSentence({ run, target: about, checks, exitCode, facts: seen.facts }),
    checks,
  }
}

/** A check that got through changes the facts: enforced means by any way that was tried. */
function withFindings(facts: Facts, checks: readonly CheckResult[]): Facts {
  const open = checks.find(({ reached }) => reached)
  if (open === undefined) return facts
  const because = `${open.id}: ${open.observed}`
  return {
    ...facts,
    clientCertificate: { ...facts.clientCertificate, enforced: false, enforcedAt: 'none', because },
  }
}
