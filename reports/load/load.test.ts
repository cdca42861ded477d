import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { CostResult } from '../../load/cost/types.ts'
import { validateLoad } from '../../load/results/read.ts'
import {
  likeHaproxy,
  likeNginx,
  sampleCapacity,
  sampleCost,
  sampleFlood,
  sampleLoad,
} from '../../load/results/testing.ts'
import type { LoadResults } from '../../load/results/types.ts'
import { hostileTexts } from '../testing/hostile.ts'
import { readMarkup } from '../testing/markup.ts'
import { csvHead, renderLoadCsv } from './csv.ts'
import { renderLoadHtml } from './html.ts'
import { renderLoadMarkdown } from './markdown.ts'
import { rebuild } from './svg.ts'
import type { LoadReport } from './types.ts'
import { loadVerdict } from './verdict.ts'
import { writeLoadReports } from './write.ts'

let haproxy: CostResult
let nginx: CostResult
before(async () => {
  ;[haproxy, nginx] = await Promise.all([
    sampleCost('haproxy 2.6.12', likeHaproxy),
    sampleCost('nginx 1.22.1', likeNginx),
  ])
})

const everything = (): LoadResults =>
  sampleLoad({
    costs: [haproxy, nginx],
    capacities: [{ target: 'haproxy 2.6.12, TLS 1.3', result: sampleCapacity() }],
    floods: [sampleFlood()],
    skipped: [{ name: 'caddy', reason: 'it is not installed' }],
  })

/** The page, read strictly: whatever a browser would have to guess about is an error. */
const page = (report: LoadReport) => readMarkup(renderLoadHtml(report), { html: true })

test('results of every kind are valid by the schema; broken ones are not', () => {
  const whole = everything()
  assert.deepEqual(validateLoad(JSON.parse(JSON.stringify(whole))), [])
  assert.equal(whole.exitCode, 0)
  for (const broken of [
    { ...whole, kind: 'cost' },
    { ...whole, exitCode: 7 },
    { ...whole, costs: [{ ...haproxy, ended: 'well' }] },
    { ...whole, floods: [{ ...sampleFlood(), victimRate: 'many' }] },
    { ...whole, more: 1 },
    null,
  ])
    assert.ok(validateLoad(JSON.parse(JSON.stringify(broken))).length > 0)
})

test('the page has every section, both widths of every chart, no script and nothing from elsewhere', () => {
  const elements = page(everything())
  const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? [])
  assert.equal(new Set(ids).size, ids.length, 'ids are unique')
  for (const id of [
    'validity',
    'outcomes',
    'costs',
    'waterfall',
    'capacity',
    'flood',
    'plan',
    'advice',
    'method',
  ])
    assert.ok(ids.includes(id), id)
  const names = elements.map(({ name }) => name)
  assert.ok(!names.includes('script') && !names.includes('link') && !names.includes('image'))
  for (const { name, attributes } of elements)
    for (const [key, value] of attributes) {
      assert.ok(!key.startsWith('on'), key)
      // Links go to sections of the page only.
      if (key === 'href') assert.match(value, /^#/, name)
    }
  // Costs and waterfall of two servers, capacity and its model, flood.
  const charts = elements.filter(({ name, path }) => name === 'svg' && path.includes('figure'))
  assert.equal(charts.length, 2 * (2 + 2 + 2 + 1))
  const figures = elements.filter(({ name }) => name === 'figure')
  for (const { attributes } of figures) assert.ok((attributes.get('aria-label') ?? '').length > 40)
})

test('the figures of the costs are in table, Markdown and CSV', () => {
  const report = everything()
  const texts = page(report).map(({ text }) => text)
  const valid = haproxy.categories.find(({ id }) => id === 'valid')?.server
  const forged = haproxy.categories.find(({ id }) => id === 'forged-chain')
  assert.ok(valid !== undefined && forged?.displacement !== undefined)
  assert.ok(texts.includes(`${Math.round(valid.estimate)}\u00a0µs`))
  assert.ok(texts.includes(`${forged.displacement.estimate.toFixed(2)} ×`))
  assert.ok(forged.displacement.estimate > 1.9 && forged.displacement.estimate < 2.3)
  const markdown = renderLoadMarkdown(report)
  assert.match(markdown, /\| valid \| let in \| \d{3}\sµs/)
  assert.match(markdown, /holds 100 ms at the 99th percentile up to 480\/s and breaks it at 500\/s/)
  const lines = renderLoadCsv(report).trimEnd().split('\r\n')
  assert.equal(lines[0], csvHead.join(','))
  const line = lines.find((text) => text.startsWith('server-cpu,"haproxy 2.6.12, TLS 1.3",valid,us,'))
  assert.equal(line?.split(',')[5], String(valid.estimate))
  assert.ok(lines.some((text) => /^victims-p99,.*,240\/s,ms,900,/.test(text)))
})

