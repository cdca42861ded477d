import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fewestForP99 as judged } from '../../load/flood/steps.ts'
import { sampleFlood, sampleLoad } from '../../load/results/testing.ts'
import type { LoadResults } from '../../load/results/types.ts'
import { renderLoadCsv } from './csv.ts'
import { renderLoadHtml } from './html.ts'
import { renderLoadMarkdown } from './markdown.ts'
import { loadVerdict } from './verdict.ts'
import { fewestForP99 } from './words.ts'

const why = 'p99 not measurable: 3 valid attempts got in, it needs 100'

/** Results of a flood whose steps have three answers each. */
function ofThree(): LoadResults {
  const { brokenAt: _, heldAt: __, stoppedBy: ___, ...flood } = sampleFlood()
  const steps = flood.steps.map((step) => {
    const { acceptedLatency } = step.victims
    assert.ok(acceptedLatency !== 'not measurable')
    const victims = { ...step.victims, acceptedLatency: { ...acceptedLatency, count: 3 } }
    return { ...step, victims, holds: 'not measurable' as const, why }
  })
  return sampleLoad({ floods: [{ ...flood, complete: true, steps }] })
}

test('a 99th percentile of three answers is none, in every report; of a hundred and twenty it is one', () => {
  assert.equal(fewestForP99, judged)
  const few = ofThree()
  assert.equal(few.exitCode, 3)
  const markdown = renderLoadMarkdown(few)
  assert.match(markdown, /\| 60\/s \| not measurable \| not known \|/)
  assert.match(markdown, /at 60\/s: p99 not measurable: 3 valid attempts got in/)
  const csv = renderLoadCsv(few)
  assert.match(csv, /victims-p99,[^\n]*,60\/s,ms,,,,"?p99 not measurable/)
  const page = renderLoadHtml(few)
  assert.match(page, /60\/s not measurable/)
  assert.doesNotMatch(page, /18\.0 ms/)
  const { word, sentence } = loadVerdict(few)
  assert.doesNotMatch(`${word} ${sentence}`, /^Measured\b|kept what they were promised/)
  assert.match(sentence, /p99 not measurable/)

  const enough = sampleLoad({ floods: [sampleFlood()] })
  assert.match(renderLoadMarkdown(enough), /\| 60\/s \| 18\.0 ms \| yes \|/)
  assert.match(renderLoadHtml(enough), /60\/s 18\.0 ms/)
  assert.match(renderLoadCsv(enough), /victims-p99,[^\n]*,60\/s,ms,18,/)
})
