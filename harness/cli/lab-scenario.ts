/**
 * `harness lab scenario`: an operator's demonstration in a running lab.
 * @module
 */
import { join, resolve } from 'node:path'
import { nearest, suggestion } from '../deployment/suggest.ts'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import { scenarioContext } from '../lab/scenarios/context.ts'
import { type Scenario, scenarios } from '../lab/scenarios/scenarios.ts'
import { ScenarioError, type Step } from '../lab/scenarios/steps.ts'
import type { LabScenarioOptions } from './commands.ts'
import { onInterrupt } from './interrupt.ts'

/** How one ended. */
interface Outcome {
  name: string
  ok: boolean
  /** Those that came out as expected. */
  steps: Step[]
  /** Where it did not: a sentence. */
  failure?: string
}

/** Runs the named scenarios one after another; lists all without a name. Exit code 1: one of them failed. */
export async function labScenarioCommand(
  names: readonly string[],
  { lab, json }: LabScenarioOptions,
): Promise<ExitCode> {
  if (names.length === 0) {
    list(json === true)
    return exitCodes.ok
  }
  const chosen = names.includes('all') ? scenarios : names.map(byName)
  const say = (line: string): void => void (json === true || process.stdout.write(`${line}\n`))
  const interrupt = onInterrupt()
  interrupt.signal.addEventListener('abort', () =>
    process.stderr.write('interrupted: taking back what is set up; Ctrl-C again ends at once\n'),
  )
  const outcomes: Outcome[] = []
  try {
    for (const scenario of chosen) {
      // What has begun is finished: it takes back what it has set up.
      if (interrupt.signal.aborted)
        throw new HarnessError(
          'ERR_INTERRUPTED',
          `interrupted, ${outcomes.length} of ${chosen.length} have run`,
        )
      say(`${scenario.name}: ${scenario.title}`)
      const outcome = await runOne(scenario, join(resolve(lab), 'lab.json'), say)
      outcomes.push(outcome)
      say(outcome.failure === undefined ? '' : `  FAILED  ${outcome.failure}\n`)
    }
  } finally {
    interrupt.done()
  }
  if (json === true) process.stdout.write(`${JSON.stringify(outcomes, null, 2)}\n`)
  const failed = outcomes.filter(({ ok }) => !ok).length
  say(failed === 0 ? `${outcomes.length} as expected.` : `${failed} of ${outcomes.length} failed.`)
  return failed === 0 ? exitCodes.ok : exitCodes.findings
}

async function runOne(
  { name, run }: Scenario,
  labFile: string,
  say: (line: string) => void,
): Promise<Outcome> {
  const steps: Step[] = []
  const context = await scenarioContext(labFile, (step) => {
    steps.push(step)
    say(`  ok  ${step.sentence}: ${step.seen === '' ? 'nothing' : step.seen}`)
  })
  try {
    await run(context)
    return { name, ok: true, steps }
  } catch (error) {
    if (hasCode(error, 'ECONNREFUSED'))
      throw new HarnessError('ERR_UNREACHABLE', 'the lab does not answer', {
        hint: 'it was killed? Remove its folder and start it again',
        cause: error,
      })
    const failure = error instanceof Error ? error.message : String(error)
    return {
      name,
      ok: false,
      steps,
      failure: error instanceof ScenarioError ? failure : `it could not go on: ${failure}`,
    }
  }
}

function list(json: boolean): void {
  if (json) {
    const all = scenarios.map(({ name, title }) => ({ name, title }))
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
    return
  }
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  for (const { name, title } of scenarios) process.stdout.write(`${name.padEnd(width)}  ${title}\n`)
  process.stdout.write('\nharness lab scenario <name…> runs them, all of them with: all\n')
}

function byName(wanted: string): Scenario {
  const found = scenarios.find(({ name }) => name === wanted)
  if (found !== undefined) return found
  const near = nearest(
    wanted,
    scenarios.map(({ name }) => name),
  )
  throw new HarnessError('ERR_USAGE', `there is no scenario “${wanted}”`, {
    hint: suggestion(near, 'harness lab scenario lists them'),
  })
}

/** The code is somewhere in the chain of causes. */
function hasCode(error: unknown, code: string): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ((at as NodeJS.ErrnoException).code === code) return true
  return false
}
