/**
 * The canary's side of the proof: a fresh challenge goes out, and only an answer that repeats it together with a
 * nonce nobody has seen before counts. A cached or reflected page therefore never proves anything.
 * @module
 */
import { randomBytes } from 'node:crypto'
import type { CanaryReply, HttpAnswer } from './types.ts'

/** A fresh challenge: 128 random bits, lower-case hex. */
export const newChallenge = (): string => randomBytes(16).toString('hex')

/** The request target that asks the canary at `path` to answer `challenge`. */
export const canaryTarget = (path: string, challenge: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}challenge=${challenge}`

const seen = new Set<string>()
const maxSeen = 100_000

/** Reads the canary's answer to `challenge`; undefined when the answer is not from a canary, not to this challenge, or not fresh. */
export function readCanary(answer: HttpAnswer, challenge: string): CanaryReply | undefined {
  if (answer.truncated || answer.body.length === 0) return undefined
  const reply = parseReply(answer.body.toString('utf8'))
  if (reply === undefined || reply.challenge !== challenge) return undefined
  const { nonce } = reply
  if (nonce.length < 16 || nonce === challenge || seen.has(nonce)) return undefined
  if (seen.size >= maxSeen) seen.clear()
  seen.add(nonce)
  return {
    nonce,
    method: reply.method,
    path: reply.path,
    headers: reply.headers,
    partial: reply.partial,
    ...(reply.marked === undefined ? {} : { marked: reply.marked }),
  }
}

interface Reply extends CanaryReply {
  challenge: string
}

function parseReply(text: string): Reply | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const reply = value as Record<string, unknown>
  const { harness, challenge, nonce, method, path, headers, headersComplete, marked } = reply
  if (harness !== 'canary' || typeof challenge !== 'string' || typeof nonce !== 'string') return undefined
  return {
    challenge,
    nonce,
    method: typeof method === 'string' ? method : '',
    path: typeof path === 'string' ? path : '',
    partial: headersComplete === false,
    headers: Array.isArray(headers) ? headers.filter(isHeader) : [],
    ...(typeof marked === 'number' ? { marked } : {}),
  }
}

const isHeader = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')

/** Values of a header as the origin received them, whatever its spelling (`_` and case included). */
export function originHeader(reply: CanaryReply, name: string): string[] {
  const wanted = canonicalName(name)
  return reply.headers.filter(([key]) => canonicalName(key) === wanted).map(([, value]) => value)
}

/** How CGI-like applications see a header name: case folded, `_` and `-` the same. */
export const canonicalName = (name: string): string => name.toLowerCase().replaceAll('_', '-')
