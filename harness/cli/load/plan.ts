/**
 * `harness plan`: how many cores a traffic needs, or how much traffic cores can take, from measured costs.
 * @module
 */
import { fitUsl, type Usl } from '../../../load/capacity/usl.ts'
import type { CostResult } from '../../../load/cost/types.ts'
import { advise } from '../../../load/plan/advice.ts'
import { planCores, planRate } from '../../../load/plan/cores.ts'
import { costsOf } from '../../../load/plan/costs.ts'
import type { Advice, CoresPlan, PlanBasis, RatePlan } from '../../../load/plan/types.ts'
import { nameOf } from '../../../load/results/compose.ts'
import { readLoad } from '../../../load/results/read.ts'
import { planWords } from '../../../reports/load/sections.ts'
import { type ExitCode, exitCodes, HarnessError } from '../../errors.ts'
import type { PlanOptions } from './options.ts'

/** An answer for one measured server. */
export interface PlannedServer {
  server: string
  answer: CoresPlan | RatePlan
  advice: Advice[]
}

/** Plans and prints. Exit 3 when no measured server has the cost of a valid client. */
export async function planCommand(path: string, options: PlanOptions): Promise<ExitCode> {
  const { valid, cores } = options
  if (valid === undefined && cores === undefined)
    throw new HarnessError(
      'ERR_USAGE',
      'a question is needed: --valid RATE asks for cores, --cores N for a rate',
    )
  refuseIdle(options)
  const { costs } = await readLoad(path)
  const chosen = costs.filter((cost) => isChosen(cost, options))
  if (costs.length > 0 && chosen.length === 0)
    throw new HarnessError('ERR_USAGE', 'no measured server is the one asked for', {
      hint: `measured: ${costs.map(nameOf).join('; ')}`,
    })
  const usable = chosen.filter(hasValid)
  if (usable.length === 0) {
    const why = chosen[0]?.problems[0]?.message ?? 'no cost was measured'
    process.stderr.write(
      `harness: nothing can be planned: ${why}\n  hint: harness load cost measures costs\n`,
    )
    return exitCodes.notVerified
  }
  const planned = usable.map((cost) => planFor(cost, options))
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(planned, undefined, 2)}\n`)
    return exitCodes.ok
  }
  for (const { server, answer, advice } of planned) {
    const words = planWords(answer)
    process.stdout.write(`${server}\n  ${words.question}\n  → ${words.answer}\n`)
    if (words.notes !== '') process.stdout.write(`  note: ${words.notes}\n`)
    for (const { text, ground } of advice) process.stdout.write(`  advice: ${text}\n          (${ground})\n`)
  }
  return exitCodes.ok
}

/** What would not be looked at is refused: somebody thinks that it counts. */
function refuseIdle({ valid, cores, of, invalid = [], objective, base }: PlanOptions): void {
  const wrong = (what: string, hint: string): never => {
    throw new HarnessError('ERR_USAGE', what, { hint })
  }
  if (cores === undefined && of !== 'valid')
    wrong('--of asks for a rate and needs --cores', 'without --cores the answer is a number of cores')
  if (cores !== undefined && of === 'valid' && valid !== undefined)
    wrong(
      '--cores asks for the rate of valid clients, and --valid gives it',
      'leave --valid out; or leave --cores out to ask for cores; or ask --of another kind',
    )
  if (cores !== undefined && invalid.some(([id]) => id === of))
    wrong(`--of asks for the rate of "${of}", and --invalid gives it`, `leave ${of} out of --invalid`)
  if (base !== undefined && objective === undefined)
    wrong('--base is a part of --objective', 'give --objective, or leave --base out')
}

const hasValid = ({ categories, valid }: CostResult): boolean =>
  categories.some(({ id, server }) => id === valid && server !== undefined)

const isChosen = ({ target }: CostResult, { server, tls }: PlanOptions): boolean =>
  (server === undefined || target.name.toLowerCase().startsWith(server.toLowerCase())) &&
  (tls === undefined || target.version === `TLSv${tls}`)

function planFor(cost: CostResult, options: PlanOptions): PlannedServer {
  const { valid, cores, of, objective, base, headroom, crlBytes, caCurve, resumed } = options
  const scaling = scalingOf(options)
  const invalid = Object.fromEntries(options.invalid ?? [])
  const basis: PlanBasis = {
    cost: costsOf(cost),
    headroom,
    ...(objective === undefined
      ? {}
      : { slo: { p99Ms: objective, ...(base === undefined ? {} : { baseMs: base }) } }),
    ...(scaling === undefined ? {} : { scaling }),
  }
  const answer =
    cores === undefined
      ? planCores({ ...basis, valid: valid ?? 0, invalid })
      : planRate({ ...basis, cores, of, invalid, ...(valid === undefined ? {} : { valid }) })
  const advice = advise({
    cost,
    ...(answer.question === 'cores' ? { planned: { answer, basis } } : {}),
    ...(crlBytes === undefined ? {} : { crlBytes }),
    ...(caCurve === undefined ? {} : { caCurve }),
    ...(resumed === undefined ? {} : { resumedShare: resumed }),
  })
  return { server: nameOf(cost), answer, advice }
}

function scalingOf({ scaling }: PlanOptions): Usl | undefined {
  if (scaling === undefined) return undefined
  const law = fitUsl(scaling.map(([cores, throughput]) => ({ cores, throughput })))
  if (law === undefined)
    throw new HarnessError('ERR_USAGE', '--scaling needs at least three different numbers of cores, measured')
  return law
}
