/**
 * Before anything is measured: what becomes of each category, and does its certificate leave at all.
 * @module
 */
import { certificatesIn } from '../../harness/pki/pem.ts'
import type { Generator } from '../engine/generator.ts'
import { type Lane, type LaneResult, type Outcome, outcomes, verdictOf } from '../engine/types.ts'
import type { CostCategory, CostProblem, CostTarget, Preflight } from './types.ts'

/** Attempts per category, one after the other. */
const attempts = 5

/** What preflight gives. */
export interface PreflightResult {
  seen: Map<string, Preflight>
  problems: CostProblem[]
}

/** The lane of a category. */
export const laneOf = (target: CostTarget, { id, identity }: CostCategory): Lane => ({
  id,
  host: target.host,
  port: target.port,
  servername: target.servername,
  version: target.version,
  ...(target.path === undefined ? {} : { path: target.path }),
  ...(target.marker === undefined ? {} : { marker: target.marker }),
  ...(target.statuses === undefined ? {} : { statuses: target.statuses }),
  ...(target.groups === undefined ? {} : { groups: target.groups }),
  ...(identity === undefined ? {} : { identity: { cert: identity.cert, key: identity.key } }),
})

/** The same client where the server does not ask for a certificate. */
export const controlLaneOf = (target: CostTarget, category: CostCategory): Lane => ({
  ...laneOf(target, category),
  port: target.controlPort,
  servername: target.controlServername ?? target.servername,
})

const none: CostCategory = { id: 'none', expect: 'refused' }

async function look(
  generator: Generator,
  lane: Lane,
  signal: AbortSignal | undefined,
  count = attempts,
): Promise<LaneResult> {
  const { lanes } = await generator.block({ lanes: [lane], attempts: [count], concurrency: 1 }, signal)
  return lanes[0] ?? { id: lane.id, outcomes: {}, alerts: {}, latency: '', meanBytesWritten: 0 }
}

/** Why nothing can be said of valid clients: they are not let in, or their certificate is not asked for. Undefined: they are. */
export async function checkValid(
  target: CostTarget,
  valid: CostCategory,
  generator: Generator,
  signal?: AbortSignal,
): Promise<CostProblem | undefined> {
  const bare = await look(generator, laneOf(target, none), signal, 1)
  const result = await look(generator, laneOf(target, valid), signal)
  return judge(valid, learn(valid, result, bare.meanBytesWritten), result, true)
}

/** Makes a few attempts of each category and of the control lane. */
export async function preflight(
  target: CostTarget,
  categories: readonly CostCategory[],
  valid: string,
  generator: Generator,
  signal?: AbortSignal,
): Promise<PreflightResult> {
  const seen = new Map<string, Preflight>()
  const problems: CostProblem[] = []
  const bare = await look(generator, laneOf(target, none), signal, 1)
  for (const category of categories) {
    const result = await look(generator, laneOf(target, category), signal)
    const known = learn(category, result, bare.meanBytesWritten)
    seen.set(category.id, known)
    const problem = judge(category, known, result, category.id === valid)
    if (problem !== undefined) problems.push(problem)
  }
  const reference = categories.find(({ id }) => id === valid)
  const control = await lookAtControl(target, reference, generator, signal)
  if (control !== undefined) problems.push(control)
  return { seen, problems }
}

/** Why the control lane is none: it is closed, or it asks for a certificate as well. */
async function lookAtControl(
  target: CostTarget,
  reference: CostCategory | undefined,
  generator: Generator,
  signal: AbortSignal | undefined,
): Promise<CostProblem | undefined> {
  const { controlPort, controlServername: name } = target
  const lane = controlLaneOf(target, { ...none, id: 'control', expect: 'allowed' })
  const { identity } = reference ?? none
  const result = await look(generator, { ...lane, ...(identity === undefined ? {} : { identity }) }, signal)
  const where = `the control lane (port ${controlPort}${name === undefined ? '' : `, ${name}`})`
  const problem = (what: CostProblem['what'], message: string): CostProblem => ({
    id: 'control',
    what,
    message: `${where} ${message}`,
    fatal: true,
  })
  if (mainOutcome(result) !== 'allowed')
    return problem('control-refused', `did not answer with the application: ${tell(result)}`)
  if (identity === undefined) return undefined
  // The client has a certificate and would send it where it is asked for one.
  const bare = await look(generator, lane, signal, 1)
  if (result.meanBytesWritten < bare.meanBytesWritten + derBytes(identity.cert)) return undefined
  return problem('control-asks', 'asks for a certificate: nothing can be measured against it')
}

/** Length of the certificates of a PEM text as they are sent. */
const derBytes = (pem: string): number => certificatesIn(pem).reduce((sum, { length }) => sum + length, 0)

function learn({ id, identity }: CostCategory, result: LaneResult, bareBytes: number): Preflight {
  const outcome = mainOutcome(result)
  const [alert] = Object.keys(result.alerts)
  return {
    id,
    outcome,
    ...(outcome === 'alert' && alert !== undefined ? { alert: Number(alert) } : {}),
    // Whatever else differs between the two, an attempt that got further only wrote more.
    ...(identity === undefined
      ? {}
      : { sent: result.meanBytesWritten >= bareBytes + derBytes(identity.cert) }),
  }
}

/** The outcome of the attempts; an alert counts although some were lost to a reset. */
function mainOutcome({ outcomes: counts }: LaneResult): Outcome {
  if (Object.keys(counts).length === 0) return 'timeout'
  if ((counts.alert ?? 0) > 0 && unexpectedIn(counts, 'alert') === 0) return 'alert'
  const found = outcomes.toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0))
  return found[0] ?? 'timeout'
}

function judge(
  { id, expect, identity }: CostCategory,
  { outcome, sent }: Preflight,
  result: LaneResult,
  isReference: boolean,
): CostProblem | undefined {
  const problem = (what: CostProblem['what'], message: string, fatal: boolean): CostProblem => ({
    id,
    what,
    message,
    fatal,
  })
  const verdict = verdictOf(outcome)
  if (unexpectedIn(result.outcomes, outcome) > 0 || verdict === 'failed') {
    return problem('no-verdict', `${id} has no clear verdict: ${tell(result)}`, isReference)
  }
  if (expect === 'refused' && verdict === 'allowed') {
    return problem('invalid-accepted', `${id} was let in: a finding about the server, not a cost`, true)
  }
  if (expect === 'allowed' && verdict === 'refused') {
    return isReference
      ? problem('valid-refused', `${id} was refused: ${tell(result)}`, true)
      : problem(
          'refused',
          `${id} was refused (${tell(result)}): a limit of the server, such as its verify depth`,
          false,
        )
  }
  if (identity !== undefined && sent === false) {
    return problem(
      'not-sent',
      `the certificate of ${id} did not leave the client: does the server ask for one?`,
      isReference,
    )
  }
  return undefined
}

/** Attempts that did not end as expected. A reset may swallow an alert (load-anchors 1.4), so a close counts as one. */
export function unexpectedIn(counts: Partial<Record<Outcome, number>>, expected: Outcome): number {
  return Object.entries(counts).reduce(
    (sum, [outcome, count]) =>
      outcome === expected || (expected === 'alert' && outcome === 'close') ? sum : sum + count,
    0,
  )
}

const tell = ({ outcomes: counts, problem }: LaneResult): string => {
  const parts = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`)
  return `${parts.join(', ') || 'no attempt ended'}${problem === undefined ? '' : ` (${problem})`}`
}
