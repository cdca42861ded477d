/**
 * Paths of requests: normalised for comparing, checked for redirecting.
 * @module
 */

/** The path of an origin-form target, without query and fragment. */
export const pathOf = (target: string): string => target.split(/[?#]/, 1)[0] ?? ''

/** The query of a target. */
export function queryOf(target: string): URLSearchParams {
  const at = target.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : (target.slice(at + 1).split('#', 1)[0] ?? ''))
}

/**
 * The path as rules see it (developers.cloudflare.com rules/normalization): unreserved characters decoded, `\` as `/`,
 * slashes merged, dot segments resolved. Escaped slashes stay escaped.
 */
export function normalisePath(path: string): string {
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (written, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[A-Za-z0-9\-._~]/.test(character) ? character : written
  })
  const segments = decoded.replaceAll('\\', '/').split('/')
  const kept: string[] = []
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const last = segments.at(-1)
  const slash = kept.length > 0 && (last === '' || last === '.' || last === '..') ? '/' : ''
  return `/${kept.join('/')}${slash}`
}

const longest = 4096

/**
 * Whether a text may follow `https://host` in a Location: a path with query of this host and nothing that a browser could
 * read as another one (RFC 9700 §4.11).
 */
export const isLocalTarget = (text: string): boolean =>
  text.length <= longest && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text)

/** The target, or `/` where it is not fit for redirecting to. */
export const localTarget = (text: string): string => (isLocalTarget(text) ? text : '/')

/** An absolute URL on the edge; the port is left out where it is the default one. */
export const edgeUrl = (hostname: string, port: number, target: string): string =>
  `https://${hostname}${port === 443 ? '' : `:${port}`}${target}`
