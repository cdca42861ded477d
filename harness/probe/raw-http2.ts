/**
 * One HTTP/2 request whose field list is written exactly as told, for what `node:http2` refuses to send: a host field
 * beside `:authority` or in its place, pseudo-fields twice or not at all.
 * @module
 */
import { performance } from 'node:perf_hooks'
import type { TLSSocket } from 'node:tls'
import {
  content,
  type Frame,
  FrameReader,
  flags,
  frameTypes,
  preface,
  settings,
  writeFrame,
} from '../wire/http2/frames.ts'
import { type Field, FieldReader, writeFields } from '../wire/http2/hpack.ts'
import { readTranscript } from '../wire/transcript.ts'
import { defaultDeadline } from './attempt.ts'
import { canaryTarget, newChallenge } from './canary.ts'
import { abandoned, connectTcp, deadlineReason } from './connect.ts'
import { judged } from './exchange.ts'
import { answerOf, bodyLimit } from './http1.ts'
import { type Judgement, judgeReset, quote, undecided } from './judge.ts'
import { judgeTls } from './judge-tls.ts'
import { turn } from './pace.ts'
import { startTls, type TlsConnection } from './tls.ts'
import type { Attempt, HttpAnswer, Outcome } from './types.ts'
import { hearWords } from './words.ts'

/** One connection and one request. */
export interface RawAttempt
  extends Pick<
    Attempt,
    'endpoint' | 'identity' | 'version' | 'servername' | 'proof' | 'deadline' | 'signal'
  > {
  /** In this order; `{canary}` in a value becomes the path that proves. */
  fields: readonly Field[]
}

/** Makes one attempt. Never rejects: whatever happens ends in an outcome before the deadline. */
export async function attemptRawHttp2(input: RawAttempt): Promise<Outcome> {
  await turn(input.signal)
  const started = performance.now()
  const control = new AbortController()
  const timer = setTimeout(() => control.abort(deadlineReason), input.deadline ?? defaultDeadline)
  const onAbort = (): void => control.abort(input.signal?.reason)
  if (input.signal?.aborted === true) onAbort()
  input.signal?.addEventListener('abort', onAbort, { once: true })
  const done = (rest: Omit<Outcome, 'followUps' | 'sessions' | 'timings'>): Outcome => ({
    followUps: [],
    sessions: [],
    ...rest,
    timings: { end: performance.now() - started },
  })
  try {
    return done(await run(input, control.signal))
  } catch (error) {
    const reason = quote(error instanceof Error ? error.message : 'unknown')
    return done(undecided('tls', 'client-error', `the attempt could not be made: ${reason}`))
  } finally {
    clearTimeout(timer)
    input.signal?.removeEventListener('abort', onAbort)
  }
}

async function run(
  input: RawAttempt,
  signal: AbortSignal,
): Promise<Omit<Outcome, 'followUps' | 'sessions' | 'timings'>> {
  const connected = await connectTcp(input.endpoint, signal)
  if ('failure' in connected) return connected.failure
  const connection = startTls(connected.socket, { ...input, alpn: 'h2' })
  const { socket, tap } = connection
  const gone = new Promise<'gone'>((resolve) => {
    if (signal.aborted) resolve('gone')
    signal.addEventListener('abort', () => resolve('gone'), { once: true })
  })
  const challenge = newChallenge()
  const up = await Promise.race([connection.handshake, gone])
  const read = up === true ? await Promise.race([exchange(socket, input, challenge), gone]) : undefined
  socket.destroy()
  connected.socket.destroy()
  const { chunks, dropped, closedBy } = tap
  const transcript = readTranscript({ chunks, keylog: connection.keylog, dropped, closedBy })
  const remote = `${input.endpoint.address ?? input.endpoint.hostname}:${input.endpoint.port ?? 443}`
  if (typeof read === 'object' && 'status' in read) {
    const { judgement, ...rest } = judged(read, input, challenge)
    if (judgement !== undefined)
      return { ...hearWords(judgement, rest.http, transcript, input.proof), ...rest, transcript, remote }
  }
  const judgement = typeof read === 'object' && 'verdict' in read ? read : ending(connection, signal)
  const close = judgement.alert === undefined ? closedBy : 'alert'
  return { ...judgement, ...(close === undefined ? {} : { close }), transcript, remote }

  function ending({ error }: TlsConnection, { aborted, reason }: AbortSignal): Judgement {
    if (aborted && reason !== deadlineReason) return { ...abandoned(signal), layer: 'tls' }
    return judgeTls({
      transcript,
      closedBy: aborted ? undefined : closedBy,
      clientError: error()?.message,
      timedOut: aborted,
      pinned: input.version !== undefined,
      start: chunks.find(({ from }) => from === 'server')?.bytes ?? Buffer.alloc(0),
    })
  }
}

