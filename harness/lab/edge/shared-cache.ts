/**
 * A cache in front of everything that asks for credentials (faults `edge.caches-for-everybody`, `edge.caches-static-names`):
 * what good clients got is given to whoever asks for the same URL.
 * @module
 */
import type { Faults } from '../faults.ts'
import { recording } from './canary-cache.ts'
import type { AnswerHead, Exchange } from './exchange.ts'

/** Wraps requests that were let in, and answers those that were not. */
export interface SharedCache {
  /** The exchange that fills the cache as it goes. */
  keeping(exchange: Exchange, hostname: string): Exchange
  /** Answers a request that would be refused. True: it did. */
  answers(exchange: Exchange, hostname: string): boolean
}

/** Answers kept; the oldest goes first. */
const most = 500

/** Empty, and stays so without its faults. */
export function createSharedCache(faults: Faults): SharedCache {
  if (!faults.has('edge.caches-for-everybody') && !faults.has('edge.caches-static-names'))
    return { keeping: (exchange) => exchange, answers: () => false }
  const kept = new Map<string, { head: AnswerHead; body: Buffer }>()
  const keyOf = ({ method, target }: Exchange, hostname: string): string | undefined =>
    method === 'GET' && isKept(target, faults) ? `${hostname} ${target}` : undefined
  return {
    keeping(exchange, hostname) {
      const key = keyOf(exchange, hostname)
      if (key === undefined) return exchange
      return recording(exchange, (head, body) => {
        const [oldest] = kept.keys()
        if (kept.size >= most && oldest !== undefined) kept.delete(oldest)
        kept.set(key, { head, body })
      })
    },
    answers(exchange, hostname) {
      const key = keyOf(exchange, hostname)
      const found = key === undefined ? undefined : kept.get(key)
      if (found === undefined) return false
      exchange.answer({ ...found.head, headers: [...found.head.headers, ['age', '1']] }, found.body)
      return true
    },
  }
}

function isKept(target: string, faults: Faults): boolean {
  const [path = '', query] = target.split('?', 2)
  if (/\.(?:css|js|png)$/.test(path)) return faults.has('edge.caches-static-names')
  return query !== undefined && faults.has('edge.caches-for-everybody')
}
