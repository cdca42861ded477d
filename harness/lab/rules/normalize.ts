/**
 * URL normalization of incoming requests, type "Cloudflare", which is on unless an operator switches it off: rules look at
 * the normalised path, so that `/%61dmin` and `//admin` are `/admin` for them.
 * Source: developers.cloudflare.com rules/normalization/how-it-works.
 * @module
 */

// Nothing to do for most paths: only these characters make a difference.
const plain = /^(?:\/(?!\/|\.{1,2}(?:\/|$))[A-Za-z0-9\-._~:[\]@!$&'()*+,;=]*)+$/

/** The path as rules see it. */
export function normalizePath(path: string): string {
  if (plain.test(path)) return path
  const merged = path.replaceAll('\\', '/').replace(/\/{2,}/g, '/')
  return removeDotSegments(normalizeEncoding(merged))
}

/** Unreserved characters decoded, other bytes encoded, hex in upper case (RFC 3986 §6.2.2). */
function normalizeEncoding(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/gu, (found, hex) => {
    if (typeof hex !== 'string') return percent(found)
    const char = String.fromCharCode(Number.parseInt(hex, 16))
    return /[A-Za-z0-9\-._~]/.test(char) ? char : found.toUpperCase()
  })
}

const percent = (char: string): string =>
  [...Buffer.from(char, 'utf8')]
    .map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)
    .join('')

/** RFC 3986 §5.2.4. */
function removeDotSegments(path: string): string {
  const output: string[] = []
  const segments = path.split('/')
  for (const [at, segment] of segments.entries()) {
    const last = at === segments.length - 1
    if (segment === '..') output.length = Math.max(1, output.length - 1)
    if (segment !== '.' && segment !== '..') output.push(segment)
    else if (last) output.push('')
  }
  return output.join('/')
}
