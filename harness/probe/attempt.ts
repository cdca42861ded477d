/**
 * One attempt in, one outcome out: one connection, one request (and what the caller wants sent behind it), a deadline.
 * @module
 */

import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { readTranscript } from '../wire/transcript.ts'
import { abandoned, connectTcp, deadlineReason } from './connect.ts'
import { byCaller, type Exchanged, exchangeHttp1, exchangeTls, stopOf } from './exchange.ts'
import { type Judgement, quote } from './judge.ts'
import { judgeTls } from './judge-tls.ts'
import { turn } from './pace.ts'
import { startTls, type TlsConnection } from './tls.ts'
import type { Attempt, Outcome } from './types.ts'
import { hearWords } from './words.ts'

/** Milliseconds an attempt may take when nothing else is said. */
export const defaultDeadline = 5000

/** Makes one attempt. Never rejects: whatever happens ends in an outcome before the deadline. */
export async function attempt(input: Attempt): Promise<Outcome> {
  const started = performance.now()
  const timings: Outcome['timings'] = { end: 0 }
  const mark = (name: 'connect' | 'handshake' | 'firstByte'): void => {
    timings[name] = performance.now() - started
  }
  await turn(input.signal)
  const control = new AbortController()
  const timer = setTimeout(() => control.abort(deadlineReason), input.deadline ?? defaultDeadline)
  const onAbort = (): void => control.abort(input.signal?.reason)
  if (input.signal?.aborted === true) onAbort()
  input.signal?.addEventListener('abort', onAbort, { once: true })
  let tcp: Socket | undefined
  try {
    const connected = await connectTcp(input.endpoint, control.signal)
    if ('failure' in connected) return outcome(connected.failure, timings, started)
    tcp = connected.socket
    mark('connect')
    const run = input.tls === false ? attemptPlain : attemptTls
    const remote = `${connected.socket.remoteAddress ?? '?'}:${connected.socket.remotePort ?? '?'}`
    const result = await run(connected.socket, input, control.signal, mark)
    return { ...outcome(result, timings, started), remote }
  } catch (error) {
    // Input that Node itself refuses (a port above 65535, a session that is none): the attempt could not be made.
    tcp?.destroy()
    return outcome(impossible(error), timings, started)
  } finally {
    clearTimeout(timer)
    input.signal?.removeEventListener('abort', onAbort)
  }
}

const impossible = (error: unknown): Judgement => {
  const reason = quote(error instanceof Error ? error.message : 'unknown')
  return {
    verdict: 'inconclusive',
    code: 'client-error',
    layer: 'tcp',
    summary: `the attempt could not be made: ${reason}`,
  }
}

type Partial_ = Judgement & Partial<Outcome>

const outcome = (judgement: Partial_, timings: Outcome['timings'], started: number): Outcome => ({
  followUps: [],
  sessions: [],
  ...judgement,
  timings: { ...timings, end: performance.now() - started },
})

type Mark = (name: 'handshake' | 'firstByte') => void

async function attemptPlain(
  socket: Socket,
  input: Attempt,
  signal: AbortSignal,
  mark: Mark,
): Promise<Partial_> {
  const ending: { by?: 'fin' | 'rst' } = {}
  socket.on('error', () => {
    ending.by ??= 'rst'
  })
  socket.on('end', () => {
    ending.by ??= 'fin'
  })
  const stop = stopOf(signal)
  const { first, rest } = await exchangeHttp1(socket, input, stop)
  if (first.http !== undefined) mark('firstByte')
  const { by: close } = ending
  socket.destroy()
  if (first.judgement !== undefined) {
    return { ...first, ...first.judgement, followUps: rest, ...(close === undefined ? {} : { close }) }
  }
  if (signal.aborted) return abandoned(signal, 'no answer before the deadline')
  return {
    verdict: 'refused',
    code: 'tcp-refused',
    layer: 'tcp',
    summary: 'closed without an answer',
    ...(close === undefined ? {} : { close }),
  }
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
  const stop = stopOf(signal)
  const up = await Promise.race([connection.handshake, stop.gone.then(() => false)])
  let exchanged: { first: Exchanged; rest: Outcome[] } | undefined
  if (up) {
    mark('handshake')
    exchanged = await exchangeTls(connection, input, stop)
    if (exchanged.first.http !== undefined) mark('firstByte')
    await waitForTickets(connection, input.waitForTickets ?? 0, stop.gone)
  }
  const timedOut = signal.aborted
  const tls = up ? describeTls(connection) : undefined
  socket.destroy()
  tcp.destroy()
  const { chunks, dropped, closedBy } = connection.tap
  const transcript = readTranscript({ chunks, keylog: connection.keylog, dropped, closedBy })
  const first = exchanged?.first
  const judgement =
    first?.judgement !== undefined
      ? hearWords(first.judgement, first.http, transcript, input.proof)
      : byCaller(signal)
        ? { ...abandoned(signal), layer: 'tls' as const }
        : judgeTls({
            transcript,
            closedBy: timedOut ? undefined : closedBy,
            clientError: connection.error()?.message ?? first?.failed,
            timedOut,
            pinned: input.version !== undefined,
            start: chunks.find(({ from }) => from === 'server')?.bytes ?? Buffer.alloc(0),
          })
  const close = judgement.alert === undefined ? closedBy : 'alert'
  return {
    ...judgement,
    ...(first?.http === undefined ? {} : { http: first.http }),
    ...(first?.canary === undefined ? {} : { canary: first.canary }),
    ...(tls === undefined ? {} : { tls }),
    ...(close === undefined ? {} : { close }),
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
