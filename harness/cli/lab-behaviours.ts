/**
 * `harness lab behaviours`: what the mock edge does, and what each behaviour rests on.
 * @module
 */
import { type ExitCode, exitCodes } from '../errors.ts'
import { behaviours, type Standing } from '../lab/behaviours.ts'
import type { JsonOption } from './commands.ts'

const standings: readonly Standing[] = ['official', 'third-party', 'our choice']

/** Lists the behaviours, by what they rest on. */
export async function labBehavioursCommand({ json }: JsonOption): Promise<ExitCode> {
  if (json === true) {
    process.stdout.write(`${JSON.stringify(behaviours, null, 2)}\n`)
    return exitCodes.ok
  }
  for (const standing of standings) {
    const own = behaviours.filter((behaviour) => behaviour.standing === standing)
    process.stdout.write(`${standing} (${own.length})\n`)
    for (const { what, source, point } of own) {
      process.stdout.write(`  ${what}${point === undefined ? '' : ` [point ${point}]`}\n      ${source}\n`)
    }
    process.stdout.write('\n')
  }
  return exitCodes.ok
}
