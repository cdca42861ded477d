/**
 * One attempt in, one outcome out: one connection, one request (and what the caller wants sent behind it), a deadline.
 * @module
 */

import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { readTranscript } from '../wire/transcript.ts'
import { canaryTarget, newChallenge, readCanary } from './canary.ts'
import { abandoned, connectTcp, deadlineReason } from './connect.ts'
import { AnswerReader, encodeRequest, type ReadResult, type Request } from './http1.ts'
import { requestHttp2, startHttp2 } from './http2.ts'
import { type Judgement, judgeAnswer, judgeTls, matchesPattern, quote } from './judge.ts'
import { startTls, type TlsConnection } from './tls.ts'
import type { Attempt, FollowUp, HttpAnswer, Outcome } from './types.ts'

/** Milliseconds an attempt may take when nothing else is said. */
export const defaultDeadline = 5000

/** Makes one attempt. Never rejects: whatever happens ends in an outcome before the deadline. */
export async function attempt(input: Attempt): Promise<Outcome> {
  const started = performance.now()
  const timings: Outcome['timings'] = { end: 0 }
  const mark = (name: 'connect' | 'handshake' | 'firstByte'): void => {
    timings[name] = performance.now() - started
  }
  const control = new AbortController()
  const timer = setTimeout(() => control.abort(deadlineReason), input.deadline ?? defaultDeadline)
  const onAbort = (): void => control.abort(input.signal?.reason)
  if (input.signal?.aborted === true) onAbort()
  input.signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const connected = await connectTcp(input.endpoint, control.signal)
    if ('failure' in connected) return outcome(connected.failure, timings, started)
    mark('connect')
    const run = input.tls === false ? attemptPlain : attemptTls
    const remote = `${connected.socket.remoteAddress ?? '?'}:${connected.socket.remotePort ?? '?'}`
    const result = await run(connected.socket, input, control.signal, mark)
    return { ...outcome(result, timings, started), ...result, remote }
  } finally {
    clearTimeout(timer)
    input.signal?.removeEventListener('abort', onAbort)
  }
}

type Partial_ = Judgement & Partial<Outcome>

const outcome = (judgement: Partial_, timings: Outcome['timings'], started: number): Outcome => ({
  followUps: [],
  sessions: [],
  ...judgement,
  timings: { ...timings, end: performance.now() - started },
})

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

type Mark = (name: 'handshake' | 'firstByte') => void

async function attemptPlain(
  socket: Socket,
  input: Attempt,
  signal: AbortSignal,
  mark: Mark,
): Promise<Partial_> {
  socket.on('error', () => undefined)
  const exchange = exchangeOver(input, new AnswerReader(socket), (bytes) => socket.write(bytes))
  const first = await exchange.first(aborted(signal))
  mark('firstByte')
  const rest = first.http === undefined ? [] : await exchange.rest(aborted(signal))
  socket.destroy()
  if (first.judgement !== undefined) return { ...first, ...first.judgement, followUps: rest }
  if (signal.aborted) return { ...abandoned(signal), summary: 'no answer before the deadline' }
  return { verdict: 'refused', code: 'tcp-refused', layer: 'tcp', summary: 'closed without an answer' }
}

