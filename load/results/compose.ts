/**
 * Puts a results file together from what was measured.
 * @module
 */
import { availableParallelism, cpus, release, type as systemType } from 'node:os'
import { checkModel } from '../capacity/model.ts'
import { advise } from '../plan/advice.ts'
import { planCores, planRate } from '../plan/cores.ts'
import { costsOf } from '../plan/costs.ts'
import { exitCodeOf } from './outcome.ts'
import { type LoadMachine, type LoadResults, loadSchemaVersion, type PlanRow } from './types.ts'

/** The machine that this runs on. */
export const thisMachine = (): LoadMachine => ({
  cores: availableParallelism(),
  model: cpus()[0]?.model.trim() ?? 'unknown CPU',
  system: `${systemType()} ${release()}`,
  node: process.versions.node,
})

/** What a command has measured. */
export interface Measurements
  extends Pick<LoadResults, 'command' | 'started' | 'durationMs' | 'interrupted' | 'tool'>,
    Partial<Pick<LoadResults, 'costs' | 'capacities' | 'floods' | 'proofs' | 'skipped'>> {
  machine?: LoadMachine
}

/** The whole file: examples of the planner, advice and exit code are made from the measurements. */
export function composeLoad(made: Measurements): LoadResults {
  const { costs = [], capacities = [], floods = [], proofs = [], skipped = [] } = made
  const { tool, command, started, interrupted } = made
  return {
    schemaVersion: loadSchemaVersion,
    kind: 'load',
    tool,
    command,
    started,
    durationMs: made.durationMs,
    interrupted,
    exitCode: exitCodeOf({ interrupted, costs, capacities, floods, proofs }),
    machine: made.machine ?? thisMachine(),
    costs,
    capacities: capacities.map((run) => ({ ...modelOf(run, costs), ...run })),
    floods,
    proofs,
    skipped,
    plans: costs.flatMap(examples),
    advice: costs.flatMap((cost) => {
      const target = nameOf(cost)
      return measured(cost) ? advise({ cost }).map((one) => ({ ...one, target })) : []
    }),
  }
}

/** Name of a measured server in every table: `nginx 1.22.1, TLS 1.3`. */
export const nameOf = ({ target }: LoadResults['costs'][number]): string =>
  `${target.name}, ${target.version.replace(/^TLSv/, 'TLS ')}`

const measured = ({ categories, valid }: LoadResults['costs'][number]): boolean =>
  categories.some(({ id, server }) => id === valid && server !== undefined)

/** A thousand valid per second, alone and with as many of the dearest bad clients, and what one core can take. */
function examples(cost: LoadResults['costs'][number]): PlanRow[] {
  if (!measured(cost)) return []
  const costs = costsOf(cost)
  const target = nameOf(cost)
  const bad = cost.categories
    .filter(({ expect, server }) => expect === 'refused' && server !== undefined)
    .toSorted((a, b) => (b.server?.estimate ?? 0) - (a.server?.estimate ?? 0))[0]
  const valid = 1000
  return [
    { target, answer: planCores({ cost: costs, valid }) },
    ...(bad === undefined
      ? []
      : [{ target, answer: planCores({ cost: costs, valid, invalid: { [bad.id]: valid } }) }]),
    { target, answer: planRate({ cost: costs, cores: 1 }) },
    ...(bad === undefined ? [] : [{ target, answer: planRate({ cost: costs, cores: 1, of: bad.id }) }]),
  ]
}

function modelOf(
  { target, result }: LoadResults['capacities'][number],
  costs: LoadResults['costs'],
): Pick<LoadResults['capacities'][number], 'model'> {
  const cost = costs.find((one) => nameOf(one) === target)
  const valid = cost?.categories.find(({ id }) => id === cost.valid)?.server
  return valid === undefined ? {} : { model: checkModel(result.steps, [{ share: 1, cost: valid }]) }
}
