/**
 * What all scripts share: configuration from the environment, options, one attempt. Valid for plain `k6 run`; k6 strips
 * the types itself. Secrets come from files only (`LOAD_*_FILE`): k6's command line and environment are readable by
 * others.
 *
 * | variable | meaning |
 * |---|---|
 * | `LOAD_URL` | what is asked for, required |
 * | `LOAD_RATE`, `LOAD_DURATION` | attempts per second (integer) and for how long: `30s` |
 * | `LOAD_STAGES` | instead of both: `50@10s,100@10s`: each rate is held for its time |
 * | `LOAD_RAMP` | instead: `10-200@60s`: from the one rate to the other |
 * | `LOAD_MAX_VUS` | attempts at once at most; default twice what the timeout and the rate need, at most 2000 |
 * | `LOAD_VUS` | virtual users made before the start; default a quarter of the rate, at most 100 |
 * | `LOAD_CERT_FILE`, `LOAD_KEY_FILE` | client certificate (chain) and key, PEM; none: no certificate |
 * | `LOAD_CONNECT` | `127.0.0.1:8443`: where the host of the URL really is; the server name stays |
 * | `LOAD_TLS` | `1.2` or `1.3`: the only version offered |
 * | `LOAD_TIMEOUT` | of one attempt; default `5s` |
 * | `LOAD_REUSE` | `1`: keep connections alive; default: each attempt is a full handshake |
 * | `LOAD_START_AT` | epoch milliseconds at which to begin, so that several processes begin together |
 * | `LOAD_P99_MS` | stop when the 99th percentile of an attempt is above it |
 * | `LOAD_EXPECT_STATUS` | `200` or `0,400`: other statuses count in `unexpected_outcomes`; 0 is a refusal in TLS |
 * @module
 */
import exec from 'k6/execution'
import http, { type RefinedParams, type RefinedResponse } from 'k6/http'
import { Counter } from 'k6/metrics'
import type { Options, Scenario, Threshold } from 'k6/options'

const unexpected = new Counter('unexpected_outcomes')

/** A variable; '' counts as absent. */
export function setting(name: string): string | undefined {
  const value = __ENV[name]
  return value === undefined || value === '' ? undefined : value
}

/** As {@link setting}. @throws Error when it is absent. */
export function needed(name: string): string {
  const value = setting(name)
  if (value === undefined) throw new Error(`set ${name}: see settings.ts`)
  return value
}

/** The text of the file that a variable names, without white space at its ends. Init context only. */
export function fileOf(name: string): string | undefined {
  const path = setting(name)
  return path === undefined ? undefined : open(path).trim()
}

const url = (): string => needed('LOAD_URL')
const hostOf = (address: string): string => /^https?:\/\/(\[[^\]]+\]|[^:/]+)/.exec(address)?.[1] ?? ''
const portOf = (address: string): string =>
  /^https?:\/\/(?:\[[^\]]+\]|[^:/]+):(\d+)/.exec(address)?.[1] ??
  (address.startsWith('https:') ? '443' : '80')

