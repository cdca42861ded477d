/**
 * A canary: one good request after the other beside the load, and the end of the run when they fail.
 * @module
 */
import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { HarnessError } from '../../harness/errors.ts'

/** How it watches. */
export interface CanaryOptions {
  /** One good request; true: it got its answer. A throw counts as false. */
  ask: (signal: AbortSignal) => Promise<boolean>
  /** Milliseconds between two; default 1000. */
  every?: number
  /** Failures in a row that stop the run; default 3. */
  failures?: number
  /** Called once, with the reason. */
  onStop: (reason: string) => void
}

/** A canary that watches until it is stopped. */
export interface Canary {
  /** Requests so far, and those that failed. */
  counts(): { asked: number; failed: number }
  /** Waits for the request under way. */
  stop(): Promise<void>
}

/** Starts watching. */
export function startCanary(options: CanaryOptions): Canary {
  const { ask, every = 1000, failures = 3, onStop } = options
  const end = new AbortController()
  let asked = 0
  let failed = 0
  const watch = async (): Promise<void> => {
    let row = 0
    while (!end.signal.aborted) {
      const good = await ask(end.signal).catch(() => false)
      if (end.signal.aborted) return
      asked += 1
      row = good ? 0 : row + 1
      if (!good) failed += 1
      if (row >= failures) {
        onStop(`the canary: ${row} good requests in a row failed`)
        return
      }
      await sleep(every, undefined, { signal: end.signal }).catch(() => undefined)
    }
  }
  const watching = watch()
  return {
    counts: () => ({ asked, failed }),
    async stop() {
      end.abort()
      await watching
    },
  }
}

/** A request as {@link CanaryOptions.ask} wants it: a connection of its own, true for a 2xx within the deadline. */
export function canaryRequest(target: {
  url: string
  address: string
  identity?: { cert: string; key: string }
  /** Milliseconds; default 3000. */
  deadline?: number
}): (signal: AbortSignal) => Promise<boolean> {
  const { url, address, identity, deadline = 3000 } = target
  const { hostname, port, pathname, search } = new URL(url)
  return (signal) =>
    new Promise((resolve) => {
      const asked = request({
        host: address,
        port: port === '' ? 443 : Number(port),
        path: pathname + search,
        servername: hostname,
        headers: { host: new URL(url).host },
        agent: false,
        // Whether the server still answers is asked, not who it is.
        rejectUnauthorized: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadline)]),
        ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
      })
      asked.once('error', () => resolve(false))
      asked.once('response', (response) => {
        response.resume()
        response.once('error', () => resolve(false))
        response.once('end', () => resolve(Math.floor((response.statusCode ?? 0) / 100) === 2))
      })
      asked.end()
    })
}

/**
 * The canary of a run, where its target needs one.
 * @throws HarnessError ERR_USAGE when it needs one and there is no identity that gets in.
 */
export function canaryFor(
  target: { canary: boolean; address: string; host: string },
  url: string,
  identity: { cert: string; key: string } | undefined,
  onStop: (reason: string) => void,
): Canary | undefined {
  if (!target.canary) return undefined
  if (identity === undefined) {
    throw new HarnessError(
      'ERR_USAGE',
      `${target.host} needs a good identity for the canary that watches the load`,
    )
  }
  return startCanary({ ask: canaryRequest({ url, address: target.address, identity }), onStop })
}