/** The answer; how the stream ended instead; or undefined where the connection did. */
async function exchange(
  socket: TLSSocket,
  { fields, proof }: RawAttempt,
  challenge: string,
): Promise<HttpAnswer | Judgement | undefined> {
  if (socket.alpnProtocol !== 'h2') return undecided('tls', 'version-unsupported', 'HTTP/2 is not offered')
  const path =
    proof.canary === undefined ? (proof.request?.path ?? '/') : canaryTarget(proof.canary, challenge)
  const payload = writeFields(fields.map(([name, value]) => [name, value.replace('{canary}', path)]))
  const set = flags.endStream | flags.endHeaders
  // No table, no push: SETTINGS_HEADER_TABLE_SIZE, SETTINGS_ENABLE_PUSH.
  socket.write(
    Buffer.concat([
      preface,
      settings([1, 0], [2, 0]),
      writeFrame({ type: frameTypes.headers, flags: set, stream: 1, payload }),
    ]),
  )
  const reader = new AnswerReader()
  const frames = new FrameReader()
  try {
    for await (const bytes of socket) {
      frames.push(bytes)
      for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
        const reply = replyTo(frame)
        if (reply !== undefined) socket.write(reply)
        const read = reader.take(frame)
        if (read !== undefined) return read
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) return undefined
    return undecided('http', 'not-http', `the answer is no HTTP/2: ${quote(error.message)}`)
  }
  return undefined
}

/** SETTINGS and PING want an answer. */
function replyTo({ type, flags: set, payload }: Frame): Buffer | undefined {
  if ((type !== frameTypes.settings && type !== frameTypes.ping) || (set & flags.ack) !== 0) return undefined
  const echoed = type === frameTypes.ping ? payload : Buffer.alloc(0)
  return writeFrame({ type, flags: flags.ack, stream: 0, payload: echoed })
}

/** Puts the answer on stream 1 together. */
class AnswerReader {
  readonly #fields = new FieldReader()
  #block: Buffer[] = []
  #ends = false
  #head: Field[] | undefined
  readonly #body: Buffer[] = []
  #length = 0

  take(frame: Frame): HttpAnswer | Judgement | undefined {
    if (frame.type === frameTypes.goAway)
      return judgeReset('the connection was ended', frame.payload.readUInt32BE(4))
    if (frame.stream !== 1) return undefined
    if (frame.type === frameTypes.rstStream)
      return judgeReset('the stream was reset', frame.payload.readUInt32BE(0))
    if (frame.type === frameTypes.headers || frame.type === frameTypes.continuation)
      return this.#headers(frame)
    if (frame.type !== frameTypes.data) return undefined
    const bytes = content(frame)
    this.#body.push(bytes)
    this.#length += bytes.length
    const ended = (frame.flags & flags.endStream) !== 0
    return ended || this.#length > bodyLimit ? this.#answer(!ended) : undefined
  }

  #headers(frame: Frame): HttpAnswer | undefined {
    const first = frame.type === frameTypes.headers
    if (first && (frame.flags & flags.endStream) !== 0) this.#ends = true
    this.#block.push(first ? content(frame) : frame.payload)
    if ((frame.flags & flags.endHeaders) === 0) return undefined
    const fields = this.#fields.read(Buffer.concat(this.#block))
    this.#block = []
    const status = Number(fields.find(([name]) => name === ':status')?.[1] ?? 0)
    // Interim answers are passed over; fields behind the body are trailers.
    if (status >= 200) this.#head ??= fields
    return this.#ends ? this.#answer(false) : undefined
  }

  #answer(truncated: boolean): HttpAnswer | undefined {
    if (this.#head === undefined) return undefined
    const status = Number(this.#head.find(([name]) => name === ':status')?.[1] ?? 0)
    const headers = this.#head.flatMap(([name, value]): [string, string][] =>
      name.startsWith(':') ? [] : [[name, value]],
    )
    return answerOf('2', status, headers, Buffer.concat(this.#body), truncated)
  }
}
