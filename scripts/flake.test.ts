import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleResults } from '../reports/sample.ts'
import type { Results, Verdict } from '../reports/types.ts'
import { differences, judgeRun, type RunJudgement, renderFlakes } from './flake/judge.ts'
import { startLoad } from './flake/load.ts'
import { verifyLab } from './flake/verify-lab.ts'

const [model] = sampleResults().checks
assert(model)
const run = (...verdicts: Verdict[]) =>
  judgeRun({ checks: verdicts.map((verdict, index) => ({ ...model, id: `reach.n${index}`, verdict })) })

test('undecided is allowed and counted; every other verdict than a pass is wrong', () => {
  const judged = run('pass', 'not-applicable', 'inconclusive', 'fail', 'blocked', 'warn', 'note', 'error')
  assert.deepEqual(judged.undecided, ['reach.n2'])
  assert.deepEqual(
    judged.wrong.map((text) => text.split(' ')[0]),
    ['fail', 'blocked', 'warn', 'note', 'error'],
  )
  assert.equal(judged.executed, 7)
  const text = renderFlakes([run('inconclusive'), run('inconclusive'), run('pass')])
  assert.match(
    text,
    /^3 runs, 3 verdicts: 0 wrong, 2 undecided\nundecided:\n {2}2 × reach\.n0\nnot alike:\n {2}reach\.n0: 2 × inconclusive, 1 × pass\n$/,
  )
  assert.match(renderFlakes([run('pass'), run('pass')]), /0 wrong, 0 undecided\nall runs alike\n$/)
})

test('runs are compared check by check: only what was undecided may differ', () => {
  const told = (...runs: ReturnType<typeof run>[]) => differences(runs).map(({ allowed }) => allowed)
  assert.deepEqual(told(run('pass', 'pass'), run('pass', 'pass')), [])
  assert.deepEqual(told(run('pass'), run('inconclusive'), run('pass')), [true])
  assert.deepEqual(
    told(run('pass'), run('not-applicable')),
    [false],
    'a check that did not run in one of them',
  )
  assert.deepEqual(told(run('pass', 'pass'), run('pass')), [false], 'a check that is missing in one of them')
  assert.deepEqual(told(run('pass'), run('fail'), run('inconclusive')), [false])
})

test('busy children end when they are told to', async () => {
  const load = startLoad(2)
  assert.equal(load.pids.length, 2)
  load.stop()
  for (const pid of load.pids) {
    while (true) {
      try {
        process.kill(pid, 0)
      } catch {
        break
      }
      await sleep(20)
    }
  }
})

test('three runs of the quick profile under load: identical but for what is undecided, nothing wrong', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'harness-flake-'))
  const load = startLoad(2)
  try {
    const seen: RunJudgement[] = []
    for (const name of ['one', 'two', 'three']) {
      const out = join(dir, name)
      await verifyLab(out, 'quick')
      const results = JSON.parse(await readFile(join(out, 'results.json'), 'utf8')) as Results
      const judged = judgeRun(results)
      const { wrong, executed } = judged
      assert.deepEqual(wrong, [])
      assert(executed > 20)
      assert((results.run.connectionLimit ?? 0) >= results.run.connections, 'it keeps to what it announced')
      seen.push(judged)
    }
    assert.deepEqual(
      differences(seen).filter(({ allowed }) => !allowed),
      [],
    )
  } finally {
    load.stop()
    await rm(dir, { recursive: true, force: true })
  }
})
