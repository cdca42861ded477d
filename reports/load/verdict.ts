/**
 * What a load run says in its first lines: pure functions of the results.
 * @module
 */
import { plural } from '../text.ts'
import { type LoadCost, type LoadReport, notMeasurable } from './types.ts'
import { costName, endWord, floodRate, kneeSentence, percent, showsFlood } from './words.ts'

/** The answer, its class, and its sentence. */
export interface LoadVerdict {
  word: string
  tone: 'good' | 'bad' | 'warn' | 'unsure'
  sentence: string
}

/** One thing to act on. */
export interface LoadFinding {
  title: string
  text: string
  fix: string
}

const measuredIn = ({ categories }: LoadCost): number =>
  categories.filter(({ server }) => server !== undefined).length

/** What has to be mended, before any figure. */
export function loadFindings({
  costs,
  floods,
  proofs,
}: Pick<LoadReport, 'costs' | 'floods' | 'proofs'>): LoadFinding[] {
  const fix =
    'This is no question of load: harness verify says where such certificates get in and how to close it.'
  return [
    ...costs.flatMap((cost) =>
      cost.problems.flatMap(({ what, message, id }) =>
        what === 'invalid-accepted'
          ? [{ title: `${costName(cost)} lets "${id}" in`, text: message, fix }]
          : [],
      ),
    ),
    ...[...floods, ...proofs].flatMap(({ target, preflight }) =>
      preflight.profiles.flatMap(({ finding, profile }) =>
        finding === undefined
          ? []
          : [{ title: `${target}: "${profile}" ended otherwise than it must`, text: finding, fix }],
      ),
    ),
  ]
}

/** Why figures have to be read with care. Empty: no reason is known. */
export function reservations(
  report: Pick<LoadReport, 'costs' | 'capacities' | 'floods' | 'proofs' | 'skipped'>,
): string[] {
  const { costs, capacities, floods, proofs, skipped } = report
  return [
    ...costs.flatMap((cost) => costReservations(cost).map((text) => `${costName(cost)}: ${text}`)),
    ...capacities.flatMap(({ target, result: { ended, doubt } }) => [
      ...(ended === 'found' || ended === 'rate-limit' ? [] : [`${target}, capacity: ${endWord(ended)}`]),
      ...(doubt === undefined ? [] : [`${target}, capacity: ${doubt}`]),
    ]),
    ...floods.flatMap(({ target, stoppedBy, generator, lanes, steps, brokenAt, preflight, profiles }) => [
      ...preflight.profiles.flatMap(({ profile, void: reasons }) =>
        profile === 'valid' || profiles.includes(profile)
          ? []
          : [`${target}: "${profile}" was not part of the flood: ${reasons.join('; ')}`],
      ),
      ...(stoppedBy === undefined || stoppedBy.startsWith('the objective broke')
        ? []
        : [`${target}: stopped: ${stoppedBy}`]),
      ...(brokenAt === 0
        ? [`${target}: without a flood the promise is broken already: what the flood does is not known`]
        : []),
      ...(generator.limited === true
        ? [`${target}: the generator was at its limit: ${generator.reasons.join('; ')}`]
        : []),
      ...lanes.flatMap(({ id, void: reasons }) =>
        reasons.map((reason) => `${target}, ${id}: void: ${reason}`),
      ),
      ...steps.flatMap(({ holds, why, ...step }) =>
        holds === notMeasurable ? [`${target} at ${floodRate(step)}: ${why}`] : [],
      ),
    ]),
    ...proofs.flatMap(({ target, preflight }) => [
      ...preflight.profiles.flatMap(({ profile, void: reasons }) =>
        reasons.map((reason) => `${target}, ${profile}: not shown: ${reason}`),
      ),
      ...(preflight.counted === undefined ? [`${target}: the server was not asked what it saw`] : []),
    ]),
    ...skipped.map(({ name, reason }) => `${name} was not measured: ${reason}`),
  ]
}

