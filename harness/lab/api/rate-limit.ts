/**
 * How many requests a credential may send: 1,200 in five minutes, and after exceeding that none for five minutes.
 * @module
 */
import { ApiError } from './errors.ts'
import type { ApiLimits } from './limits.ts'

/** Where one credential stands. */
interface Window {
  startedAt: number
  count: number
  blockedUntil: number
}

/** Counts requests. */
export interface RateLimiter {
  /**
   * Counts one request.
   * @returns headers for its answer.
   * @throws ApiError 429 / 10500 with `retry-after` when there are too many.
   */
  count(who: string, now: number): Record<string, string>
}

/** A limiter; times are epoch milliseconds of the lab's clock. */
export function createRateLimiter(limits: Pick<ApiLimits, 'requests' | 'windowSeconds'>): RateLimiter {
  const windows = new Map<string, Window>()
  return {
    count(who, now) {
      const length = limits.windowSeconds * 1000
      let window = windows.get(who)
      if (window === undefined || (now >= window.startedAt + length && now >= window.blockedUntil)) {
        window = { startedAt: now, count: 0, blockedUntil: 0 }
        windows.set(who, window)
      }
      window.count += 1
      if (window.count > limits.requests && window.blockedUntil === 0) window.blockedUntil = now + length
      const reset = Math.max(window.blockedUntil, window.startedAt + length)
      const headers = headersOf(limits, Math.max(0, limits.requests - window.count), reset, now)
      if (window.blockedUntil === 0) return headers
      throw new ApiError(
        429,
        10_500,
        `More than ${limits.requests} requests per ${limits.windowSeconds} seconds reached. Please wait and consider throttling your request speed`,
        { ...headers, 'retry-after': String(Math.max(1, Math.ceil((window.blockedUntil - now) / 1000))) },
      )
    },
  }
}

/** The headers of today (IETF draft) and the `x-ratelimit-…` of older documentation. */
function headersOf(
  { requests, windowSeconds }: Pick<ApiLimits, 'requests' | 'windowSeconds'>,
  remaining: number,
  resetAt: number,
  now: number,
): Record<string, string> {
  const seconds = Math.max(0, Math.ceil((resetAt - now) / 1000))
  return {
    ratelimit: `"default";r=${remaining};t=${seconds}`,
    'ratelimit-policy': `"default";q=${requests};w=${windowSeconds}`,
    'x-ratelimit-limit': String(requests),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(seconds),
  }
}
