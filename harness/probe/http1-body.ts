/**
 * Bodies of HTTP/1.1 answers: by length, chunked, or until the connection closes; bounded.
 * @module
 */

/** Bytes of a body that are kept; the answer is `truncated` beyond. */
export const bodyLimit = 64 * 1024

/** A body as far as it was read. */
export interface Body {
  bytes: Buffer
  used: number
  /** Bytes of this body that are still to come; Infinity where its end cannot be known. */
  remaining: number
  truncated: boolean
}

/** Reads the body that follows a head (RFC 9112 §6); `more`: it has not ended and is not too long. Pure. */
export function readBody(rest: Buffer, headers: [string, string][], ended: boolean): Body | 'more' {
  const values = (name: string): string[] =>
    headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
  if (values('transfer-encoding').some((value) => /\bchunked\b/i.test(value))) return readChunked(rest, ended)
  const [length] = values('content-length')
  if (length !== undefined && /^\d+$/.test(length)) {
    const wanted = Number(length)
    if (rest.length >= wanted)
      return { bytes: rest.subarray(0, wanted), used: wanted, remaining: 0, truncated: false }
    if (rest.length > bodyLimit || ended)
      return { bytes: rest, used: rest.length, remaining: wanted - rest.length, truncated: true }
    return 'more'
  }
  if (rest.length > bodyLimit) return { ...endless(rest), bytes: rest }
  return ended ? { bytes: rest, used: rest.length, remaining: 0, truncated: false } : 'more'
}

/** A body whose end is out of sight: nothing behind it can be read. */
const endless = (rest: Buffer): Omit<Body, 'bytes'> => ({
  used: rest.length,
  remaining: Number.POSITIVE_INFINITY,
  truncated: true,
})

/** Longest line of a chunk's size and extensions. */
const chunkLineLimit = 16 * 1024

// RFC 9112 §7.1.
function readChunked(rest: Buffer, ended: boolean): Body | 'more' {
  const parts: Buffer[] = []
  let total = 0
  let at = 0
  const cut = (): Body => ({ ...endless(rest), bytes: Buffer.concat(parts) })
  for (;;) {
    const line = rest.indexOf('\r\n', at)
    if (line === -1) return ended || rest.length - at > chunkLineLimit ? cut() : 'more'
    const size = chunkSize(rest.subarray(at, Math.min(line, at + chunkLineLimit)))
    if (size === undefined) return cut()
    const begin = line + 2
    if (size === 0) {
      const end = endOfTrailers(rest, begin)
      if (end !== undefined) return { bytes: Buffer.concat(parts), used: end, remaining: 0, truncated: false }
      return ended || rest.length - begin > bodyLimit ? cut() : 'more'
    }
    const data = rest.subarray(begin, begin + size)
    parts.push(data)
    total += data.length
    if (total > bodyLimit) return cut()
    at = begin + size + 2
    if (rest.length < at) return ended ? cut() : 'more'
    if (rest.toString('latin1', at - 2, at) !== '\r\n') return cut()
  }
}

/** The size a chunk's first line gives (hexadecimal, extensions ignored); undefined: it is no such line. */
function chunkSize(line: Buffer): number | undefined {
  const match = /^([0-9a-f]{1,16})[ \t]*(?:;|$)/i.exec(line.toString('latin1'))
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 16)
}

/** Where the trailers that begin at `begin` are over: behind an empty line. */
function endOfTrailers(rest: Buffer, begin: number): number | undefined {
  if (rest.toString('latin1', begin, begin + 2) === '\r\n') return begin + 2
  const end = rest.indexOf('\r\n\r\n', begin)
  return end === -1 ? undefined : end + 4
}