test('what was not measured is said and is never 0', async () => {
  const refusing = { ...likeHaproxy, valid: { ...likeHaproxy.valid, outcome: 'alert' as const } }
  const refused = await sampleCost('refusing', refusing as typeof likeHaproxy)
  assert.equal(refused.ended, 'refused')
  const report = sampleLoad({ costs: [refused] })
  assert.equal(report.exitCode, 3)
  const { word, tone } = loadVerdict(report)
  assert.deepEqual([word, tone], ['Nothing measured', 'unsure'])
  const markup = renderLoadHtml(report)
  assert.doesNotMatch(markup, /<td[^>]*>0(\.0+)?\sµs|NaN|undefined|Infinity/)
  assert.ok(!page(report).some(({ attributes }) => attributes.get('id') === 'costs'))
  assert.match(renderLoadMarkdown(report), /not measured/)
  for (const line of renderLoadCsv(report).trimEnd().split('\r\n').slice(1))
    assert.equal(line.split(',')[5], '', line)
})

test('a bad certificate that was let in is a finding, whatever else was measured', async () => {
  const open = { ...likeHaproxy, expired: { ...likeHaproxy.expired, outcome: 'allowed' as const } }
  const found = await sampleCost('open', open as typeof likeHaproxy)
  const report = sampleLoad({ costs: [haproxy, found] })
  assert.equal(report.exitCode, 1)
  assert.deepEqual(loadVerdict(report).tone, 'bad')
  assert.match(loadVerdict(report).sentence, /open, TLS 1\.3 lets "expired" in/)
  assert.equal(sampleLoad({ costs: [haproxy] }).exitCode, 0)
  const flood = sampleFlood()
  const [expired] = flood.preflight.profiles
  assert.ok(expired)
  const through = {
    ...flood,
    preflight: { ...flood.preflight, profiles: [{ ...expired, finding: 'an expired one was let in' }] },
  }
  assert.equal(sampleLoad({ floods: [through] }).exitCode, 1)
})

test('empty, interrupted, void and doubtful runs say so in their first words', () => {
  const words = (report: LoadReport): string => loadVerdict(report).word
  assert.equal(words(sampleLoad({ costs: [haproxy] })), 'Measured')
  assert.equal(words(sampleLoad()), 'Nothing measured')
  assert.equal(sampleLoad().exitCode, 3)
  const stopped = sampleLoad({ costs: [haproxy], interrupted: true })
  assert.deepEqual([words(stopped), stopped.exitCode], ['Interrupted', 3])
  assert.match(loadVerdict(stopped).sentence, /By then: 6 costs/)
  assert.match(loadVerdict(sampleLoad({ interrupted: true })).sentence, /Nothing was measured/)
  const doubtful = sampleLoad({ costs: [{ ...haproxy, ended: 'time-limit' }] })
  assert.equal(words(doubtful), 'Measured, with reservations')
  const flood = sampleFlood()
  const lanes = flood.lanes.map((lane) => ({ ...lane, void: ['0 of 160 certificates were sent'] }))
  const void_ = sampleLoad({ floods: [{ ...flood, lanes }] })
  assert.equal(words(void_), 'Measured, with reservations')
  assert.match(renderLoadHtml(void_), /void: 0 of 160 certificates were sent/)
  const hopeless = sampleLoad({ floods: [{ ...flood, brokenAt: 0 }] })
  assert.match(loadVerdict(hopeless).sentence, /even without a flood/i)
  assert.equal(words(hopeless), 'Measured, with reservations')
  assert.equal(words(sampleLoad({ floods: [flood] })), 'Measured')
  // Its costs alone are not what was asked for.
  const search = { ...sampleCapacity(), ended: 'generator-limited' as const, knee: {} }
  const unknown = sampleLoad({
    costs: [haproxy],
    capacities: [{ target: 'haproxy, TLS 1.3', result: search }],
  })
  assert.deepEqual([words(unknown), unknown.exitCode], ['Capacity not known', 3])
  assert.match(loadVerdict(unknown).sentence, /generator was at its limit/)
  // Nobody was busy where it broke: what held is known, the limit is not, and a break alone is nothing.
  const inDoubt = (knee: { holds?: number; breaks?: number }): LoadResults =>
    sampleLoad({
      capacities: [
        { target: 'nginx, TLS 1.3', result: { ...sampleCapacity(), knee, doubt: 'neither side was busy' } },
      ],
    })
  const idle = inDoubt({ holds: 160, breaks: 320 })
  assert.deepEqual([words(idle), idle.exitCode], ['Measured, with reservations', 0])
  assert.match(
    renderLoadMarkdown(idle),
    /holds 100 ms at the 99th percentile up to 160\/s, and did not at 320\/s, which is not known to be its limit: neither/,
  )
  assert.doesNotMatch(renderLoadHtml(idle), /breaks it at/)
  assert.match(renderLoadHtml(everything()), /up to 480\/s and breaks it at 500\/s/)
  assert.deepEqual(validateLoad(JSON.parse(JSON.stringify(idle))), [])
  const nothing = inDoubt({ breaks: 10 })
  assert.deepEqual([words(nothing), nothing.exitCode], ['Capacity not known', 3])
  assert.match(
    loadVerdict(nothing).sentence,
    /did not hold .* at 10\.0\/s, which is not known to be its limit/,
  )
  const lanesOf = page(sampleLoad({ floods: [flood] })).map(({ text }) => text)
  assert.ok(lanesOf.includes('on 160 of 160 (every connection)'))
  for (const report of [sampleLoad(), stopped, doubtful, void_, hopeless, unknown])
    assert.ok(page(report).length > 20)
})

