/**
 * What a cost measurement does in every round.
 * @module
 */
import { HarnessError } from '../../harness/errors.ts'
import { controlLaneOf, laneOf } from './preflight.ts'
import type { Work } from './rounds.ts'
import type { CostCategory, CostOptions, Preflight } from './types.ts'

const reserved = new Set(['control', 'again', 'mix'])

/** @throws HarnessError ERR_USAGE for options that contradict each other. */
export function checkOptions(
  categories: readonly CostCategory[],
  valid: string,
  mix: CostOptions['mix'],
  attempts: number | undefined,
): void {
  const ids = categories.map(({ id }) => id)
  const wrong = (message: string): never => {
    throw new HarnessError('ERR_USAGE', message)
  }
  if (new Set(ids).size !== ids.length) wrong('two categories have the same name')
  const taken = ids.find((id) => reserved.has(id))
  if (taken !== undefined) wrong(`a category cannot be called "${taken}"`)
  if (categories.find(({ id }) => id === valid)?.expect !== 'allowed')
    wrong(`there is no valid category "${valid}"`)
  if (attempts !== undefined && !(Number.isInteger(attempts) && attempts >= 1))
    wrong('a block needs at least one attempt')
  if (mix === undefined) return
  const stranger = Object.keys(mix).find((id) => !ids.includes(id))
  if (stranger !== undefined) wrong(`the mix names "${stranger}", which is not measured`)
  const shares = Object.values(mix)
  const total = shares.reduce((sum, share) => sum + share, 0)
  if (shares.some((share) => !(share > 0)) || Math.abs(total - 1) > 1e-6)
    wrong('the shares of the mix must add up to 1')
}

/**
 * Attempts of the mix by category: half valid, the rest evenly of what is refused; of a given mix what is left of it.
 * What rounds to no attempt is not in it.
 */
export function mixCounts(
  left: readonly CostCategory[],
  valid: string,
  given: CostOptions['mix'],
  attempts: number,
): Record<string, number> {
  const there = left.map(({ id }) => id)
  const refused = left.filter(({ expect }) => expect === 'refused').map(({ id }) => id)
  const wanted = given ?? {
    [valid]: 0.5,
    ...Object.fromEntries(refused.map((id) => [id, 0.5 / refused.length])),
  }
  const kept = Object.entries(wanted).filter(([id]) => there.includes(id))
  const total = kept.reduce((sum, [, share]) => sum + share, 0)
  const counts = kept.map(([id, share]) => [id, Math.round((share / total) * attempts)] as const)
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

/**
 * Attempts per block. Small blocks in many rounds: other tenants of the machine come and go in seconds, so two blocks of one
 * round see the same and two of different rounds do not (measured: at equal work, blocks of 10 gave half the A/A interval of
 * blocks of 100). But a block must be long for its CPU counter: 200 times its resolution, at 500 us per attempt.
 */
export const attemptsFor = (resolutionUsec: number): number =>
  Math.max(25, Math.ceil((200 * resolutionUsec) / 500))

/** The shares that counts stand for. */
export function sharesOf(counts: Readonly<Record<string, number>>): Record<string, number> {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return Object.fromEntries(Object.entries(counts).map(([id, count]) => [id, count / total]))
}

/** The blocks of every round. */
export function worksOf(
  { target }: CostOptions,
  left: readonly CostCategory[],
  valid: string,
  mix: Readonly<Record<string, number>>,
  seen: Map<string, Preflight>,
  attempts: number,
): Work[] {
  const expected = (id: string): Preflight['outcome'] => seen.get(id)?.outcome ?? 'allowed'
  const alone = (id: string, category: CostCategory): Work => ({
    id,
    // Everything is compared with the valid ones, and the A/A check has the narrowest limit: they get the most work.
    ...(category.id === valid ? { blocks: 4 } : {}),
    parts: [{ lane: laneOf(target, category), attempts, expected: expected(category.id) }],
  })
  const reference = left.find(({ id }) => id === valid)
  if (reference === undefined) return []
  const mixed = left.flatMap((category) => {
    const count = mix[category.id] ?? 0
    return count === 0
      ? []
      : [{ lane: laneOf(target, category), attempts: count, expected: expected(category.id) }]
  })
  return [
    { id: 'control', parts: [{ lane: controlLaneOf(target, reference), attempts, expected: 'allowed' }] },
    alone('again', reference),
    ...left.map((category) => alone(category.id, category)),
    // A mix of one category would be the A/A check once more.
    ...(mixed.length > 1 ? [{ id: 'mix', parts: mixed }] : []),
  ]
}
