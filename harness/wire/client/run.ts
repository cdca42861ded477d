/**
 * Running a script from connecting to closing.
 * @module
 */
import { createPrivateKey } from 'node:crypto'
import { connect } from 'node:net'
import { HarnessError } from '../../errors.ts'
import { WireError } from '../bytes.ts'
import { type Tap, tap } from '../tap.ts'
import { Channel, ScriptError } from './channel.ts'
import { chainOf } from './client-messages.ts'
import { contentType } from './encode.ts'
import { AlertReceived, ClosedByServer, Session } from './session.ts'
import { handshake12 } from './tls12.ts'
import { handshake13 } from './tls13.ts'
import type { Script, ScriptEnd, ScriptResult } from './types.ts'

const mostResponse = 2 ** 20

/**
 * Connects, follows the script, sends the request, reads the answer. What happened is in the result, whatever it was;
 * `readTranscript(result)` tells it message by message. Ends within {@link Script.deadline}.
 *
 * The request follows the last flight at once, so in TLS 1.3 the server's late verdict (RFC 8446 §4.4.2.4) is waited
 * for, not raced. The server is not authenticated.
 *
 * Rejects with HarnessError `ERR_CERTIFICATE` or `ERR_PRIVATE_KEY` where the identity cannot be read.
 */
export async function runScript(script: Script): Promise<ScriptResult> {
  if (script.identity !== undefined) checkIdentity(script.identity)
  // Small writes follow each other: without this the second waits for the peer's delayed ACK.
  const recorded = tap(connect({ host: script.host, port: script.port, noDelay: true }))
  const { stream } = recorded
  const session = new Session(script, new Channel(stream))
  const response = new Response()
  let late = false
  const stop = (): void => {
    late = true
    stream.destroy(new Error('deadline'))
  }
  const timer = setTimeout(stop, script.deadline ?? 5000)
  script.signal?.addEventListener('abort', stop, { once: true })
  if (script.signal?.aborted === true) stop()
  // The iterator of the channel has it too, but is not always being waited for.
  stream.on('error', () => {})
  let ending: { end: ScriptEnd; reason: string }
  try {
    ending = await follow(session, response)
  } catch (error) {
    ending = late ? { end: 'deadline', reason: 'the deadline came' } : explain(error, recorded)
  } finally {
    clearTimeout(timer)
    script.signal?.removeEventListener('abort', stop)
    stream.destroy()
  }
  const { chunks, dropped, closedBy, closedAt } = recorded
  const { asked, complete, keylog, proof, retried } = session
  return {
    chunks,
    dropped,
    closedBy,
    closedAt,
    keylog,
    asked,
    handshake: complete,
    proof,
    retried,
    response: response.bytes,
    ...ending,
  }
}

async function follow(session: Session, response: Response): Promise<{ end: ScriptEnd; reason: string }> {
  const { script, channel } = session
  const onHandshake = await (script.version === 'TLSv1.3' ? handshake13 : handshake12)(session)
  if (script.mutate?.finished === undefined) channel.send(contentType.applicationData, script.request)
  for (;;) {
    const incoming = await session.incoming()
    if (incoming.kind === 'handshake') onHandshake(incoming.type, incoming.body)
    if (incoming.kind !== 'data') continue
    if (!response.add(incoming.bytes)) return { end: 'done', reason: 'the answer is longer than is kept' }
    if (script.done?.(response.bytes) === true) return { end: 'done', reason: 'the answer is complete' }
  }
}

/** Bounded, and never joined again for what is added. */
class Response {
  readonly #room = Buffer.alloc(mostResponse)
  #size = 0

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#size)
  }

  /** False: it is full. */
  add(bytes: Buffer): boolean {
    this.#size += bytes.copy(this.#room, this.#size)
    return this.#size < mostResponse
  }
}

function checkIdentity({ cert, key }: { cert: string; key: string }): void {
  try {
    if (chainOf(cert).length === 0) throw new Error('no certificate in it')
  } catch (cause) {
    throw new HarnessError('ERR_CERTIFICATE', 'the client certificate is not readable as PEM', { cause })
  }
  try {
    createPrivateKey(key)
  } catch (cause) {
    throw new HarnessError('ERR_PRIVATE_KEY', 'the client key is not readable as an unencrypted PEM key', {
      cause,
    })
  }
}

function explain(error: unknown, recorded: Tap): { end: ScriptEnd; reason: string } {
  if (!(error instanceof Error)) throw error
  const reason = error.message
  if (error instanceof AlertReceived) return { end: 'alert', reason }
  if (error instanceof ClosedByServer) return { end: 'closed', reason }
  if (error instanceof ScriptError || error instanceof WireError) return { end: 'unsupported', reason }
  if (recorded.closedBy !== undefined) return { end: 'closed', reason }
  if ('syscall' in error) return { end: 'unreachable', reason }
  throw error
}
