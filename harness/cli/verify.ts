/**
 * `harness verify`: runs the verification, shows it as it goes, writes the reports.
 * @module
 */
import { appendFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { renderConsole } from '../../reports/console.ts'
import type { CheckResult, Results } from '../../reports/types.ts'
import { writeReports } from '../../reports/write.ts'
import { type ExitCode, HarnessError } from '../errors.ts'
import { observationLimit } from '../verify/observe.ts'
import { labPartsFor, type Selection, select } from '../verify/plan.ts'
import type { DeploymentSource } from '../verify/run-file.ts'
import { verify } from '../verify/verify.ts'
import type { VerifyOptions } from './commands.ts'
import { commonExitCode, commonVerdict, type NamedRun } from './common-verdict.ts'
import { needsLab, startContainers } from './containers.ts'
import { ensureFolder } from './folder.ts'
import { onInterrupt } from './interrupt.ts'
import { Progress } from './progress.ts'
import { watchDrill } from './unfinished-drill.ts'

/** Default number of worker processes: more than two only costs start-up. */
const defaultWorkers = Math.max(1, Math.min(4, availableParallelism()))

/** Verifies a hostname, a deployment file, or the embedded lab. */
export async function verifyCommand(hostname: string | undefined, options: VerifyOptions): Promise<ExitCode> {
  const source = sourceOf(hostname, options)
  // A lab goes away with its process; what a drill has changed elsewhere stays.
  const drill =
    source !== 'lab' && 'file' in source && mayChange(options) ? watchDrill(source.file) : undefined
  const interrupt = onInterrupt((code) => {
    process.stderr.write(drill?.advice() ?? '')
    process.exit(code)
  })
  const scratch = await mkdtemp(join(tmpdir(), 'harness-'))
  try {
    if (source !== 'lab') return (await run(source, options, interrupt.signal)).exitCode
    return await verifyLab(options, join(scratch, 'lab'), interrupt.signal)
  } finally {
    await rm(scratch, { recursive: true, force: true })
    interrupt.done()
    await drill?.goBack()
  }
}

/** The embedded lab; with `--containers` every server in a container too, its reports in a folder of its own. */
async function verifyLab(options: VerifyOptions, dir: string, signal: AbortSignal): Promise<ExitCode> {
  const faults = options.fault ?? []
  // Loaded only here: a run against a real host does not pay for the lab.
  const [{ createLabMaterial, startLab }, { loadCatalogue }] = await Promise.all([
    import('../lab/lab.ts'),
    import('../../suites/index.ts'),
  ])
  const parts = labPartsFor(select(await loadCatalogue(), selectionOf(options)))
  const material = await createLabMaterial()
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const containers =
    options.containers === true ? await startContainers({ material, faults, signal, say }) : undefined
  try {
    const lab = await startLab({ faults, dir, parts, material, containers: containers?.origins ?? [] })
    try {
      const runOne = (file = '', out = options.out): Promise<Results> =>
        run({ file, ...overrides(options) }, { ...options, out }, signal, { faults })
      const results = await runOne(lab.deploymentFile)
      if (lab.containers.length === 0) return results.exitCode
      const runs: NamedRun[] = [{ hostname: results.target.hostname, what: 'the embedded lab', results }]
      for (const { name, server, hostname, deploymentFile } of lab.containers) {
        if (signal.aborted) break
        say('')
        const own = await runOne(deploymentFile, join(options.out, name))
        runs.push({ hostname, what: server, results: own })
      }
      say(`\n${commonVerdict(runs).join('\n')}`)
      return commonExitCode(runs)
    } finally {
      await lab.close()
    }
  } finally {
    await containers?.close()
  }
}

const mayChange = ({ staging, allowChanges }: Pick<VerifyOptions, 'staging' | 'allowChanges'>): boolean =>
  staging === true || allowChanges === true

/** `--staging` alone means its profile; a narrower one stays what it is, with permission for what `--only` names. */
const selectionOf = ({ only = [], skip = [], profile, ...options }: VerifyOptions): Selection => {
  const allowed = mayChange(options)
  return { only, skip, profile: allowed && profile === 'default' ? 'staging' : profile, staging: allowed }
}

const overrides = ({ connectTo, deadline }: VerifyOptions): { connectTo?: string; deadline?: number } => ({
  ...(connectTo === undefined ? {} : { connectTo }),
  ...(deadline === undefined ? {} : { deadline }),
})

function sourceOf(hostname: string | undefined, options: VerifyOptions): DeploymentSource | 'lab' {
  const { deployment, lab, fault, containers } = options
  if (lab === true) {
    if (hostname !== undefined || deployment !== undefined) {
      throw new HarnessError(
        'ERR_USAGE',
        '--lab brings its own deployment: give neither a hostname nor --deployment with it',
      )
    }
    return 'lab'
  }
  if (fault !== undefined)
    throw new HarnessError('ERR_USAGE', '--fault switches a defect of the lab on: it needs --lab')
  needsLab(containers)
  if (deployment !== undefined) {
    if (hostname !== undefined) {
      throw new HarnessError(
        'ERR_USAGE',
        'the hostname stands in the deployment file: give one or the other',
        {
          hint: '--connect-to ADDR:PORT sends the same deployment to another address',
        },
      )
    }
    // Workers run in another folder: only an absolute path means the same to them.
    return { file: resolve(deployment), ...overrides(options) }
  }
  if (hostname === undefined) {
    throw new HarnessError('ERR_USAGE', 'nothing to verify', {
      hint: 'harness verify HOSTNAME, harness verify -d harness.yaml, or harness verify --lab',
    })
  }
  return { hostname, ...overrides(options) }
}

async function run(
  source: DeploymentSource,
  options: VerifyOptions,
  signal: AbortSignal,
  lab?: { faults: string[] },
): Promise<Results> {
  const progress = new Progress(process.stdout)
  const events = join(options.out, 'events.ndjson')
  let begun = false
  // One event is on disk per finished check: an interrupted run loses nothing.
  const keep = (result: CheckResult): void => {
    if (begun) appendFileSync(events, `${JSON.stringify(result)}\n`)
  }
  const results = await verify({
    source,
    selection: selectionOf(options),
    failOn: options.failOn,
    workers: options.workers ?? defaultWorkers,
    ...(options.rate === undefined ? {} : { rate: options.rate }),
    ...(lab === undefined ? {} : { lab }),
    signal,
    onStart: async (deployment) => {
      await ensureFolder(options.out)
      await writeFile(events, '')
      begun = true
      progress.start(deployment.target.hostname, observationLimit(deployment))
    },
    onPlan: (plan) => progress.plan(plan),
    onEvent: (event) => progress.event(event),
    onResult: keep,
  })
  progress.end()
  const written = await writeReports(results, options.out)
  await rm(events, { force: true })
  const page = written.find((path) => path.endsWith('.html'))
  const text = renderConsole(results, {
    color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    width: process.stdout.columns ?? 100,
    verbose: options.verbose === true,
    ...(page === undefined ? {} : { report: relative(process.cwd(), page) || page }),
  })
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return results
}
