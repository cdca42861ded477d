/**
 * What an application's `host/path` patterns cover (developers.cloudflare.com cloudflare-one, "Application paths").
 * @module
 */

/** A pattern, taken apart. */
export interface Pattern {
  /** As the operator wrote it. */
  text: string
  /** Labels, lower case. */
  labels: readonly string[]
  host: string
  /** Begins with `/`; undefined: the whole host. */
  path: string | undefined
  /** Compared from the left: the greater one is more specific. */
  rank: readonly number[]
}

const literals = (glob: string): number => glob.replaceAll('*', '').length
const stars = (glob: string): number => glob.split('*').length - 1

/** Takes a pattern apart: `*.example.com/api/*`. A scheme is no part of it. */
export function parsePattern(text: string): Pattern {
  const slash = text.indexOf('/')
  const host = (slash < 0 ? text : text.slice(0, slash)).toLowerCase()
  const written = slash < 0 ? '' : text.slice(slash).replace(/\/+$/, '')
  const path = written === '' ? undefined : written
  // That the host decides before the path is our choice; between paths the documentation has the more specific one win.
  const rank = [-stars(host), literals(host), literals(path ?? ''), path === undefined ? 0 : -stars(path)]
  return { text, labels: host.split('.'), host, path, rank }
}

/** The more specific one first. */
export function bySpecificity(a: Pattern, b: Pattern): number {
  for (const [index, value] of a.rank.entries()) {
    const difference = (b.rank[index] ?? 0) - value
    if (difference !== 0) return difference
  }
  return 0
}

/** A wildcard stands for anything within one label. @param hostname lower case. */
export function coversHost({ labels }: Pattern, hostname: string): boolean {
  const given = hostname.split('.')
  return given.length === labels.length && labels.every((label, index) => glob(label, given[index] ?? ''))
}

/**
 * A path covers what is below it; one that ends in `/*` does not cover its parent; `*` stands for anything, slashes too.
 * @param path normalised, without query.
 */
export function coversPath({ path: pattern }: Pattern, path: string): boolean {
  if (pattern === undefined) return true
  return glob(pattern, path) || (!pattern.endsWith('*') && glob(`${pattern}/*`, path))
}

/** `*` stands for any characters. In time proportional to the product of the lengths: patterns are not regular expressions. */
export function glob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p
      mark = t
      p += 1
    } else if (pattern[p] === text[t]) {
      p += 1
      t += 1
    } else if (star >= 0) {
      p = star + 1
      mark += 1
      t = mark
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}
