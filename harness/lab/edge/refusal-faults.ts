/**
 * Requests that are refused and yet answered from behind the door, by fault.
 * @module
 */
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import type { Faults } from '../faults.ts'
import { answerBare } from './answers.ts'
import { type AnswerHead, type Exchange, headerValue } from './exchange.ts'
import type { OriginConnector } from './origin/connector.ts'
import type { Verdict } from './verdict.ts'

/** A refused request. */
interface Refused {
  hostname: string
  path: string
  verdict: Verdict
  /** The refusal that was due. */
  head: AnswerHead
}

/** Answers a refused request as its fault has it. False: no fault concerns it. */
export function answeredByFault(
  exchange: Exchange,
  { hostname, path, verdict, head }: Refused,
  { faults, connector }: { faults: Faults; connector: OriginConnector },
): boolean {
  const { method, headers } = exchange
  const key = headerValue(headers, 'sec-websocket-key')
  const upgrades = headerValue(headers, 'upgrade')?.toLowerCase() === 'websocket'
  if (verdict.status === 'none' && upgrades && key !== undefined && faults.has('edge.websocket-tunnel')) {
    exchange.answer({ status: 101, headers: switched(key) })
    return true
  }
  if (method !== 'GET' || path !== '/temps' || !faults.has('edge.refusal-shows-application')) return false
  const asked = request({ ...connector.requestOptions(hostname), path, headers: { host: hostname } })
  asked.on('error', () => answerBare(exchange, 502, 'Bad Gateway'))
  asked.on('response', (response) => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('end', () => {
      const type = response.headers['content-type'] ?? 'application/octet-stream'
      exchange.answer({ status: head.status, headers: [['content-type', type]] }, Buffer.concat(parts))
    })
  })
  asked.end()
  return true
}

/** RFC 6455 §4.2.2. */
const switched = (key: string): AnswerHead['headers'] => [
  ['upgrade', 'websocket'],
  ['connection', 'Upgrade'],
  [
    'sec-websocket-accept',
    createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64'),
  ],
]
