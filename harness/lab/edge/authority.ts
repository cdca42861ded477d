/**
 * The host a request names, compared as RFC 9110 §4.2.3 and RFC 3986 §3.2.2 allow and no further.
 * @module
 */

/** A host as written, and what it means. */
export interface Authority {
  /** Lower case, without port and without one trailing dot. */
  name: string
  port: number | undefined
  /** How the writing differs from the canonical one. */
  upperCase: boolean
  trailingDot: boolean
}

/** Reads `host[:port]`; undefined for userinfo, brackets, blanks, percent-encoding or several ports. */
export function parseAuthority(text: string): Authority | undefined {
  const match = /^([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(\.?)(?::(\d{1,5}))?$/.exec(text)
  if (match === null) return undefined
  const [, name = '', dot = '', port] = match
  return {
    name: name.toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    upperCase: name !== name.toLowerCase(),
    trailingDot: dot !== '',
  }
}

/** The target of a request: absolute-form overrides Host (RFC 9112 §3.2.2). */
export function parseTarget(target: string): { absolute: string | undefined; path: string } | undefined {
  if (target === '*') return { absolute: undefined, path: '*' }
  if (target.startsWith('/')) return { absolute: undefined, path: target }
  const match = /^https?:\/\/([^/?#]*)([^#]*)$/i.exec(target)
  if (match === null) return undefined
  const [, absolute = '', rest = ''] = match
  return { absolute, path: rest.startsWith('/') ? rest : `/${rest}` }
}
