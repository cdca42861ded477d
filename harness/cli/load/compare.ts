/**
 * `harness compare`: did a server get dearer between two load runs, or is the difference noise?
 * @module
 */
import { type Comparison, compareLoad } from '../../../load/compare/compare.ts'
import type { CostResult } from '../../../load/cost/types.ts'
import { nameOf } from '../../../load/results/compose.ts'
import { readLoad } from '../../../load/results/read.ts'
import { short } from '../../../reports/text.ts'
import { type ExitCode, exitCodes } from '../../errors.ts'
import type { CompareOptions } from './options.ts'

/** One server in both runs. */
export interface ComparedServer {
  base: string
  next: string
  comparison: Comparison
}

/** What two runs come to. */
export interface Compared {
  servers: ComparedServer[]
  /** Servers of the earlier run that the later one has not. */
  gone: string[]
  /** Servers that only the later run has. */
  added: string[]
}

/** Compares, prints, and ends with 1 for a regression, 3 when something of the earlier run could not be compared. */
export async function compareCommand(
  base: string,
  next: string,
  { maxRegression, json }: CompareOptions,
): Promise<ExitCode> {
  const [before, after] = await Promise.all([readLoad(base), readLoad(next)])
  const compared = compareRuns(before.costs, after.costs, maxRegression / 100)
  process.stdout.write(
    json === true ? `${JSON.stringify(compared, undefined, 2)}\n` : comparisonText(compared),
  )
  const verdicts = compared.servers.map(({ comparison }) => comparison.verdict)
  if (verdicts.includes('regression')) return exitCodes.findings
  const isWhole = verdicts.length > 0 && compared.gone.length === 0 && !verdicts.includes('not-comparable')
  return isWhole ? exitCodes.ok : exitCodes.notVerified
}

/** The same server whatever its version is, with the same version of TLS. */
const keyOf = ({ target }: CostResult): string => `${target.name.replace(/ \d[\d.]*/, '')} ${target.version}`

/** Matches servers by kind and TLS version, and compares each. */
export function compareRuns(
  before: readonly CostResult[],
  after: readonly CostResult[],
  maxRegression: number,
): Compared {
  const servers = before.flatMap((base) => {
    const next = after.find((one) => keyOf(one) === keyOf(base))
    return next === undefined
      ? []
      : [{ base: nameOf(base), next: nameOf(next), comparison: compareLoad(base, next, { maxRegression }) }]
  })
  const alone = (own: readonly CostResult[], other: readonly CostResult[]): string[] =>
    own.filter((one) => !other.some((two) => keyOf(one) === keyOf(two))).map(nameOf)
  return { servers, gone: alone(before, after), added: alone(after, before) }
}

function comparisonText({ servers, gone, added }: Compared): string {
  const lines = servers.flatMap(({ base, next, comparison }) => [
    base === next ? base : `${base} → ${next}`,
    `  verdict: ${verdictWords(comparison)}`,
    ...comparison.categories.map(
      ({ id, change, reason }) => `  ${change.padEnd(14)} ${id}: ${short(reason, 160)}`,
    ),
    ...comparison.notes.map((note) => `  note: ${short(note, 200)}`),
  ])
  if (servers.length === 0) lines.push('No server was measured in both runs: nothing can be compared.')
  lines.push(...gone.map((name) => `not in the later run: ${short(name, 100)}`))
  lines.push(...added.map((name) => `only in the later run: ${short(name, 100)}`))
  return `${lines.join('\n')}\n`
}

function verdictWords({ verdict, noiseFloor, noiseGround, found }: Comparison): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  const floor = `differences up to ${percent(noiseFloor)} are noise (${short(noiseGround, 120)})`
  const power =
    found === undefined
      ? ''
      : `; what got dearer by ${percent(found)} or more was found, less may have been missed: longer runs find less`
  return `${verdict}; ${floor}${power}`
}
