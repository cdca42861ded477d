/**
 * Requests in an odd form that never get to the rules (faults).
 * @module
 */
import { request } from 'node:http'
import type { Faults } from '../faults.ts'
import { answerBare } from './answers.ts'
import { parseAuthority, parseTarget } from './authority.ts'
import type { Connection } from './connection.ts'
import type { Exchange } from './exchange.ts'
import type { Decision } from './policy.ts'
import { noCertificate } from './verdict.ts'

/** Fault `edge.malformed-to-application`: a Host that cannot be read leads to the application of the protected host. */
export function malformedForwarded(
  { http, authorities, target }: Exchange,
  { host }: Connection,
  faults: Faults,
): Decision | undefined {
  if (!faults.has('edge.malformed-to-application') || host?.mtls?.mode !== 'enforce' || http !== 1)
    return undefined
  const readable = authorities.length === 1 && authorities.every((one) => parseAuthority(one) !== undefined)
  const path = parseTarget(target)?.path
  if (readable || path === undefined) return undefined
  return { kind: 'forward', host, hostname: host.hostname, path, verdict: noCertificate }
}

/** Faults of proxies for everybody: the request has been answered. Only this machine is gone to; other names are not looked up. */
export function proxied(exchange: Exchange, { transport }: Connection, faults: Faults): boolean {
  if (transport !== 'tls') return false
  if (exchange.method === 'CONNECT' && faults.has('edge.opens-tunnels')) {
    exchange.answer({ status: 200, headers: [] })
    return true
  }
  const [, name = '', port, path = '/'] = /^http:\/\/([^/:]+)(?::(\d+))?(\/.*)?$/.exec(exchange.target) ?? []
  if (name === '' || !faults.has('edge.forward-proxy')) return false
  if (name !== '127.0.0.1') {
    answerBare(exchange, 502, `DNS lookup failure for: ${name}`)
    return true
  }
  const asked = request({ host: name, port: Number(port ?? 80), path, method: exchange.method })
  asked.on('response', (response) => {
    response.resume()
    exchange.answer({ status: response.statusCode ?? 502, headers: [] })
  })
  asked.on('error', () => answerBare(exchange, 503, 'Service Unavailable'))
  asked.end()
  return true
}
