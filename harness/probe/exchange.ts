/**
 * The requests of one attempt, over whatever carries them: sent, answered, judged one by one.
 * @module
 */
import type { Duplex } from 'node:stream'
import { hasDeclaredText } from './behind-refusal.ts'
import { canaryTarget, newChallenge, readCanary } from './canary.ts'
import { abandoned, deadlineReason } from './connect.ts'
import { AnswerReader, encodeRequest, type ReadResult, type Request } from './http1.ts'
import { requestHttp2, startHttp2 } from './http2.ts'
import { type Judgement, judgeAnswer, judgeReset, matchesPattern, quote, undecided } from './judge.ts'
import type { TlsConnection } from './tls.ts'
import type { Attempt, FollowUp, HttpAnswer, Outcome } from './types.ts'

/** What ends an attempt before its answer: its deadline, or the caller. */
export interface Stop {
  signal: AbortSignal
  /** Resolves when it is over. */
  gone: Promise<void>
}

/** A {@link Stop} for a signal. */
export const stopOf = (signal: AbortSignal): Stop => ({
  signal,
  gone: new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  }),
})

/** The caller ended it, not the deadline. */
export const byCaller = (signal: AbortSignal): boolean => signal.aborted && signal.reason !== deadlineReason

/** What one request came to: nothing at all when the connection ended or the time was up before an answer. */
export interface Exchanged {
  judgement?: Judgement
  /** Why there is no answer, where a library says so. */
  failed?: string
  http?: HttpAnswer
  canary?: NonNullable<Outcome['canary']>
}

/** The first answer, and those to the further requests. */
export interface Exchanges {
  first: Exchanged
  rest: Outcome[]
}

/** The attempt's requests over an established TLS connection. Never rejects. */
export async function exchangeTls(connection: TlsConnection, input: Attempt, stop: Stop): Promise<Exchanges> {
  const { socket } = connection
  if (input.alpn !== 'h2') return exchangeHttp1(socket, input, stop)
  if (socket.alpnProtocol !== 'h2') {
    // In TLS 1.3 a refusal may still be on its way: it is the better explanation, so it is read first.
    if (connection.tap.closedBy !== undefined) return { first: {}, rest: [] }
    const judgement = undecided('tls', 'version-unsupported', 'HTTP/2 is not offered')
    return { first: { judgement }, rest: [] }
  }
  const session = startHttp2(socket, input.endpoint.hostname)
  const send = (request: Request): Promise<ReadResult> => requestHttp2(session, request, stop.gone)
  const first = await exchangeOne(input, input, send, stop)
  const rest: Outcome[] = []
  for (const next of first.http === undefined ? [] : (input.further ?? [])) {
    rest.push(followUp(await exchangeOne(input, next, send, stop), first, stop))
  }
  session.destroy()
  return { first, rest }
}

/** The attempt's requests as HTTP/1.1 over a connected stream. Never rejects. */
export async function exchangeHttp1(stream: Duplex, input: Attempt, stop: Stop): Promise<Exchanges> {
  const reader = new AnswerReader(stream)
  const follow = input.further ?? []
  const send =
    (last: boolean) =>
    (request: Request): Promise<ReadResult> => {
      stream.write(encodeRequest({ ...request, keepAlive: !last }))
      return reader.read(request.method === 'HEAD')
    }
  let first = await exchangeOne(input, input, send(follow.length === 0), stop)
  if (first.http === undefined && first.judgement === undefined && !byCaller(stop.signal)) {
    // The deadline passed within an answer: its head still tells what happened (an endless body, for instance).
    const partial = reader.partial(input.method === 'HEAD')
    if (partial !== undefined) first = judged(partial, input, undefined)
  }
  const rest: Outcome[] = []
  for (const [index, next] of first.http === undefined ? [] : follow.entries()) {
    rest.push(followUp(await exchangeOne(input, next, send(index === follow.length - 1), stop), first, stop))
  }
  return { first, rest }
}

