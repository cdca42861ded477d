/**
 * k6's JSON output (`--out json=-`): one line per sample. All samples are read, exactly, rather than histograms: they add
 * up over processes without loss, and a window of time can be chosen afterwards. JSON rather than CSV because error texts
 * hold commas and quotes. Lines of metrics nobody asks for are passed over by their first bytes.
 * @module
 */
import { type Outcome, outcomeOf } from './outcome.ts'

/** A sample that is used. `at` is its time, epoch milliseconds: the end of what it measures. */
export type Sample =
  /** One attempt, whole: the only one with a time for all, refused ones too. */
  | { metric: 'attempt'; at: number; value: number; outcome: Outcome }
  /** 0 in TLS 1.2 where the handshake failed: no measurement. */
  | { metric: 'handshake'; at: number; value: number }
  | { metric: 'dropped'; at: number; value: number }
  /** A metric of a script's own: `logins_done`. */
  | { metric: 'own'; name: string; at: number; value: number; tags: Record<string, string> }

const names: Readonly<Record<string, 'attempt' | 'handshake' | 'dropped'>> = {
  iteration_duration: 'attempt',
  http_req_tls_handshaking: 'handshake',
  dropped_iterations: 'dropped',
}

interface Point {
  type: string
  data: { time: string; value: number; tags?: Record<string, string> }
}

const start = '{"metric":"'

/**
 * Reads a line; undefined when it holds nothing that is used.
 * @param own names of a script's own metrics that are wanted.
 */
export function readSample(line: string, own: ReadonlySet<string> = new Set()): Sample | undefined {
  if (!line.startsWith(start)) return undefined
  const name = line.slice(start.length, line.indexOf('"', start.length))
  const metric = Object.hasOwn(names, name) ? names[name] : undefined
  if (metric === undefined && !own.has(name)) return undefined
  const { type, data } = JSON.parse(line) as Point
  if (type !== 'Point') return undefined
  const at = Date.parse(data.time)
  const { value, tags = {} } = data
  if (metric === undefined) return { metric: 'own', name, at, value, tags }
  if (metric !== 'attempt') return { metric, at, value }
  // An iteration without these was cut off before its request ended: no outcome, no attempt.
  if (tags.outcome_status === undefined) return undefined
  const outcome = outcomeOf(Number(tags.outcome_status), Number(tags.outcome_code), tags.outcome_error ?? '')
  return { metric, at, value, outcome }
}
