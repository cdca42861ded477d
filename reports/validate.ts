/**
 * Is this a results file? The published schema, and what a schema cannot say.
 * @module
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import schema from './schema/results.schema.json' with { type: 'json' }
import { exitCodeOf, summarise } from './summarise.ts'
import type { Results, Summary } from './types.ts'

/** No more problems than anybody reads. */
const most = 20

/** Compiled on first use: most commands never need it. */
let compiled: ValidateFunction<Results> | undefined

function validator(): ValidateFunction<Results> {
  if (compiled === undefined) {
    const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
    formats.default(ajv)
    compiled = ajv.compile<Results>(schema)
  }
  return compiled
}

/** Whether `value` has the shape of a results file. Problems are left in {@link validateResults}. */
const isResults = (value: unknown): value is Results => validator()(value)

/**
 * Every problem of a would-be results file, at most twenty; empty when it is one. The schema is judged first, then
 * {@link checkInvariants}.
 */
export function validateResults(value: unknown): string[] {
  if (isResults(value)) return checkInvariants(value).slice(0, most)
  return (validator().errors ?? []).slice(0, most).map(problem)
}

function problem({ instancePath, message, params }: ErrorObject): string {
  const where = instancePath === '' ? 'results' : instancePath.slice(1).replaceAll('/', '.')
  const extra = 'additionalProperty' in params ? ` (${JSON.stringify(params.additionalProperty)})` : ''
  const allowed = Array.isArray(params.allowedValues)
    ? ` (${params.allowedValues.map(String).join(', ')})`
    : ''
  return `${where} ${message ?? 'is invalid'}${extra}${allowed}`
}

/** What must hold between the parts: counts, ids, exit code. At least one string per broken rule. */
export function checkInvariants(results: Results): string[] {
  const { summary, checks, run, exitCode } = results
  return [...sums(summary), ...recount(summary, summarise(checks)), ...ids(results), ...exit()]

  function exit(): string[] {
    const computed = exitCodeOf(checks, run.failOn, run.interrupted)
    // A run may know more reasons than its checks do to be “not verified”, never fewer; findings are findings.
    const honest = exitCode === computed || (computed === 0 && exitCode >= 2)
    return honest ? [] : [`exitCode is ${exitCode}, the checks say ${computed}`]
  }
}

// Those that were never begun are counted as inconclusive already.
function sums({ planned, notBegun: _, ...counts }: Summary): string[] {
  const sum = Object.values(counts).reduce((total, count) => total + count, 0)
  return sum === planned ? [] : [`summary.planned is ${planned}, the verdicts sum up to ${sum}`]
}

const recount = (summary: Summary, real: Summary): string[] =>
  (Object.keys(real) as (keyof Summary)[])
    .filter((key) => summary[key] !== real[key])
    .map((key) => `summary.${key} is ${summary[key]}, the checks say ${real[key]}`)

function ids({ checks }: Results): string[] {
  const seen = new Set<string>()
  return checks.flatMap(({ id, suite }) => {
    const problems = seen.has(id) ? [`check ${id} is listed twice`] : []
    seen.add(id)
    return id.startsWith(`${suite}.`) ? problems : [...problems, `check ${id} is not of suite ${suite}`]
  })
}