test('whatever a server wrote stays text in every format', async () => {
  for (const text of hostileTexts) {
    const report = poisoned(everything(), text) as LoadReport
    const elements = page(report)
    assert.ok(!elements.some(({ name }) => ['script', 'img', 'b', 'i'].includes(name)))
    assert.equal(elements.filter(({ name }) => name === 'h1').length, 1)
    for (const { attributes } of elements)
      for (const key of attributes.keys()) assert.ok(!key.startsWith('on'), key)
    assert.doesNotMatch(renderLoadMarkdown(report), /<script|\]\(javascript|^# PWNED/m)
    for (const line of renderLoadCsv(report).trimEnd().split('\r\n')) assert.doesNotMatch(line, /^[=+@]/)
  }
  const formula = renderLoadCsv(poisoned(everything(), '=cmd|calc') as LoadReport)
  assert.match(formula, /,'=cmd\|calc/)
})

test('a chart is built again from what is known; anything else is refused', () => {
  const built = rebuild(
    '<svg width="1"><text style="font-size:12px" onload="x()">a &lt;b&gt;</text></svg>',
    'p-',
  )
  assert.equal(String(built), '<svg width="1"><text style="font-size:12px">a &lt;b&gt;</text></svg>')
  assert.equal(
    String(rebuild('<svg><g clip-path="url(#c1)"></g><clipPath id="c1"></clipPath></svg>', 'p-')),
    '<svg><g clip-path="url(#p-c1)"></g><clipPath id="p-c1"></clipPath></svg>',
  )
  assert.equal(String(rebuild('<svg style="background:url(http://x)"></svg>', 'p-')), '<svg style=""></svg>')
  for (const bad of [
    '<svg><script>1</script></svg>',
    '<svg><image href="x"/></svg>',
    '<svg>',
    '<svg></g></svg>',
  ])
    assert.throws(() => rebuild(bad, 'p-'), Error, bad)
})

test('every file appears whole', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'load-report-'))
  t.after(() => rm(dir, { recursive: true }))
  const report = everything()
  await writeLoadReports(report, join(dir, 'out'))
  assert.deepEqual((await readdir(join(dir, 'out'))).sort(), [
    'load.csv',
    'report.html',
    'results.json',
    'summary.md',
  ])
  const read: unknown = JSON.parse(await readFile(join(dir, 'out', 'results.json'), 'utf8'))
  assert.deepEqual(validateLoad(read), [])
})

/** The text in every string that is not a word of ours. */
function poisoned(value: unknown, text: string, key = ''): unknown {
  const ours = [
    'kind',
    'command',
    'question',
    'expect',
    'valid',
    'started',
    'id',
    'from',
    'to',
    'holds',
    'verdict',
    'acceptedLatency',
  ]
  if (typeof value === 'string') return ours.includes(key) ? value : text
  if (Array.isArray(value)) return value.map((one) => poisoned(one, text, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, poisoned(own, text, name)]))
}
