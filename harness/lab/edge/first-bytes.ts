/**
 * Reads the ClientHello before TLS begins, however it is cut up, and gives the bytes back.
 * @module
 */
import type { Socket } from 'node:net'
import { type ClientHello, ClientHelloReader } from '../../wire/hello.ts'

/** What a connection begins with; `bytes`, that came in so many `reads`, are to be given to whoever continues. */
export type FirstBytes =
  | { kind: 'client-hello'; hello: ClientHello; bytes: Buffer; reads: number }
  | { kind: 'http'; bytes: Buffer }
  | { kind: 'garbage' }
  | { kind: 'closed' }

/** Capital letters and a blank: the beginning of an HTTP/1 request line. */
const requestLine = /^[A-Z]{1,16}( |$)/

/** Waits for the first message, at most `deadline` milliseconds. The socket is paused afterwards. */
export function readFirstBytes(socket: Socket, deadline: number): Promise<FirstBytes> {
  return new Promise((resolve) => {
    const reader = new ClientHelloReader()
    const chunks: Buffer[] = []
    const done = (result: FirstBytes): void => {
      clearTimeout(timer)
      socket.off('data', onData).off('end', onEnd).off('close', onEnd)
      socket.pause()
      resolve(result)
    }
    const onEnd = (): void => done({ kind: 'closed' })
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      const read = reader.push(chunk)
      if (read.kind === 'need-more') return
      const bytes = Buffer.concat(chunks)
      if (read.kind === 'client-hello')
        done({ kind: 'client-hello', hello: read.hello, bytes, reads: chunks.length })
      else
        done(
          requestLine.test(bytes.toString('latin1', 0, 17)) ? { kind: 'http', bytes } : { kind: 'garbage' },
        )
    }
    const timer = setTimeout(onEnd, deadline)
    socket.on('data', onData).on('end', onEnd).on('close', onEnd)
  })
}
