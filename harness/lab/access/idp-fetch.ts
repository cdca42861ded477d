/**
 * How Access calls identity providers: on loopback addresses only, bounded in size and time, no redirects.
 * @module
 */

/** A part of `fetch`. */
export type IdpFetch = (url: string, options: RequestInit) => Promise<Response>

const patience = 5000
const largest = 1024 * 1024

/** Where the lab may call: what cannot leave the machine. */
export function isLoopback(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) return false
  return /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(parsed.hostname)
}

/** @throws Error when the address is not of this machine, the answer too large or too late. */
export const loopbackFetch: IdpFetch = async (url, options) => {
  if (!isLoopback(url)) throw new Error('an identity provider outside this machine is never called')
  const signal = AbortSignal.timeout(patience)
  const answer = await fetch(url, { ...options, redirect: 'manual', signal })
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.byteLength
    if (size > largest) throw new Error('the identity provider’s answer is too large')
    parts.push(part)
  }
  const body = [204, 205, 304].includes(answer.status) ? null : Buffer.concat(parts)
  return new Response(body, { status: answer.status, headers: answer.headers })
}
