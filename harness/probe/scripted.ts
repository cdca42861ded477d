/**
 * One attempt with a scripted TLS client, for messages that no TLS library sends. Judged by the rules of every attempt.
 * @module
 */
import { isIP } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Identity } from '../pki/types.ts'
import { type AttackId, runAttack } from '../wire/client/attacks.ts'
import { runScript } from '../wire/client/run.ts'
import type { Delivery, HelloShape, Mutation, Script, ScriptResult } from '../wire/client/types.ts'
import { readTranscript } from '../wire/transcript.ts'
import type { Transcript } from '../wire/types.ts'
import { defaultDeadline } from './attempt.ts'
import { canaryTarget, newChallenge } from './canary.ts'
import { type Exchanged, judged, noAnswer } from './exchange.ts'
import { encodeRequest, type Parsed, parseAnswer } from './http1.ts'
import { quote, undecided } from './judge.ts'
import { judgeTls } from './judge-tls.ts'
import { turn } from './pace.ts'
import type { Attempt, Outcome } from './types.ts'
import { hearWords } from './words.ts'

/** One connection of the scripted client and one request over HTTP/1.1: the canary's GET, or what the proof asks for. */
export interface ScriptedAttempt
  extends Pick<Attempt, 'endpoint' | 'identity' | 'proof' | 'deadline' | 'signal'> {
  version: 'TLSv1.2' | 'TLSv1.3'
  /** What is done otherwise than by an honest client; default: nothing. */
  mutate?: Mutation
  /** One of the attacks on the proof of possession, in place of {@link mutate}. A replay makes a second connection. */
  attack?: AttackId
  /** How our bytes are cut up. */
  delivery?: Delivery
  /** What is unusual about the ClientHello. */
  hello?: HelloShape
}

/**
 * Makes one scripted attempt. Never rejects: whatever happens ends in an outcome before the deadline. The server is not
 * authenticated, so {@link Outcome.tls} is absent. Code `client-error` with layer `tls`: the server does what the
 * scripted client does not follow (a cipher suite or a group, mostly), which says nothing about the server.
 */
export async function attemptScripted(input: ScriptedAttempt): Promise<Outcome> {
  await turn(input.signal)
  const started = performance.now()
  const done = (rest: Omit<Outcome, 'followUps' | 'sessions' | 'timings'>): Outcome => ({
    followUps: [],
    sessions: [],
    ...rest,
    timings: { end: performance.now() - started },
  })
  try {
    return done(await run(input))
  } catch (error) {
    const reason = quote(error instanceof Error ? error.message : 'unknown')
    return done(undecided('tls', 'client-error', `the attempt could not be made: ${reason}`))
  }
}

async function run(input: ScriptedAttempt): Promise<Omit<Outcome, 'followUps' | 'sessions' | 'timings'>> {
  const { endpoint, proof, version, identity, signal, deadline = defaultDeadline } = input
  const { mutate, attack, delivery, hello } = input
  const { hostname, address = hostname, port = 443 } = endpoint
  const challenge = newChallenge()
  const { canary, request } = proof
  const path = canary === undefined ? (request?.path ?? '/') : canaryTarget(canary, challenge)
  const method = methodOf(proof)
  const asked = { method, path, host: hostname, headers: [], keepAlive: false }
  const script: Script = {
    host: address.replace(/^\[|\]$/g, ''),
    port,
    version,
    alpn: ['http/1.1'],
    request: encodeRequest(asked),
    deadline,
    done: (response) => parseFinal(response, method === 'HEAD', false) !== 'more',
    ...(isIP(hostname) === 0 ? { serverName: hostname } : {}),
    ...(identity === undefined ? {} : { identity: scriptable(identity) }),
    ...(mutate === undefined ? {} : { mutate }),
    ...(delivery === undefined ? {} : { delivery }),
    ...(hello === undefined ? {} : { hello }),
    ...(signal === undefined ? {} : { signal }),
  }
  const result = await (attack === undefined ? runScript(script) : runAttack(script, attack))
  if (signal?.aborted === true) return undecided('tls', 'aborted', 'stopped before it could finish')
  if (result.end === 'unreachable') {
    return undecided('tcp', 'unreachable', `cannot connect: ${quote(result.reason)}`)
  }
  const transcript = readTranscript(result)
  const exchanged = readResponse(result, input, canary === undefined ? undefined : challenge)
  const judgement =
    exchanged.judgement === undefined
      ? judgeEnding(result, transcript)
      : hearWords(exchanged.judgement, exchanged.http, transcript, proof)
  const close = judgement.alert === undefined ? result.closedBy : 'alert'
  return {
    ...judgement,
    ...(exchanged.http === undefined ? {} : { http: exchanged.http }),
    ...(exchanged.canary === undefined ? {} : { canary: exchanged.canary }),
    ...(close === undefined ? {} : { close }),
    transcript,
    remote: `${address}:${port}`,
  }
}

const methodOf = ({ canary, request }: Attempt['proof']): string =>
  canary === undefined ? (request?.method ?? 'GET') : 'GET'

const scriptable = ({ cert, key }: Identity): { cert: string; key: string } => ({ cert, key })

function readResponse({ response }: ScriptResult, input: ScriptedAttempt, challenge?: string): Exchanged {
  const parsed = parseFinal(response, methodOf(input.proof) === 'HEAD', true)
  if (parsed === 'more' || parsed.kind === 'closed') return {}
  return parsed.kind === 'answer' ? judged(parsed.answer, input, challenge) : { judgement: noAnswer(parsed) }
}

/** The answer behind any interim ones. */
function parseFinal(bytes: Buffer, head: boolean, ended: boolean): Exclude<Parsed, { kind: 'interim' }> {
  for (let rest = bytes; ; ) {
    const parsed = parseAnswer(rest, head, ended)
    if (parsed === 'more' || parsed.kind !== 'interim') return parsed
    rest = rest.subarray(parsed.used)
  }
}

function judgeEnding(result: ScriptResult, transcript: Transcript): ReturnType<typeof judgeTls> {
  const refusedInWords = transcript.alerts.some(({ from, code }) => from === 'server' && code !== 0)
  if (result.end === 'unsupported' && !refusedInWords) {
    return undecided('tls', 'client-error', `the scripted client does not follow: ${quote(result.reason)}`)
  }
  const timedOut = result.end === 'deadline'
  return judgeTls({
    transcript,
    closedBy: timedOut ? undefined : result.closedBy,
    clientError: undefined,
    timedOut,
    pinned: true,
    start: result.chunks.find(({ from }) => from === 'server')?.bytes ?? Buffer.alloc(0),
  })
}
