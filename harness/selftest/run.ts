/**
 * Runs the kill matrix, on one thread more than there are processors.
 * @module
 */
import { availableParallelism } from 'node:os'
import type { Check } from '../../fixtures/catalogue.ts'
import { createLabMaterial } from '../lab/lab.ts'
import { companies, runCompany } from './company.ts'
import { limited } from './limit.ts'
import type { Row } from './matrix.ts'
import { runLab } from './run-lab.ts'
import { startThread } from './thread.ts'

/** How to run the matrix. */
export interface MatrixOptions {
  checks: readonly Check[]
  faults: readonly string[]
  /** Checks that run at the same time within one lab. */
  parallel: number
  /** Faults that are switched on together at most, see `company.ts`; 1: each in a lab of its own against every check. */
  company: number
  signal: AbortSignal
  onRow?: (row: Row, index: number, total: number) => void
}

/** Runs companies, or the healthy lab. */
export interface CompanyRunner {
  /** `[]` is the healthy lab. Undefined: interrupted. */
  run(members: readonly string[]): Promise<Row[] | undefined>
  end(): Promise<void>
}

/** A check that passes only now and then says nothing when it fails. */
const healthyRuns = 3

/** Labs at the same time in one thread: much of what is run in small companies is waiting. */
const labsAtOnce = 6

/** The rows of one company; the healthy lab for none. */
export async function rowsOf(
  members: readonly string[],
  checks: readonly Check[],
  how: Parameters<typeof runLab>[2],
): Promise<Row[]> {
  if (members.length > 0)
    return runCompany(
      members,
      checks,
      limited(labsAtOnce, (some: readonly Check[], faults: readonly string[]) => runLab(some, faults, how)),
    )
  const started = performance.now()
  const cells = await runLab(checks, [], how)
  return [{ fault: undefined, cells, durationMs: performance.now() - started }]
}

/**
 * Runs the healthy lab, again and again, and every fault against every check. The healthy rows come first, the others in the
 * order of the faults; `onRow` is told as they are ready.
 */
export async function runMatrix(options: MatrixOptions): Promise<Row[]> {
  const { checks, faults, parallel, company, signal, onRow } = options
  const material = await createLabMaterial()
  const healthy = Array.from({ length: healthyRuns }, (): string[] => [])
  const waiting = [...healthy, ...companies(checks, faults, company)]
  const rows: Row[] = []
  const work = async (runner: CompanyRunner): Promise<void> => {
    for (let members = waiting.shift(); members !== undefined && !signal.aborted; members = waiting.shift()) {
      for (const row of (await runner.run(members)) ?? []) {
        rows.push(row)
        onRow?.(row, rows.length - 1, faults.length + healthyRuns)
      }
    }
  }
  // One more than there are processors: each waits now and then, for a server that says nothing above all.
  const threads = Math.min(1 + availableParallelism(), Math.ceil(waiting.length / 2))
  const here: CompanyRunner = {
    run: (members) => rowsOf(members, checks, { material, parallel, signal }),
    end: async () => undefined,
  }
  const ids = checks.map(({ id }) => id)
  const runners =
    threads < 2
      ? [here]
      : Array.from({ length: threads }, () => startThread({ material, parallel, checks: ids }, signal))
  try {
    await Promise.all(runners.map(work))
  } finally {
    await Promise.all(runners.map(({ end }) => end()))
  }
  const place = ({ fault }: Row): number => (fault === undefined ? -1 : faults.indexOf(fault))
  return rows.toSorted((a, b) => place(a) - place(b))
}
