/**
 * What an answer to `Upgrade` shows. Pure.
 * @module
 */
import { createHash, randomBytes } from 'node:crypto'
import type { HttpAnswer } from '../../harness/probe/types.ts'

type Headers = readonly (readonly [name: string, value: string])[]

const valuesOf = (headers: Headers, name: string): string[] =>
  headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value.trim())

/** Headers that ask for a WebSocket, with a key of its own each time (RFC 6455 §4.1). */
export const webSocketHeaders = (): [string, string][] => [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
]

/** The `Sec-WebSocket-Accept` that answers a key (RFC 6455 §4.2.2). */
export const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/**
 * Whether the connection is something else than HTTP now: `open` where somebody who speaks WebSocket has answered this very key,
 * `unclear` for every other 101; undefined: it is not.
 */
export function upgraded(asked: Headers, http: HttpAnswer | undefined): 'open' | 'unclear' | undefined {
  if (http?.status !== 101) return undefined
  const [key] = valuesOf(asked, 'sec-websocket-key')
  const accepted = valuesOf(http.headers, 'sec-websocket-accept')
  return key !== undefined && accepted.length === 1 && accepted[0] === acceptOf(key) ? 'open' : 'unclear'
}

/** What is said of an `open` one. */
export const tunnelOpen = 'HTTP 101 with the Sec-WebSocket-Accept that answers our key: the WebSocket is open'

/** What to do about an `unclear` one. */
export const whoSwitched =
  'the protocol was switched, and nothing in the answer says by whom: look where requests with Upgrade are sent, and whether the rule about the certificate stands there too'