async function attemptTls(tcp: Socket, input: Attempt, signal: AbortSignal, mark: Mark): Promise<Partial_> {
  let connection: TlsConnection
  try {
    connection = startTls(tcp, input)
  } catch (error) {
    tcp.destroy()
    const summary = `the identity could not be used: ${quote(error instanceof Error ? error.message : 'unknown')}`
    return { verdict: 'inconclusive', code: 'client-error', layer: 'tls', summary }
  }
  const { socket } = connection
  const gone = aborted(signal)
  const up = await Promise.race([connection.handshake, gone.then(() => false)])
  let exchanged: { first: Exchanged; rest: Outcome[] } | undefined
  if (up) {
    mark('handshake')
    exchanged = await exchangeTls(connection, input, gone)
    if (exchanged.first.http !== undefined) mark('firstByte')
    await waitForTickets(connection, input.waitForTickets ?? 0, gone)
  }
  const timedOut = signal.aborted
  const tls = up ? describeTls(connection) : undefined
  socket.destroy()
  tcp.destroy()
  const transcript = readTranscript({
    chunks: connection.tap.chunks,
    keylog: connection.keylog,
    dropped: connection.tap.dropped,
  })
  const closedBy = connection.tap.closedBy
  const judgement =
    exchanged?.first.judgement ??
    (timedOut && signal.reason !== deadlineReason
      ? { ...abandoned(signal), layer: 'tls' as const }
      : judgeTls({
          transcript,
          closedBy: timedOut ? undefined : closedBy,
          clientError: connection.error()?.message,
          timedOut,
          pinned: input.version !== undefined,
          heard: connection.tap.chunks.some((chunk) => chunk.from === 'server'),
        }))
  const first = exchanged?.first
  return {
    ...judgement,
    ...(first?.http === undefined ? {} : { http: first.http }),
    ...(first?.canary === undefined ? {} : { canary: first.canary }),
    ...(tls === undefined ? {} : { tls }),
    ...(closedBy === undefined ? {} : { close: judgement.alert === undefined ? closedBy : 'alert' }),
    followUps: exchanged?.rest ?? [],
    sessions: connection.sessions,
    transcript,
  }
}

function describeTls({ socket }: TlsConnection): NonNullable<Outcome['tls']> {
  const error = socket.authorizationError
  const certificate = socket.getPeerX509Certificate()?.raw
  return {
    ...(certificate === undefined ? {} : { certificate }),
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher()?.standardName ?? 'unknown',
    alpn: socket.alpnProtocol === false || socket.alpnProtocol === null ? undefined : socket.alpnProtocol,
    resumed: socket.isSessionReused(),
    trusted: socket.authorized,
    ...(socket.authorized ? {} : { trustError: String(error) }),
  }
}

async function waitForTickets(connection: TlsConnection, wait: number, gone: Promise<void>): Promise<void> {
  if (wait === 0 || connection.sessions.length > 0 || connection.socket.destroyed) return
  let timer: NodeJS.Timeout | undefined
  await Promise.race([
    new Promise<void>((resolve) => {
      connection.socket.once('session', () => resolve())
      connection.socket.once('close', () => resolve())
      timer = setTimeout(resolve, wait)
    }),
    gone,
  ])
  clearTimeout(timer)
}

interface Exchanged {
  judgement?: Judgement
  http?: HttpAnswer
  canary?: NonNullable<Outcome['canary']>
}

async function exchangeTls(
  connection: TlsConnection,
  input: Attempt,
  gone: Promise<void>,
): Promise<{ first: Exchanged; rest: Outcome[] }> {
  const { socket } = connection
  if (input.alpn !== 'h2') {
    const exchange = exchangeOver(input, new AnswerReader(socket), (bytes) => socket.write(bytes))
    const first = await exchange.first(gone)
    return { first, rest: first.http === undefined ? [] : await exchange.rest(gone) }
  }
  if (socket.alpnProtocol !== 'h2') {
    // In TLS 1.3 a refusal may still be on its way: it is the better explanation, so it is read first.
    if (connection.tap.closedBy !== undefined) return { first: {}, rest: [] }
    const judgement: Judgement = {
      verdict: 'inconclusive',
      code: 'version-unsupported',
      layer: 'tls',
      summary: 'HTTP/2 is not offered',
    }
    return { first: { judgement }, rest: [] }
  }
  const session = startHttp2(socket, input.endpoint.hostname)
  const send = (request: Request): Promise<ReadResult> => requestHttp2(session, request)
  const first = await exchangeOne(input, input, send, gone)
  const rest: Outcome[] = []
  for (const next of first.http === undefined ? [] : (input.then ?? [])) {
    rest.push(followUp(await exchangeOne(input, next, send, gone)))
  }
  session.destroy()
  return { first, rest }
}