function whole(text: string, name: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name}: "${text}" is no rate: a whole number`)
  return value
}

const seconds = (duration: string): number => {
  const units: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 }
  let total = 0
  for (const [, amount, unit] of duration.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    total += Number(amount) * (units[unit ?? 's'] ?? 1)
  }
  return total
}

interface Step {
  rate: number
  duration: string
}

const parts = (text: string, name: string): [string, string] => {
  const [left, right, more] = text.split('@')
  if (left === undefined || right === undefined || more !== undefined || seconds(right) <= 0) {
    throw new Error(`${name}: "${text}" is not of the form 50@10s`)
  }
  return [left, right]
}

function readStages(text: string): Step[] {
  return text.split(',').map((step) => {
    const [rate, duration] = parts(step, 'LOAD_STAGES')
    return { rate: whole(rate, 'LOAD_STAGES'), duration }
  })
}

/** Attempts at once: Little's law with the timeout as the longest stay, at the highest rate. */
const vusFor = (rate: number): { preAllocatedVUs: number; maxVUs: number } => {
  const most = Math.max(2, Math.min(2000, Math.ceil(rate * seconds(timeout()) * 2)))
  const maxVUs = setting('LOAD_MAX_VUS') === undefined ? most : whole(needed('LOAD_MAX_VUS'), 'LOAD_MAX_VUS')
  // Made before the start: while k6 makes more during the run, it drops attempts.
  const early = setting('LOAD_VUS')
  const first =
    early === undefined ? Math.max(2, Math.min(100, Math.ceil(rate / 4))) : whole(early, 'LOAD_VUS')
  return { preAllocatedVUs: Math.min(maxVUs, first), maxVUs }
}

function startTime(): string {
  const at = setting('LOAD_START_AT')
  return at === undefined ? '0s' : `${Math.max(0, Number(at) - Date.now())}ms`
}

/** The scenario: constant, stepped or ramping arrival rate (open model: nobody waits for the server). */
function scenario(run: string): Scenario {
  const common = { exec: run, startTime: startTime(), gracefulStop: timeout(), tags: { profile: profile() } }
  const ramp = setting('LOAD_RAMP')
  const stepped = setting('LOAD_STAGES')
  if (ramp !== undefined) {
    const [rates, duration] = parts(ramp, 'LOAD_RAMP')
    const [from, to] = rates.split('-').map((rate) => whole(rate, 'LOAD_RAMP'))
    if (from === undefined || to === undefined)
      throw new Error(`LOAD_RAMP: "${ramp}" is not of the form 10-200@60s`)
    const stages = [{ target: to, duration }]
    const vus = vusFor(Math.max(from, to))
    return { ...common, ...vus, executor: 'ramping-arrival-rate', startRate: from, timeUnit: '1s', stages }
  }
  if (stepped !== undefined) {
    const steps = readStages(stepped)
    // A jump in no time, then level.
    const stages = steps.flatMap(({ rate, duration }) => [
      { target: rate, duration: '0s' },
      { target: rate, duration },
    ])
    const vus = vusFor(Math.max(...steps.map(({ rate }) => rate)))
    const startRate = steps[0]?.rate ?? 0
    return { ...common, ...vus, executor: 'ramping-arrival-rate', startRate, timeUnit: '1s', stages }
  }
  const rate = whole(setting('LOAD_RATE') ?? '10', 'LOAD_RATE')
  const duration = setting('LOAD_DURATION') ?? '10s'
  return { ...common, ...vusFor(rate), executor: 'constant-arrival-rate', rate, timeUnit: '1s', duration }
}

const timeout = (): string => setting('LOAD_TIMEOUT') ?? '5s'

/** What the attempts are called in results. */
export const profile = (): string => setting('LOAD_PROFILE') ?? 'unnamed'

function thresholds(): Record<string, Threshold[]> {
  const p99 = setting('LOAD_P99_MS')
  return {
    ...(p99 === undefined
      ? {}
      : { iteration_duration: [{ threshold: `p(99)<${p99}`, abortOnFail: true, delayAbortEval: '2s' }] }),
    ...(setting('LOAD_EXPECT_STATUS') === undefined
      ? {}
      : { unexpected_outcomes: [{ threshold: 'count==0', abortOnFail: false }] }),
  }
}

/** k6's options for one scenario whose iterations call the exported function `run`. */
export function optionsFor(run: string): Options {
  const cert = fileOf('LOAD_CERT_FILE')
  const key = fileOf('LOAD_KEY_FILE')
  if ((cert === undefined) !== (key === undefined))
    throw new Error('set LOAD_CERT_FILE and LOAD_KEY_FILE both')
  const connect = setting('LOAD_CONNECT')
  const version = setting('LOAD_TLS')
  const only = version === '1.2' ? 'tls1.2' : 'tls1.3'
  const reuse = setting('LOAD_REUSE') === '1'
  return {
    scenarios: { [profile()]: scenario(run) },
    thresholds: thresholds(),
    // Errors are told by code here and by text in a tag of the iteration: k6's own tag would hold ports.
    systemTags: ['status', 'error_code', 'scenario', 'tls_version'],
    noConnectionReuse: !reuse,
    noVUConnectionReuse: !reuse,
    noCookiesReset: false,
    discardResponseBodies: true,
    maxRedirects: 0,
    // The server's certificate is not what is measured here, and checking it costs the generator.
    insecureSkipTLSVerify: true,
    ...(cert === undefined || key === undefined ? {} : { tlsAuth: [{ cert, key }] }),
    ...(connect === undefined ? {} : { hosts: { [`${hostOf(url())}:${portOf(url())}`]: connect } }),
    ...(version === undefined ? {} : { tlsVersion: { min: only, max: only } }),
  }
}

/** Addresses and ports differ each time: as a tag they would make k6 keep a series for every attempt. */
const withoutAddresses = (error: string): string =>
  error.replace(/(\[[0-9a-f:]+\]|\d+\.\d+\.\d+\.\d+):\d+/g, '*').slice(0, 200)

/** Says on the iteration how it ended: the only sample that has a time for every attempt, refused ones too. */
export function tell(response: RefinedResponse<'none' | 'text'>): void {
  const { tags } = exec.vu.metrics
  tags.outcome_status = String(response.status)
  tags.outcome_code = String(response.error_code)
  tags.outcome_error = withoutAddresses(response.error)
  const expected = setting('LOAD_EXPECT_STATUS')?.split(',')
  if (expected !== undefined && !expected.includes(String(response.status))) {
    unexpected.add(1, { status: String(response.status) })
  }
}

/** One request. Tags of the last iteration are taken away first. */
export function ask(params: RefinedParams<'none'> = {}): RefinedResponse<'none'> {
  const { tags } = exec.vu.metrics
  for (const name of ['outcome_status', 'outcome_code', 'outcome_error']) delete tags[name]
  const response = http.request('GET', url(), null, { responseType: 'none', timeout: timeout(), ...params })
  tell(response)
  return response
}
