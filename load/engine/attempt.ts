/**
 * One attempt: TCP, TLS, one request, verdict. Nothing is reused and nothing resumed, and the connection is reset at the end:
 * thousands of connections in TIME_WAIT would exhaust the ports.
 *
 * It goes on to a request even though a handshake seems to have succeeded: in TLS 1.3 the client is done before the server
 * has judged its certificate, and nginx, Node and Cloudflare judge after the handshake in any version.
 * @module
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { checkPath } from '../safety/url.ts'
import type { Lane, Outcome } from './types.ts'

/** How an attempt ended. */
export interface AttemptResult {
  outcome: Outcome
  /** Number of the TLS alert. */
  alert?: number
  /** Text of a local failure. */
  problem?: string
  /** Milliseconds from its start to the verdict. */
  verdictMs: number
  bytesWritten: number
}

/** A lane, ready for many attempts. */
export interface PreparedLane {
  lane: Lane
  context: SecureContext
  request: string
}

/** More of an answer is not read. */
const mostBytes = 65_536

/** Loads the identity once. @throws Error when certificate and key cannot be read or do not match. */
export function prepareLane(lane: Lane): PreparedLane {
  const { identity, version, groups = 'X25519' } = lane
  // OpenSSL takes an RSA key beside an ECDSA certificate without a word, and then sends no certificate.
  if (
    identity !== undefined &&
    !new X509Certificate(identity.cert).checkPrivateKey(createPrivateKey(identity.key))
  )
    throw new Error(`certificate and private key of ${lane.id} do not match`)
  const context = createSecureContext({
    minVersion: version,
    maxVersion: version,
    ecdhCurve: version === 'TLSv1.2' ? groupsWithCertificateCurves(groups) : groups,
    // A weak identity must leave us: the refusal has to be the server's.
    ciphers: 'DEFAULT:@SECLEVEL=0',
    ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
  })
  // No `Connection: close`: the server would end the connection first, and its side would stay in TIME_WAIT.
  const request = `GET ${checkPath(lane.path ?? '/')} HTTP/1.1\r\nHost: ${lane.servername}\r\n\r\n`
  return { lane, context, request }
}

// In TLS 1.2 the list also says which curves the server's certificate may have: X25519 alone excludes every ECDSA server
// (load-anchors 3.4, where all lanes "cost" the same because all had failed).
const groupsWithCertificateCurves = (groups: string): string =>
  [...new Set([...groups.split(':'), 'P-256', 'P-384', 'P-521'])].join(':')

/** Makes one attempt. Never throws. Aborted, it is given up at once. */
export function attempt(
  { lane, context, request }: PreparedLane,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const start = performance.now()
    const tcp = connectTcp({ host: lane.host, port: lane.port, noDelay: true })
    const tls = connectTls({
      socket: tcp,
      secureContext: context,
      servername: lane.servername,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    })
    let connected = false
    let settled = false
    let answer = ''
    const settle = (outcome: Outcome, more: { alert?: number; problem?: string } = {}): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      const verdictMs = performance.now() - start
      const { bytesWritten } = tcp
      tcp.resetAndDestroy()
      tls.destroy()
      resolve({ outcome, ...more, verdictMs, bytesWritten })
    }
    const giveUp = (): void => settle(connected ? 'timeout' : 'unreachable')
    const timer = setTimeout(giveUp, timeoutMs)
    signal?.addEventListener('abort', giveUp)
    const failed = (error: NodeJS.ErrnoException): void => {
      const known = readError(error, connected)
      // A status line that arrived before the connection broke is the verdict.
      const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(answer) ?? []
      if (status === undefined) settle(known.outcome, known)
      else settle(judge(lane, Number(status), answer))
    }
    tcp.once('connect', () => {
      connected = true
    })
    tcp.on('error', failed)
    tls.on('error', failed)
    tls.once('secureConnect', () => tls.write(request))
    tls.setEncoding('latin1')
    tls.on('data', (chunk: string) => {
      answer += chunk
      const complete = answer.length >= mostBytes || isComplete(answer)
      if (complete) settle(judge(lane, statusOf(answer), answer))
    })
    const ended = (): void => settle(answer === '' ? 'close' : judge(lane, statusOf(answer), answer))
    tls.once('end', ended)
    tls.once('close', ended)
  })
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? Number.NaN)

/** Whether head and body are there; a body without a length or chunks ends with the connection. */
function isComplete(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = answer.slice(0, end)
  if (/\r\ntransfer-encoding:[ \t]*chunked/i.test(head)) return answer.endsWith('\r\n0\r\n\r\n')
  const [, length] = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head) ?? []
  return length !== undefined && answer.length >= end + 4 + Number(length)
}

function judge({ statuses, marker }: Lane, status: number, answer: string): Outcome {
  const allowed = statuses?.includes(status) ?? (status >= 200 && status < 300)
  if (allowed && (marker === undefined || answer.includes(marker))) return 'allowed'
  if (status === 400) return 'http-400'
  return status === 403 ? 'http-403' : 'http-other'
}

/** Errors of the connection; whatever is neither the peer's alert nor its closing is our own. */
const closing = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

function readError(
  error: NodeJS.ErrnoException,
  connected: boolean,
): { outcome: Outcome; alert?: number; problem?: string } {
  if (!connected) return { outcome: 'unreachable', problem: error.code ?? error.message }
  const [, alert] = /SSL alert number (\d+)/.exec(error.message) ?? []
  if (alert !== undefined) return { outcome: 'alert', alert: Number(alert) }
  const { code = '' } = error
  if (closing.has(code) || code === 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING') return { outcome: 'close' }
  return { outcome: 'local', problem: code === '' ? error.message : code }
}
