/**
 * Hostnames, addresses and durations as people write them.
 * @module
 */
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { HarnessError } from '../errors.ts'
import { quoted } from './problems.ts'

/** Where connections go. */
export interface ConnectTo {
  /** IPv4, IPv6 without brackets, or a name. */
  address: string
  port: number
}

/**
 * Reads `ADDRESS:PORT`, where an IPv6 address stands in brackets (RFC 3986 §3.2.2).
 * @throws {HarnessError} ERR_USAGE
 */
export function parseConnect(text: string): ConnectTo {
  const bad = (message: string): HarnessError =>
    new HarnessError('ERR_USAGE', message, {
      hint: 'write ADDRESS:PORT, e.g. 203.0.113.7:443 or [2001:db8::7]:443',
    })
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw bad(`${shown(text)} is a URL, not ADDRESS:PORT`)
  if (isIP(text) === 6) throw bad(`${quoted(text)} has no port, and an IPv6 address stands in brackets`)
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text)
  if (parts === null) throw bad(`${shown(text)} is not ADDRESS:PORT`)
  const [, v6, plain, portText] = parts
  if (portText === undefined) throw bad(`${shown(text)} has no port`)
  const port = Number(portText)
  if (!/^\d{1,5}$/.test(portText) || port < 1 || port > 65535) {
    throw bad(`${quoted(portText)} is not a port, 1 to 65535`)
  }
  if (v6 !== undefined) {
    if (isIP(v6) !== 6) throw bad(`${quoted(v6)} is not an IPv6 address`)
    return { address: v6, port }
  }
  const address = plain ?? ''
  // All digits and dots can only have been meant as an IPv4 address; a resolver would read `10.1` as 10.0.0.1.
  const asName = /^[\d.]+$/.test(address) ? undefined : toHostname(address)
  if (isIP(address) !== 4 && asName === undefined)
    throw bad(`${quoted(address)} is not an address or a hostname`)
  return { address: asName ?? address, port }
}

/** A host as it stands before a port: an IPv6 address in brackets (RFC 3986 §3.2.2). */
export const bracketed = (host: string): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]` : host

/**
 * Reads a hostname: lower case, international names as `xn--`, no dot at the end (RFC 6066 §3 wants it so for SNI).
 * @throws {HarnessError} ERR_USAGE, saying which part to leave out
 */
export function parseHostname(text: string): string {
  const given = withoutUser(text.trim())
  const url = /^[a-z][a-z0-9+.-]*:\/\/(\[[^\]]*\]|[^/:?#]+)(?::(\d+))?/i.exec(given)
  const named = url ?? /^(\[[^\]]*\]|[^/:?#[\]]+)(?::(\d+))?(?:[/?#].*)?$/.exec(given)
  const [, name = given, port] = named ?? []
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || isIP(given) !== 0) {
    throw new HarnessError('ERR_USAGE', `${shown(text)} is an address: give the hostname that is protected`, {
      hint: 'SNI names hosts, not addresses (RFC 6066 §3); to go to this address use --connect-to, or connect: in the file',
    })
  }
  if (name !== given || given !== text.trim()) {
    const rest = portHint(name, port)
    throw new HarnessError(
      'ERR_USAGE',
      `${shown(text)} is not a hostname: give the hostname only: ${name}${rest}`,
    )
  }
  if (given.startsWith('*.')) {
    throw new HarnessError('ERR_USAGE', `${shown(text)} is a wildcard: give one hostname that it covers`)
  }
  const hostname = toHostname(given)
  if (hostname === undefined) {
    throw new HarnessError('ERR_USAGE', `${shown(text)} is not a hostname`, {
      hint: 'letters, digits and - in labels of at most 63, separated by dots, e.g. api.example.com',
    })
  }
  return hostname
}

// A pasted URL can hold a password before the @ and a token in the query: neither may be repeated.
const withoutUser = (text: string): string => text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i, '$1')
const shown = (text: string): string => quoted(withoutUser(text.trim()).replace(/[?#].*$/s, ''))

const portHint = (name: string, port: string | undefined): string =>
  port === undefined || port === '443' ? '' : `, and the port with connect: ${name}:${port} (--connect-to)`

// `_` is not in RFC 952, but names with it exist and work.
function toHostname(text: string): string | undefined {
  if (text.includes('%')) return undefined
  const ascii = domainToASCII(text.replace(/\.$/, ''))
  const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
  if (ascii === '' || ascii.length > 253 || isIP(ascii) !== 0) return undefined
  return ascii.split('.').every((part) => label.test(part)) ? ascii : undefined
}

/** Reads `5s`, `800ms`, `1m` or a number of milliseconds; undefined where it is none, or not within 100 ms to 10 min. */
export function parseDeadline(value: string | number): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*(ms|s|m)?$/.exec(String(value).trim())
  if (parts === null) return undefined
  const unit = parts[2] === 'm' ? 60_000 : parts[2] === 's' ? 1000 : 1
  const ms = Number(parts[1]) * unit
  return ms >= 100 && ms <= 600_000 ? Math.round(ms) : undefined
}
