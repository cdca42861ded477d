/**
 * CPU time from Prometheus (node_exporter, cAdvisor, process exporter): for a server on another machine.
 *
 * A scraped counter is old by up to one scrape. Each reading therefore waits until a scrape has surely seen the end of the
 * block; while the server is idle in between, that costs time, not exactness.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { HarnessError } from '../../harness/errors.ts'
import type { CpuSource } from './types.ts'

/** What to ask. */
export interface PrometheusOptions {
  /** Base address, e.g. `http://prometheus:9090`. */
  url: string
  /** PromQL whose single value is a counter in seconds: `sum(container_cpu_usage_seconds_total{pod="edge-0"})`. */
  query: string
  /** How long after a moment the counter has surely been scraped, milliseconds: scrape interval plus the exporter's own. */
  settleMs: number
  /** `Authorization` header, never printed. */
  authorization?: string
  /** Default 10 s. */
  timeoutMs?: number
}

/** A source that asks Prometheus. Nothing is asked before the first reading. */
export function prometheusSource(options: PrometheusOptions): CpuSource {
  const { url, query, settleMs } = options
  return {
    kind: 'Prometheus',
    describe: query,
    async sample() {
      await sleep(settleMs)
      return {
        cpuUsec: (await ask(options)) * 1e6,
        // Exporters print seconds with at most micro or centisecond digits; cAdvisor and node_exporter have 10 ms or better.
        resolutionUsec: 10_000,
        notes: [],
      }
    },
  }

  async function ask({ authorization, timeoutMs = 10_000 }: PrometheusOptions): Promise<number> {
    const address = new URL(`${url.replace(/\/$/, '')}/api/v1/query`)
    address.searchParams.set('query', query)
    let body: unknown
    let status: number
    try {
      const answer = await fetch(address, {
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'error',
        ...(authorization === undefined ? {} : { headers: { authorization } }),
      })
      status = answer.status
      body = await answer.json().catch(() => undefined)
    } catch (cause) {
      throw failed('did not answer', cause)
    }
    if (status !== 200) throw failed(`answered ${status}${textIn(body)}`)
    return valueIn(body)
  }
}

const failed = (what: string, cause?: unknown): HarnessError =>
  new HarnessError('ERR_PLATFORM', `Prometheus ${what}`, {
    hint: 'try the query in its web page: it must give one number, in seconds',
    ...(cause === undefined ? {} : { cause }),
  })

/** The one number of an instant query: a scalar, or a vector of one. */
function valueIn(body: unknown): number {
  const { data } = record(body)
  const { resultType, result } = record(data)
  const samples = resultType === 'scalar' ? [{ value: result }] : resultType === 'vector' ? result : undefined
  if (!Array.isArray(samples)) throw failed(`gave ${String(resultType ?? 'no result')} instead of a number`)
  if (samples.length !== 1)
    throw failed(`gave ${samples.length} series instead of one (wrap the query in sum())`)
  const { value } = record(samples[0])
  const number = Array.isArray(value) ? Number(value[1]) : Number.NaN
  if (!Number.isFinite(number)) throw failed('gave no finite number')
  return number
}

function textIn(body: unknown): string {
  const { error } = record(body)
  return typeof error === 'string' ? `: ${error.slice(0, 200)}` : ''
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
