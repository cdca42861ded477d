/**
 * TCP, with the reasons it can fail for told apart.
 * @module
 */
import { connect, isIP, type Socket } from 'node:net'
import type { Judgement } from './judge.ts'
import type { Endpoint } from './types.ts'

/** A connected socket, or why there is none. */
export type Connected = { socket: Socket } | { failure: Judgement }

/** Connects to the endpoint's address (default: its hostname) and port (default 443). Never rejects. */
export function connectTcp(endpoint: Endpoint, signal: AbortSignal): Promise<Connected> {
  const host = (endpoint.address ?? endpoint.hostname).replace(/^\[|\]$/g, '')
  const port = endpoint.port ?? 443
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ failure: abandoned(signal) })
      return
    }
    const socket = connect({ host, port, noDelay: true, autoSelectFamily: isIP(host) === 0 })
    const onAbort = (): void => {
      socket.destroy()
      resolve({ failure: abandoned(signal) })
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.removeAllListeners('error')
      resolve({ socket })
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', onAbort)
      resolve({ failure: explain(error, host, port) })
    })
  })
}

/** The judgement for an attempt that its signal stopped: the deadline, or the caller. */
export const abandoned = (signal: AbortSignal, late = 'no connection before the deadline'): Judgement =>
  signal.reason === deadlineReason
    ? { verdict: 'inconclusive', code: 'timeout', layer: 'tcp', summary: late }
    : { verdict: 'inconclusive', code: 'aborted', layer: 'tcp', summary: 'stopped before it could finish' }

/** Abort reason that means: the attempt's own deadline has passed. */
export const deadlineReason: unique symbol = Symbol('deadline')

function explain(error: NodeJS.ErrnoException, host: string, port: number): Judgement {
  // With several addresses Node reports an AggregateError; the first one tells enough.
  const cause = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error
  const tcp = (verdict: Judgement['verdict'], code: Judgement['code'], summary: string): Judgement => ({
    verdict,
    code,
    layer: 'tcp',
    summary,
  })
  if (cause.code === 'ECONNREFUSED')
    return tcp('refused', 'tcp-refused', `nothing listens on ${host}:${port} (connection refused)`)
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') {
    return tcp('inconclusive', 'unreachable', `the name ${host} does not resolve (${cause.code})`)
  }
  return tcp(
    'inconclusive',
    'unreachable',
    `cannot connect to ${host}:${port} (${cause.code ?? 'unknown error'})`,
  )
}
