/**
 * `npm test [-- stage...]`: every stage in order, all of them even when one fails; a line per stage, then
 * `N passed, N failed` for all. Exit code 1 where anything failed, 2 for an unknown stage.
 * @module
 */
import { root } from '../bin/node.mjs'
import { runStage, type StageResult } from './stage.ts'
import { stages } from './stages.ts'

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !stages.some((stage) => stage.name === name))
if (unknown.length > 0) {
  const known = stages.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')
  process.stderr.write(`test: no stage ${unknown.join(', ')}. Stages:\n${known}\n`)
  process.exit(2)
}

const results: StageResult[] = []
for (const stage of stages) {
  if (asked.length > 0 && !asked.includes(stage.name)) continue
  process.stdout.write(`\n== ${stage.name}: ${stage.what}\n`)
  results.push(await runStage(stage, root))
}

const sum = (pick: (result: StageResult) => number) =>
  results.reduce((total, result) => total + pick(result), 0)
process.stdout.write('\n')
for (const { name, passed, failed, skipped, seconds } of results) {
  const mark = failed === 0 ? 'ok  ' : 'FAIL'
  const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  process.stdout.write(`${mark} ${name.padEnd(12)} ${counts} (${seconds.toFixed(1)} s)\n`)
}
const failed = sum((result) => result.failed)
process.stdout.write(`\n${sum((result) => result.passed)} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
