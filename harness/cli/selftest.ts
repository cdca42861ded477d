/**
 * `harness selftest`: proves that every check can fail, and fails for nothing else.
 * @module
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Check } from '../../fixtures/catalogue.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import { type FaultId, faults, selectFaults } from '../lab/faults.ts'
import { isTotal, judgeMatrix, killedIn, type MatrixProblems, type Row } from '../selftest/matrix.ts'
import { runMatrix } from '../selftest/run.ts'
import { select } from '../verify/plan.ts'
import type { SelftestOptions } from './commands.ts'
import { ensureFolder } from './folder.ts'
import { onInterrupt } from './interrupt.ts'
import { selftestServers } from './selftest-servers.ts'

/** Faults switched on at the same time, unless each is asked for alone. */
const together = 20

/** Checks that run at the same time within one lab. */
const parallel = 8

/** Runs the matrix, prints and writes it. Exit 1 when it is not total. */
export async function selftestCommand(options: SelftestOptions): Promise<ExitCode> {
  const catalogue = await loadCatalogue()
  const { checked, unchecked } = byCheck(catalogue)
  const chosen = options.fault === undefined ? checked : [...selectFaults(options.fault)]
  const checks = select(catalogue, { only: options.check ?? [], skip: [], profile: 'staging', staging: true })
  const interrupt = onInterrupt()
  const print = (line: string): void =>
    void (options.json === true ? process.stderr : process.stdout).write(`${line}\n`)
  print(`selftest: ${checks.length} checks × ${chosen.length} faults`)
  await ensureFolder(options.out)
  const started = Date.now()
  const rows = await runMatrix({
    checks,
    faults: chosen,
    parallel,
    company: options.alone === true ? 1 : together,
    signal: interrupt.signal,
    onRow: (row, index, total) => print(rowLine(row, index, total)),
  })
  const servers =
    options.containers === true && !interrupt.signal.aborted
      ? await selftestServers(checks, interrupt.signal, print)
      : undefined
  interrupt.done()
  if (interrupt.signal.aborted)
    throw new HarnessError('ERR_INTERRUPTED', 'selftest was interrupted: the matrix is not complete')
  const problems = judgeMatrix(checks, rows, options.check === undefined)
  const matrix = {
    checks: checks.map(({ id, killedBy }) => ({ id, killedBy })),
    rows: rows.map(rowJson),
    problems,
    ...(servers === undefined ? {} : { servers }),
  }
  await writeFile(join(options.out, 'matrix.json'), `${JSON.stringify(matrix, null, 2)}\n`)
  if (options.json === true) process.stdout.write(`${JSON.stringify(matrix)}\n`)
  for (const line of problemLines(problems)) print(line)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  const killed = killedIn(checks, rows).size
  print(
    `\n${killed} of ${checks.length} checks killed by ${chosen.length} faults, ${problems.accidental.length} by accident, in ${seconds} s: ${isTotal(problems) ? 'total' : 'NOT TOTAL'}`,
  )
  if (options.fault === undefined && unchecked.length > 0)
    print(`${unchecked.length} more faults are shown by tests of the lab; no check is about them yet.`)
  const misjudged = servers?.some((row) => row.problems.length > 0) === true
  return isTotal(problems) && !misjudged ? exitCodes.ok : exitCodes.findings
}

/** The faults of the lab: those that a check is about, and the others. */
export function byCheck(catalogue: readonly Pick<Check, 'killedBy'>[]): {
  checked: FaultId[]
  unchecked: FaultId[]
} {
  const named = new Set(catalogue.flatMap(({ killedBy }) => killedBy))
  const ids = faults.map(({ id }) => id)
  return { checked: ids.filter((id) => named.has(id)), unchecked: ids.filter((id) => !named.has(id)) }
}

function rowLine({ fault, cells, durationMs }: Row, index: number, total: number): string {
  const dead = [...cells]
    .filter(([, { verdict }]) => ['fail', 'warn', 'note'].includes(verdict))
    .map(([id]) => id)
  const kills =
    fault === undefined
      ? `${[...cells.values()].filter(({ verdict }) => verdict === 'pass').length} pass`
      : dead.join(' ') || 'nothing'
  return `${String(index + 1).padStart(3)}/${total}  ${(fault ?? 'healthy lab').padEnd(46)} ${fault === undefined ? '' : 'kills '}${kills} (${(durationMs / 1000).toFixed(1)} s)`
}

const rowJson = ({ fault, cells }: Row): object => ({
  fault: fault ?? null,
  verdicts: Object.fromEntries(cells),
})

function problemLines(problems: MatrixProblems): string[] {
  const section = (title: string, lines: string[]): string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
  return [
    ...section(
      'Not passing in the healthy lab:',
      problems.unhealthy.map(({ check, verdict, observed }) => `${check}: ${verdict}, ${observed}`),
    ),
    ...section(
      'Survived a fault they say kills them:',
      problems.survived.map(({ check, fault, verdict }) => `${check} under ${fault}: ${verdict}`),
    ),
    ...section(
      'Killed by accident:',
      problems.accidental.map(
        ({ check, fault, verdict, observed }) => `${check} under ${fault}: ${verdict}, ${observed}`,
      ),
    ),
    ...section('Killed by no fault:', problems.immortal),
    ...section('Faults that kill nothing:', problems.idle),
    ...section(
      'Faults that do not exist:',
      problems.unknown.map(({ check, fault }) => `${check} names ${fault}`),
    ),
  ]
}
