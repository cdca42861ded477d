/**
 * A cache that should not be there (fault `edge.caches-canary`): it replays the canary's answers, nonce included.
 * @module
 */
import type { Writable } from 'node:stream'
import { canaryPath } from '../hostnames.ts'
import type { AnswerHead, Exchange } from './exchange.ts'

/** Wraps requests of valid clients. */
export interface CanaryCache {
  /** Answers from the cache, or gives the exchange that fills it. */
  through(exchange: Exchange, hostname: string): Exchange | undefined
}

/** A cache whose key ignores the query, but for requests that carry a marker: those are left alone. */
export function createCanaryCache(): CanaryCache {
  const answers = new Map<string, { head: AnswerHead; body: Buffer }>()
  return {
    through(exchange, hostname) {
      const { method, target } = exchange
      if (method !== 'GET' || !target.startsWith(`${canaryPath}?`) || target.includes('&')) return exchange
      const cached = answers.get(hostname)
      if (cached === undefined)
        return recording(exchange, (head, body) => answers.set(hostname, { head, body }))
      exchange.answer(cached.head, cached.body)
      return undefined
    },
  }
}

/** The exchange, with a copy of its answer for `done`. */
export function recording(exchange: Exchange, done: (head: AnswerHead, body: Buffer) => void): Exchange {
  const start = (head: AnswerHead): Writable => {
    const writable = exchange.start(head)
    const chunks: Buffer[] = []
    const write = writable.write.bind(writable) as (chunk: Buffer) => boolean
    writable.write = (chunk: Buffer): boolean => {
      chunks.push(chunk)
      return write(chunk)
    }
    const headers = head.headers.filter(([name]) => name.toLowerCase() !== 'content-length')
    writable.once('finish', () => done({ ...head, headers }, Buffer.concat(chunks)))
    return writable
  }
  return Object.create(exchange, { start: { value: start } }) as Exchange
}
