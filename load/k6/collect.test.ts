import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notMeasurable } from '../flood/types.ts'
import { Collector, quantiles } from './collect.ts'
import { cpuSecondsOf, generatorVerdict } from './cpu.ts'
import { readSample } from './samples.ts'

const line = (metric: string, value: number, tags: Record<string, string> = {}, second = 0): string =>
  JSON.stringify({ metric, type: 'Point', data: { time: `2026-01-01T00:00:0${second}.500Z`, value, tags } })
const attempt = (status: number, value: number, second = 0): string =>
  line(
    'iteration_duration',
    value,
    { outcome_status: String(status), outcome_code: '0', outcome_error: 'EOF' },
    second,
  )

function collect(lines: readonly string[]): Collector {
  const collector = new Collector()
  for (const one of lines) {
    const sample = readSample(one)
    if (sample !== undefined) collector.add(sample)
  }
  return collector
}

test('quantiles are exact, and of nothing there are none', () => {
  assert.equal(quantiles([]), notMeasurable)
  const values = Array.from({ length: 101 }, (_, at) => 100 - at)
  assert.deepEqual(quantiles(values), {
    count: 101,
    min: 0,
    mean: 50,
    p50: 50,
    p90: 90,
    p95: 95,
    p99: 99,
    max: 100,
  })
  assert.equal(values[0], 100)
})

test('a handshake of 0 is one without a time, not a quick one', () => {
  const collector = collect([
    attempt(0, 3),
    line('http_req_tls_handshaking', 0),
    attempt(200, 5),
    line('http_req_tls_handshaking', 2),
  ])
  const { handshake, handshakesWithoutTime, latency } = collector.numbers()
  assert.notEqual(handshake, notMeasurable)
  assert.equal(handshake !== notMeasurable && handshake.min, 2)
  assert.equal(handshakesWithoutTime, 1)
  assert.equal(latency !== notMeasurable && latency.count, 2)
})

test('where every handshake failed its time is not measurable, and not 0', () => {
  const { handshake, acceptedLatency, handshakesWithoutTime } = collect([
    attempt(0, 3),
    line('http_req_tls_handshaking', 0),
  ]).numbers()
  assert.equal(handshake, notMeasurable)
  assert.equal(acceptedLatency, notMeasurable)
  assert.equal(handshakesWithoutTime, 1)
})

test('a window takes what began in it, and dropped ones by when they were dropped', () => {
  const collector = collect([
    attempt(200, 100, 1),
    attempt(200, 2000, 3),
    attempt(400, 10, 3),
    line('dropped_iterations', 4, {}, 2),
  ])
  const at = Date.parse('2026-01-01T00:00:00.000Z')
  const early = collector.numbers({ from: at + 1000, to: at + 3000 })
  assert.deepEqual(early.attempts.byKind, { accepted: 2 })
  assert.equal(early.achieved, 1)
  assert.equal(early.dropped, 4)
  const late = collector.numbers({ from: at + 3000, to: at + 4000 })
  assert.deepEqual(late.attempts.byKind, { 'http-400': 1 })
  assert.equal(late.dropped, 0)
})

test('lines that are not used, and iterations cut off before their request ended, give nothing', () => {
  for (const one of [
    '',
    'time="2026" level=error',
    line('vus', 3),
    JSON.stringify({ metric: 'iteration_duration', type: 'Metric', data: {} }),
    line('iteration_duration', 3),
    line('constructor', 1),
  ]) {
    assert.equal(readSample(one), undefined, one)
  }
  const own = readSample(line('logins_done', 1, { a: 'b' }), new Set(['logins_done']))
  assert.equal(own?.metric, 'own')
})

test('the generator is the limit when it uses its cores or drops attempts; unknown CPU is not measurable', () => {
  const idle = generatorVerdict({ cpu: [0.5, 0.5], seconds: 10, dropped: 0, cores: 2 })
  assert.deepEqual([idle.limited, idle.coresUsed], [false, 0.1])
  assert.equal(generatorVerdict({ cpu: [8, 7], seconds: 10, dropped: 0, cores: 2 }).limited, true)
  assert.equal(generatorVerdict({ cpu: [0.1], seconds: 10, dropped: 3, cores: 2 }).limited, true)
  const blind = generatorVerdict({ cpu: [0.1, undefined], seconds: 10, dropped: 0, cores: 2 })
  assert.deepEqual([blind.limited, blind.coresUsed], [notMeasurable, notMeasurable])
})

test('CPU is read from /proc behind a name with anything in it; without /proc it is not known', () => {
  const stat = `12 (a) b) c) S ${Array.from({ length: 10 }, () => '1').join(' ')} 250 150 0`
  assert.equal(cpuSecondsOf(12, (() => stat) as unknown as typeof import('node:fs').readFileSync), 4)
  assert.equal(cpuSecondsOf(2 ** 30), undefined)
})