const followUp = (exchanged: Exchanged, first: Exchanged, { signal }: Stop): Outcome => ({
  ...(exchanged.judgement ??
    (signal.aborted ? abandoned(signal, 'no further answer before the deadline') : closedBefore(first))),
  ...(exchanged.http === undefined ? {} : { http: exchanged.http }),
  ...(exchanged.canary === undefined ? {} : { canary: exchanged.canary }),
  followUps: [],
  sessions: [],
  timings: { end: 0 },
})

/** The connection was closed instead of an answer: a refusal only where the first answer had not announced it. */
function closedBefore({ http }: Exchanged): Judgement {
  const told =
    http?.headers.some(([name, value]) => name.toLowerCase() === 'connection' && /\bclose\b/i.test(value)) ===
    true
  const reusable = http !== undefined && http.version !== '1.0' && !http.truncated && !told
  if (!reusable) {
    const summary = 'the server does not keep the connection open for a further request'
    return undecided('http', 'http-unproven', summary)
  }
  const summary = 'the connection was closed before the further request was answered'
  return { verdict: 'refused', code: 'tls-close', layer: 'http', attribution: 'generic', summary }
}

async function exchangeOne(
  input: Attempt,
  wanted: FollowUp & { body?: Buffer; httpVersion?: string },
  send: (request: Request) => Promise<ReadResult>,
  stop: Stop,
): Promise<Exchanged> {
  if (stop.signal.aborted) return {}
  const challenge = newChallenge()
  const { proof } = input
  const target =
    proof.canary === undefined ? (proof.request?.path ?? '/') : canaryTarget(proof.canary, challenge)
  const request: Request = {
    method: wanted.method ?? proof.request?.method ?? 'GET',
    path: (wanted.path ?? '{canary}').replace('{canary}', target).replace('{challenge}', challenge),
    host: wanted.host ?? input.host ?? input.endpoint.hostname,
    headers: wanted.headers ?? [],
    keepAlive: false,
    ...(wanted.httpVersion === undefined ? {} : { version: wanted.httpVersion }),
    ...(wanted.body === undefined ? {} : { body: wanted.body }),
  }
  const result = await Promise.race([send(request), stop.gone.then(() => undefined)])
  if (result === undefined || byCaller(stop.signal)) return {}
  if (result.kind === 'closed') return result.reason === undefined ? {} : { failed: result.reason }
  if (result.kind !== 'answer') return { judgement: noAnswer(result) }
  return judged(result.answer, input, request.path.includes(challenge) ? challenge : undefined)
}

/** Judges a reading that gave no answer. */
export function noAnswer(result: Exclude<ReadResult, { kind: 'answer' | 'closed' }>): Judgement {
  if (result.kind === 'reset') return judgeReset('the stream was reset', result.code)
  if (result.kind === 'not-sent') {
    return undecided('http', 'client-error', `the request cannot be sent: ${quote(result.reason)}`)
  }
  if (result.kind === 'too-large') {
    return undecided('http', 'too-large', 'the answer is larger than the harness reads')
  }
  const start = quote(result.start.toString('latin1'), 24)
  return undecided('http', 'not-http', `the answer is no whole HTTP answer: it starts with ${start}`)
}

/** Judges an answer; `challenge` is what the canary was asked, if it was. */
export function judged(
  http: HttpAnswer,
  input: Pick<Attempt, 'proof'>,
  challenge: string | undefined,
): Exchanged {
  const canary = challenge === undefined ? undefined : readCanary(http, challenge)
  // Where a canary is declared only its nonce counts; a 200 alone proves nothing (rule 1).
  const { proof } = input
  const pattern = proof.canary === undefined && matchesPattern(http, proof.request?.allowed)
  const judgement = judgeAnswer(
    http,
    canary === undefined
      ? pattern
        ? proof.request === undefined
          ? 'assumed'
          : 'pattern'
        : hasDeclaredText(http, proof)
          ? 'text'
          : 'unproven'
      : 'nonce',
  )
  return { judgement, http, ...(canary === undefined ? {} : { canary }) }
}