interface Exchange {
  first: (gone: Promise<void>) => Promise<Exchanged>
  rest: (gone: Promise<void>) => Promise<Outcome[]>
}

function exchangeOver(input: Attempt, reader: AnswerReader, write: (bytes: Buffer) => void): Exchange {
  const follow = input.then ?? []
  const send =
    (last: boolean) =>
    (request: Request): Promise<ReadResult> => {
      write(encodeRequest({ ...request, keepAlive: !last }))
      return reader.read(request.method === 'HEAD')
    }
  return {
    first: async (gone) => {
      const first = await exchangeOne(input, input, send(follow.length === 0), gone)
      if (first.http !== undefined || first.judgement !== undefined) return first
      // The deadline passed within an answer: its head still tells what happened (an endless body, for instance).
      const partial = reader.partial(input.method === 'HEAD')
      return partial === undefined ? {} : judged(partial, input, undefined)
    },
    rest: async (gone) => {
      const outcomes: Outcome[] = []
      for (const [index, next] of follow.entries()) {
        outcomes.push(followUp(await exchangeOne(input, next, send(index === follow.length - 1), gone)))
      }
      return outcomes
    },
  }
}

const followUp = (exchanged: Exchanged): Outcome => ({
  ...(exchanged.judgement ?? {
    verdict: 'refused',
    code: 'tls-close',
    layer: 'http',
    summary: 'the connection was closed before the further request was answered',
  }),
  ...(exchanged.http === undefined ? {} : { http: exchanged.http }),
  ...(exchanged.canary === undefined ? {} : { canary: exchanged.canary }),
  followUps: [],
  sessions: [],
  timings: { end: 0 },
})

async function exchangeOne(
  input: Attempt,
  wanted: FollowUp & { body?: Buffer },
  send: (request: Request) => Promise<ReadResult>,
  gone: Promise<void>,
): Promise<Exchanged> {
  const challenge = newChallenge()
  const { proof } = input
  const target =
    proof.canary === undefined ? (proof.request?.path ?? '/') : canaryTarget(proof.canary, challenge)
  const request: Request = {
    method: wanted.method ?? proof.request?.method ?? 'GET',
    path: (wanted.path ?? '{canary}').replace('{canary}', target),
    host: wanted.host ?? input.host ?? input.endpoint.hostname,
    headers: wanted.headers ?? [],
    keepAlive: false,
    ...(wanted.body === undefined ? {} : { body: wanted.body }),
  }
  const result = await Promise.race([send(request), gone.then(() => undefined)])
  if (result === undefined || result.kind === 'closed') return {}
  if (result.kind === 'too-large') {
    return {
      judgement: {
        verdict: 'inconclusive',
        code: 'too-large',
        layer: 'http',
        summary: 'the answer is larger than the harness reads',
      },
    }
  }
  if (result.kind === 'not-http') {
    const start = quote(result.start.toString('latin1'), 24)
    return {
      judgement: {
        verdict: 'inconclusive',
        code: 'not-http',
        layer: 'http',
        summary: `the answer is not HTTP: it starts with ${start}`,
      },
    }
  }
  return judged(result.answer, input, request.path.includes(challenge) ? challenge : undefined)
}

function judged(http: HttpAnswer, input: Attempt, challenge: string | undefined): Exchanged {
  const canary = challenge === undefined ? undefined : readCanary(http, challenge)
  // Where a canary is declared only its nonce counts; a 200 alone proves nothing (rule 1).
  const { proof } = input
  const pattern = proof.canary === undefined && matchesPattern(http, proof.request?.allowed)
  const judgement = judgeAnswer(http, canary === undefined ? (pattern ? 'pattern' : 'unproven') : 'nonce')
  return { judgement, http, ...(canary === undefined ? {} : { canary }) }
}
