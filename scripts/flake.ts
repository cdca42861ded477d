/**
 * `node scripts/run.mjs scripts/flake.ts [--runs 20] [--load 2] [--profile default] [--identical]`: does a busy machine change a
 * verdict? Verifies the healthy lab again and again while children of our own keep the processors busy. The only verdicts that may
 * differ from a pass are undecided ones; how many there were is printed. Exit code 1 where one was wrong, or where a check ended
 * otherwise in one run than in another; with `--identical` (and `--load 0 --runs 3`, say) where it was undecided in one of them.
 * @module
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { differences, judgeRun, type RunJudgement, renderFlakes } from './flake/judge.ts'
import { startLoad } from './flake/load.ts'
import { verifyLab } from './flake/verify-lab.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    load: { type: 'string', default: String(availableParallelism()) },
    profile: { type: 'string', default: 'default' },
    identical: { type: 'boolean', default: false },
  },
})

async function main(): Promise<number> {
  const [runs, busy] = [Number(values.runs), Number(values.load)]
  if (!Number.isInteger(runs) || !Number.isInteger(busy) || runs < 1 || busy < 0 || busy > 64) {
    process.stderr.write('flake: --runs takes a number from 1, --load one from 0 to 64\n')
    return 2
  }
  const dir = await mkdtemp(join(tmpdir(), 'harness-flake-'))
  const load = startLoad(busy)
  const judged: RunJudgement[] = []
  try {
    for (let run = 0; run < runs; run += 1) {
      const out = join(dir, `run-${run}`)
      await verifyLab(out, values.profile)
      const one = judgeRun(JSON.parse(await readFile(join(out, 'results.json'), 'utf8')))
      judged.push(one)
      process.stdout.write(
        `run ${run + 1}: ${one.executed} executed, ${one.undecided.length} undecided, ${one.wrong.length} wrong\n`,
      )
    }
  } finally {
    load.stop()
    await rm(dir, { recursive: true, force: true })
  }
  process.stdout.write(renderFlakes(judged))
  const unlike = differences(judged).filter(({ allowed }) => values.identical || !allowed)
  return judged.some(({ wrong }) => wrong.length > 0) || unlike.length > 0 ? 1 : 0
}

process.exitCode = await main()
