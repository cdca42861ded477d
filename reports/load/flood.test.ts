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

test('a step is named by what was delivered, in every report; of several servers each is named', () => {
  const flood = sampleFlood()
  const short = {
    ...flood,
    target: 'nginx 1.22.1 (https://localhost:8443/)',
    brokenAt: 235,
    steps: flood.steps.map((step) => (step.rate === 240 ? { ...step, rate: 400, delivered: 235 } : step)),
  }
  const one = sampleLoad({ command: 'flood', floods: [short] })
  const { sentence } = loadVerdict(one)
  assert.match(
    sentence,
    /^valid users lost .* at 235 invalid attempts per second, of 400 that were wanted, \(expired\)/,
  )
  assert.match(renderLoadMarkdown(one), /\| 235\/s \(400 wanted\) \| 900\.0 ms \| no \|/)
  assert.match(renderLoadCsv(one), /,235\/s \(400 wanted\),ms,900,/)
  const page = renderLoadHtml(one)
  assert.match(page, /235\/s \(400 wanted\)/)
  assert.doesNotMatch(page, /broke at 400/)
  const { brokenAt: _, stoppedBy: __, ...rest } = flood
  const held = {
    ...rest,
    target: 'mock edge (https://mtls.test:1/)',
    complete: true,
    steps: flood.steps.slice(0, 3),
  }
  const both = loadVerdict(sampleLoad({ command: 'flood', floods: [short, held] })).sentence
  assert.match(
    both,
    /nginx 1\.22\.1: valid users lost .*mock edge: valid users kept .* up to 120 .* \(expired\)/,
  )
})

test('that the promise holds without a flood is nothing about a flood, and what was left out is said', () => {
  const { brokenAt: _, stoppedBy: __, ...flood } = sampleFlood()
  const [first] = flood.steps
  assert.ok(first)
  const nothing = sampleLoad({ command: 'flood', floods: [{ ...flood, heldAt: 0, steps: [first] }] })
  assert.deepEqual([nothing.exitCode, loadVerdict(nothing).word], [3, 'Nothing measured'])
  const [sent] = flood.preflight.profiles
  assert.ok(sent)
  const unsent = { ...sent, profile: 'self-signed', void: ['the certificate was sent on 0 of 6 connections'] }
  const preflight = { ...flood.preflight, profiles: [sent, unsent] }
  const left = sampleLoad({
    command: 'flood',
    floods: [{ ...flood, preflight, steps: flood.steps.slice(0, 3) }],
  })
  assert.equal(loadVerdict(left).tone, 'warn')
  assert.match(
    renderLoadHtml(left),
    /self-signed.{1,20}was not part of the flood: the certificate was sent on 0 of 6/,
  )
  assert.match(renderLoadHtml(left), /Flood of expired\./)
  const whole = sampleLoad({ command: 'flood', floods: [{ ...flood, steps: flood.steps.slice(0, 3) }] })
  assert.equal(loadVerdict(whole).word, 'Measured')
})
