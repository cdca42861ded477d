/**
 * What is printed, with its commands as the process was started. JSON stays as it is: programs read it.
 * @module
 */
import { asStarted, startedAs } from '../../reports/started-as.ts'

/** A stream that texts are written to. */
interface Stream {
  write(chunk: string | Uint8Array, ...rest: never[]): boolean
}

/** From now on the stream writes commands as started. @param as default: how this process was. */
export function speakAsStarted(stream: Stream, as: string = startedAs()): void {
  if (as === 'harness') return
  const write = stream.write.bind(stream)
  stream.write = (chunk, ...rest) =>
    write(typeof chunk === 'string' && !/^\s*[[{]/.test(chunk) ? asStarted(chunk, as) : chunk, ...rest)
}
