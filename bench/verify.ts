/**
 * Whole runs of the command.
 * @module
 */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Results } from '../reports/types.ts'
import { type Figure, median, spread, timed } from './stats.ts'

const bin = fileURLToPath(new URL('../bin/harness.mjs', import.meta.url))

/** Runs the command quietly; resolves with its exit code. */
export const harness = (args: readonly string[]): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { stdio: 'ignore' })
    child.once('error', reject)
    child.once('close', resolve)
  })

/** Time of a whole run, and checks per second. */
export async function benchVerify(dir: string): Promise<Figure[]> {
  const rows: Figure[] = []
  for (const profile of ['quick', 'default']) {
    const out = join(dir, profile)
    const taken = await timed(5, () => harness(['verify', '--lab', '--profile', profile, '--out', out]))
    const { summary, run } = JSON.parse(await readFile(join(out, 'results.json'), 'utf8')) as Results
    const executed = summary.planned - summary.notApplicable
    const rate = (executed / (median(taken) / 1000)).toFixed(0)
    rows.push({
      what: `profile ${profile}`,
      value: `${spread(taken)}, ${executed} checks, ${run.connections} connections, ${rate} checks/s`,
    })
  }
  return rows
}
