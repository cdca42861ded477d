import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { drillConnections, mostUnpredicted, rollbackDrill } from '../../fixtures/rollback.ts'
import type { DrillResult } from '../../reports/drill/types.ts'
import { changeInOrder } from './remedy.ts'

const base = {
  kind: 'must',
  profile: 'staging',
  needs: ['control-plane', 'control-plane.drill'],
  connections: drillConnections,
  minutes: 30,
  remediation: changeInOrder,
} as const satisfies Partial<CheckMeta>

const drilled =
  'Once for all checks of this suite, on the hostname of drill in the deployment file: Authenticated Origin Pulls are switched on in the documented order and back off, by false and by null, with steady requests through the edge, directly at the origin with the edge’s certificate, and directly without one. '

const grounds = [
  'Cloudflare Authenticated Origin Pulls, per hostname: set-up and rollback',
  'catalogue ORI-12',
] as const

/** The first step that did not go as predicted. */
const stoppedAt = ({ steps }: DrillResult): string | undefined => {
  const step = steps.find(({ problem }) => problem !== null)
  return step === undefined ? undefined : `${step.id}: ${step.problem}`
}

const interrupted = (run: CheckContext, { outcome, problems }: DrillResult): void => {
  if (run.recorder.count >= drillConnections || problems.includes('interrupted'))
    run.inconclusive(
      problems.join('; '),
      `it had made all of its ${drillConnections} connections: ${outcome}`,
    )
}

check(
  'rollback.as-predicted',
  {
    ...base,
    severity: 'high',
    title: 'origin pulls go on and off again step by step, as documented',
    grounds,
    killedBy: [
      'edge.pulls-deletes-in-use',
      'edge.pulls-tombstone-unreadable',
      'edge.pulls-null-as-false',
      'edge.pulls-keeps-connections',
      'edge.pulls-false-fails',
      'origin.required-not-taken',
    ],
    why: 'A rollback that nobody has tried is a hope. What is documented of false and null, of the order, of what may be deleted when, is put together from several pages; this is what holds on your zone.',
    sends: `${drilled}After each step it is waited until all of them show what it is to bring about.`,
    expects:
      'Every step is accepted (or refused with 1433, where the certificate is still in use) and shows: optional changes nothing for visitors, enabled has the edge present the certificate, required shuts out who comes without one.',
  },
  async (run) => {
    const result = await rollbackDrill(run)
    interrupted(run, result)
    const problem = stoppedAt(result)
    run.expect(problem === undefined, `${result.steps.length} steps as predicted`, problem ?? '')
  },
)

interface Side {
  id: string
  meta: Pick<CheckMeta, 'title' | 'severity' | 'killedBy' | 'why' | 'expects'>
  /** What is wrong in a lane, and what was to be seen there. */
  of: 'wrongAllows' | 'wrongDenies'
  wanted: 'allowed' | 'refused'
}

const sides: readonly Side[] = [
  {
    id: 'rollback.nobody-locked-out',
    meta: {
      severity: 'high',
      title: 'nobody is locked out while origin pulls are switched on and off',
      killedBy: ['edge.pulls-false-fails'],
      why: 'Between a certificate that is not presented yet and an origin that insists on it already there is an outage. The documented order has none; a change that takes effect later than the next one makes one.',
      expects:
        'Every request through the edge, and with the edge’s certificate, is answered by the application throughout. One or two that are not are undecided: that can be an accident of the network.',
    },
    of: 'wrongDenies',
    wanted: 'allowed',
  },
  {
    id: 'rollback.nobody-let-in',
    meta: {
      severity: 'critical',
      title: 'once the origin requires a certificate nobody gets in without one',
      killedBy: ['origin.required-not-taken'],
      why: 'A configuration that was written but not loaded, or loaded by one server of three, looks like the right one from the edge: visitors bring the certificate anyway.',
      expects:
        'From the step on that has the origin require one, every direct request without one is refused.',
    },
    of: 'wrongAllows',
    wanted: 'refused',
  },
]

for (const { id, meta, of, wanted } of sides)
  check(id, { ...base, grounds, ...meta, sends: drilled.trim() }, async (run) => {
    const result = await rollbackDrill(run)
    interrupted(run, result)
    const wrong = result.lanes.flatMap(({ label, [of]: { count, first } }) =>
      count === 0
        ? []
        : [`${label}: ${count} times, first at ${first?.step ?? '?'} (${first?.answer ?? '?'})`],
    )
    // A step that never showed: whoever it was about is still where they were.
    const last = result.steps.find(({ problem }) => problem !== null)
    const stuck = Object.entries(last?.expect ?? {}).flatMap(([lane, expected]) => {
      const seen = last?.seen[lane]
      return expected === wanted && seen !== undefined && seen !== wanted
        ? [`${last?.id}: ${lane} ${seen}`]
        : []
    })
    const all = [...wrong, ...stuck]
    const times = result.lanes.reduce((sum, { [of]: { count } }) => sum + count, 0)
    if (of === 'wrongDenies' && stuck.length === 0 && times > 0 && times <= mostUnpredicted)
      run.inconclusive(all.join('; '), 'so few can be an accident of the network: run it again')
    const requests = result.lanes.reduce((sum, lane) => sum + lane.requests, 0)
    run.expect(all.length === 0, `${requests} requests in ${result.steps.length} steps`, all.join('; '))
    const problem = stoppedAt(result)
    if (problem !== undefined)
      run.blocked(problem, 'the drill did not come to its end: see rollback.as-predicted')
  })

check(
  'rollback.state-restored',
  {
    ...base,
    severity: 'high',
    title: 'after the rollback everything is as it was before',
    grounds,
    killedBy: ['edge.pulls-null-as-false', 'edge.pulls-deletes-in-use'],
    why: 'An association that stays, switched off, or names a certificate that is gone, keeps the certificate in use and wins over the level of the zone: the next one who switches that on finds a hostname that presents nothing.',
    sends: drilled.trim(),
    expects:
      'What the drill touches, read back from the API: no association, no certificate but those of before (a tombstone of a deleted one does not count). Also where the drill had to stop and went back by itself.',
  },
  async (run) => {
    const { state, outcome, remaining } = await rollbackDrill(run)
    const left = [...state.changes, ...remaining.map(({ sentence }) => sentence)]
    run.expect(state.same && outcome !== 'not-restored', state.compared, `left over: ${left.join('; ')}`)
  },
)
