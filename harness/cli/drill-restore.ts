/**
 * `harness drill restore`: back to the state that a drill has written down before its first change, after it was killed.
 * @module
 */
import type { RemainingStep } from '../../reports/drill/types.ts'
import { type DrillExport, readExport } from '../drill/export.ts'
import { orderNamed } from '../drill/orders.ts'
import type { OriginTerms } from '../drill/origin-control.ts'
import { planRepairs, type TouchedState } from '../drill/repairs.ts'
import { restore } from '../drill/restore.ts'
import type { DrillOptions as RunOptions } from '../drill/run.ts'
import type { DrillTerms } from '../drill/types.ts'
import { createWorld, type World } from '../drill/world.ts'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import type { DrillRestoreOptions } from './commands.ts'
import { realDrill } from './drill-real.ts'
import { remainingText } from './drill-text.ts'
import { onInterrupt } from './interrupt.ts'

/**
 * Restores it. Exit code 1: something is left to be done, and printed.
 * @param terms for tests.
 * @throws HarnessError ERR_USAGE for an export of something else, and where the key of its certificate is not given.
 */
export async function drillRestoreCommand(
  file: string,
  options: DrillRestoreOptions,
  terms: Partial<DrillTerms> = {},
): Promise<ExitCode> {
  const exported = await readExport(file)
  const say = (line: string): void => void (options.json === true || process.stdout.write(`${line}\n`))
  const { before, run, world } = await prepare(exported, options, terms)
  const sentences = (steps: readonly RemainingStep[]): string[] => steps.map(({ sentence }) => sentence)
  const plan = planRepairs(before, await world.read()).map((repair) => world.command(repair))
  say(`${exported.hostname}: back to the state of ${exported.at}, before the drill “${exported.order}”`)
  for (const sentence of sentences(plan)) say(`  to do  ${sentence}`)
  if (plan.length === 0) say('  nothing differs')
  const interrupt = onInterrupt((code) => {
    process.stderr.write(remainingText(planRepairs(before, world.assumed()).map((one) => world.command(one))))
    process.exit(code)
  })
  interrupt.signal.addEventListener('abort', () =>
    process.stderr.write('restoring goes on; Ctrl-C again ends at once\n'),
  )
  const done: RemainingStep[] = []
  try {
    const result = await restore(world, before, run.terms, (repair) => {
      const step = world.command(repair)
      done.push(step)
      say(`  done   ${step.sentence}`)
    })
    if (options.json === true)
      process.stdout.write(
        `${JSON.stringify({ hostname: exported.hostname, done: sentences(done), restored: result.done, remaining: result.remaining }, null, 2)}\n`,
      )
    if (result.done) {
      say(
        `restored: the state is the one before the drill. ${file} is not needed any more: move it away before the next drill.`,
      )
      return exitCodes.ok
    }
    process.stderr.write(`${result.failure ?? 'not restored'}\n${remainingText(result.remaining)}`)
    return exitCodes.findings
  } finally {
    interrupt.done()
  }
}

async function prepare(
  exported: DrillExport,
  options: DrillRestoreOptions,
  terms: Partial<DrillTerms>,
): Promise<{ before: TouchedState; run: RunOptions; world: World }> {
  const { hostname, zone, certificates, state, lab, kind } = exported
  const refuse = (message: string, hint: string): HarnessError =>
    new HarnessError('ERR_USAGE', `it cannot be restored: ${message}`, { hint })
  const order = orderNamed(exported.order)
  if (lab || kind !== 'pulls' || order === undefined)
    throw refuse(
      lab ? 'the drill took place in a lab, which is gone with it' : 'the drill is none of a real zone',
      'name the export of a drill with -d',
    )
  const run = await realDrill({ ...options, originBefore: state.origin?.mode }, order, terms)
  if (run.hostname !== hostname)
    throw refuse(`the export is of ${hostname}, the deployment file of ${run.hostname}`, 'name the right one')
  if (run.controlPlane.zone.zone_id !== zone)
    throw refuse(
      `the export is of the zone ${zone}, the deployment file of ${run.controlPlane.zone.zone_id}`,
      'name the right one',
    )
  const { first } = run.identities
  if (first === undefined || certificates.first !== first.fingerprint256)
    throw refuse(
      'origin.identity of the deployment file is another certificate than the drill’s',
      `give the one with the SHA-256 fingerprint ${certificates.first ?? '(none)'}, and its key`,
    )
  // How the origin is now nobody knows: taken to be what has to be put back in any case, and by the stricter way.
  const unknown: OriginTerms['mode'] = state.origin?.mode === 'required' ? 'optional' : 'required'
  const world = createWorld({ ...run, kind, originAtStart: { mode: unknown, trust: '' } })
  return { before: state, run, world }
}