function costReservations(cost: LoadCost): string[] {
  const { ended, aa, mix, problems, validity, categories, controlNotMeasured } = cost
  const share = validity.blocks === 0 ? 0 : validity.voidBlocks / validity.blocks
  return [
    // Why, before that: the first is what the page says on top.
    ...problems.flatMap(({ what, message }) => (what === 'invalid-accepted' ? [] : [message])),
    ...(ended === 'converged' ? [] : [`costs: ${endWord(ended)}`]),
    ...(controlNotMeasured === undefined
      ? []
      : [`no mTLS was not measured (${controlNotMeasured}): what verification costs is not known`]),
    ...(aa !== undefined && !aa.passed
      ? [`two equal lanes differ by ${percent(aa.difference.estimate)} (limit ${percent(aa.limit)})`]
      : []),
    ...(aa?.passed === true && !aa.resolved
      ? ['the A/A interval is too wide to tell differences of that size apart']
      : []),
    ...(mix !== undefined && !mix.passed
      ? [`mixed traffic costs ${percent(mix.difference.estimate)} more than predicted`]
      : []),
    ...(share > 0.05 ? [`${percent(share)} of the blocks are void`] : []),
    ...((validity.machine.stealShare ?? 0) > 0.02
      ? [`${percent(validity.machine.stealShare ?? 0)} of the CPU time was given to other machines`]
      : []),
    ...((validity.machine.throttledPeriods ?? 0) > 0 ? ['the server was throttled by a CPU limit'] : []),
    ...categories.flatMap(({ id, notMeasured }) =>
      notMeasured === undefined || ended === 'refused' || problems.some((one) => one.id === id)
        ? []
        : [`${id}: ${notMeasured}`],
    ),
  ]
}

/** The box at the top. */
export function loadVerdict(report: LoadReport): LoadVerdict {
  const findings = loadFindings(report)
  const doubts = reservations(report)
  if (findings.length > 0)
    return {
      word: 'A finding before any load',
      tone: 'bad',
      sentence: findings.map(({ title }) => title).join('; '),
    }
  const what = summary(report)
  if (report.interrupted)
    return {
      word: 'Interrupted',
      tone: 'unsure',
      sentence: what === '' ? 'Nothing was measured by then.' : `By then: ${what}.`,
    }
  const [search] = report.capacities
  if (report.exitCode === 3 && search !== undefined)
    return { word: 'Capacity not known', tone: 'unsure', sentence: `${kneeSentence(search)}.` }
  if (report.exitCode === 3 && report.proofs.length > 0)
    return {
      word: 'Not shown',
      tone: 'unsure',
      sentence: `not every certificate was sent and seen: ${doubts[0] ?? 'no reason is known'}.`,
    }
  if (report.exitCode === 3 || what === '')
    return { word: 'Nothing measured', tone: 'unsure', sentence: doubts[0] ?? 'No reason is known.' }
  if (report.proofs.length > 0 && doubts.length === 0)
    return { word: 'Shown', tone: 'good', sentence: `${what}.` }
  if (doubts.length > 0)
    return {
      word: 'Measured, with reservations',
      tone: 'warn',
      sentence: `${what}. Read ${plural(doubts.length, 'reservation')} below first.`,
    }
  return { word: 'Measured', tone: 'good', sentence: `${what}.` }
}

function summary({ costs, capacities, floods, proofs }: LoadReport): string {
  const counted = costs.reduce((sum, cost) => sum + measuredIn(cost), 0)
  const servers = costs.filter((cost) => measuredIn(cost) > 0).length
  const known = capacities.filter(
    ({ result: { knee, doubt } }) =>
      knee.holds !== undefined || (knee.breaks !== undefined && doubt === undefined),
  )
  return [
    ...(counted === 0
      ? []
      : [`${plural(counted, 'cost')} of ${plural(servers, 'server and version', 'servers and versions')}`]),
    ...(proofs.length === 0
      ? []
      : [
          `every certificate was sent to ${plural(proofs.length, 'server and version', 'servers and versions')}${proofs.every(({ preflight }) => preflight.counted !== undefined) ? ', and seen there' : ''}`,
        ]),
    ...(known.length === 0 ? [] : [plural(known.length, 'capacity', 'capacities')]),
    ...floods.flatMap((flood) => {
      const said = floodSentence(flood)
      if (said === undefined) return []
      // One flood is named in the heading.
      return [floods.length === 1 ? said : `${flood.target.replace(/ \(https:.*$/, '')}: ${said}`]
    }),
  ].join(', ')
}

/** What a flood shows; undefined: nothing. */
function floodSentence({
  steps,
  heldAt,
  brokenAt,
  profiles,
}: LoadReport['floods'][number]): string | undefined {
  if (!steps.some(showsFlood)) return undefined
  if (brokenAt === 0) return 'valid users did not get what they are promised even without a flood'
  const kinds = profiles.join(', ')
  if (brokenAt === undefined)
    return `valid users kept what they were promised up to ${heldAt ?? 0} invalid attempts per second (${kinds})`
  const wanted = steps.find(({ holds }) => holds === false)?.rate ?? brokenAt
  const short = wanted === brokenAt ? '' : `, of ${wanted} that were wanted,`
  const kept =
    heldAt === undefined ? '' : ` and kept it ${heldAt === 0 ? 'without a flood only' : `at ${heldAt}`}`
  return `valid users lost what they were promised at ${brokenAt} invalid attempts per second${short} (${kinds})${kept}`
}
