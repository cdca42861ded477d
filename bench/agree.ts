/**
 * `node scripts/run.mjs bench/agree.ts [seconds of a run] [--processes]`: whether the cost measurement can be trusted on this
 * machine, which should do nothing else meanwhile. Three runs of `harness load cost` on nginx, HAProxy and Node, in containers,
 * then: A/A below 3 %, mixes within 10 % of the prediction, the order relations, and every pair of runs the same by
 * `harness compare`'s rule. Exit code 1: something was not shown. Results: `test-results/agree-<n>`.
 * @module
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../bin/node.mjs'
import { compareLoad } from '../load/compare/compare.ts'
import type { CostResult } from '../load/cost/types.ts'
import { nameOf } from '../load/results/compose.ts'
import type { LoadResults } from '../load/results/types.ts'

const runs = 3
const servers = ['nginx', 'haproxy', 'node'] as const
const kinds = 'none,expired,unknown-ca,unknown-ca-by-impostor-name,forged-chain,long-chain'

/** What one measurement must show: its words, and whether it does. */
type Shown = [what: string, shown: boolean]

const cost = (result: CostResult, id: string): number =>
  (id === 'control' ? result.control : result.categories.find((one) => one.id === id)?.server)?.estimate ??
  Number.NaN

const rising =
  (...ids: string[]) =>
  (result: CostResult): Shown => {
    const costs = ids.map((id) => cost(result, id))
    const shown = costs.every((one, at) => at === 0 || one > (costs[at - 1] ?? Number.NaN))
    return [ids.map((id, at) => `${id} ${costs[at]?.toFixed(0)}`).join(' < '), shown]
  }

const ofValid =
  (id: string, low: number, high = Number.POSITIVE_INFINITY) =>
  (result: CostResult): Shown => {
    const ratio = cost(result, id) / cost(result, 'valid')
    return [`${id} is ${ratio.toFixed(2)} of valid (${low} to ${high})`, ratio > low && ratio < high]
  }

/** Order relations (load-anchors 6.14), by the way a server refuses; ratios with the margins given there. */
const relations: Readonly<Record<(typeof servers)[number], readonly ((result: CostResult) => Shown)[]>> = {
  nginx: [
    rising('none', 'valid', 'long-chain'),
    ofValid('expired', 0.8, 1.15),
    ofValid('unknown-ca', 0.8, 1.15),
    ofValid('unknown-ca-by-impostor-name', 0.8, 1.15),
  ],
  haproxy: [rising('none', 'unknown-ca', 'valid', 'long-chain'), ofValid('forged-chain', 1.2)],
  node: [rising('none', 'valid', 'long-chain'), rising('control', 'valid')],
}

const percent = (share = Number.NaN): string => `${(100 * share).toFixed(1)} %`

function checksOf(result: CostResult): Shown[] {
  const { aa, mix, ended, method, validity } = result
  const own = servers.find((name) => result.target.name.startsWith(name))
  const valid = result.categories.find(({ id }) => id === 'valid')?.server
  const half = valid === undefined ? Number.NaN : (valid.high - valid.low) / 2 / valid.estimate
  return [
    [
      `A/A ${percent(aa?.difference.estimate)} (${percent(aa?.difference.low)} to ${percent(aa?.difference.high)})`,
      aa?.passed === true && aa.resolved,
    ],
    [
      `mix ${percent(mix?.difference.estimate)} (${percent(mix?.difference.low)} to ${percent(mix?.difference.high)})`,
      mix?.passed === true,
    ],
    ...(own === undefined ? [] : relations[own].map((relation) => relation(result))),
    // For people.
    [
      `${ended} after ${method.rounds} rounds, valid ${valid?.estimate.toFixed(0)} us ± ${percent(half)}, ${validity.voidBlocks} of ${validity.blocks} blocks void`,
      valid !== undefined,
    ],
  ]
}

let failed = 0
function tell(what: string, shown: boolean): void {
  if (!shown) failed += 1
  process.stdout.write(`  ${shown ? 'yes' : 'NO '}  ${what}\n`)
}

const args = process.argv.slice(2)
const seconds = Number(args.find((one) => /^\d+$/.test(one)) ?? 300)
const containers = args.includes('--processes') ? [] : ['--containers']
process.stdout.write(`at most ${((runs * seconds) / 60).toFixed(1)} min\n`)
const measured: CostResult[][] = []
for (let run = 1; run <= runs; run += 1) {
  const out = join(root, 'test-results', `agree-${run}`)
  const command = ['load', 'cost', '--lab', ...containers, '--servers', servers.join(), '--categories', kinds]
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'bin', 'harness.mjs'), ...command, '--max-time', `${seconds}s`, '--out', out],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  if (status !== 0) throw new Error(`run ${run} ended with ${status}`)
  const { costs } = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as LoadResults
  measured.push(costs)
  for (const result of costs) {
    process.stdout.write(`run ${run}, ${nameOf(result)}\n`)
    for (const [what, shown] of checksOf(result)) tell(what, shown)
  }
  if (costs.length < servers.length) tell(`${costs.length} of ${servers.length} servers were measured`, false)
}
for (const [at, base] of measured.entries())
  for (const [more, next] of measured.slice(at + 1).entries())
    for (const before of base) {
      const after = next.find((one) => nameOf(one) === nameOf(before))
      if (after === undefined) continue
      const { verdict, noiseFloor, found, categories } = compareLoad(before, after)
      const changed = categories.filter(({ change }) => change !== 'noise')
      const words = changed.map(({ id, change, reason }) => `${id}: ${change}, ${reason}`).join('; ')
      process.stdout.write(`runs ${at + 1} and ${at + more + 2}, ${nameOf(before)}\n`)
      tell(
        `${verdict}, noise floor ${percent(noiseFloor)}, dearer by ${percent(found)} would have been found${words === '' ? '' : `; ${words}`}`,
        changed.length === 0,
      )
    }
process.stdout.write(failed === 0 ? 'everything was shown\n' : `${failed} not shown\n`)
process.exitCode = failed === 0 ? 0 : 1
