/**
 * Wildcard patterns: `*` is any number of characters, the whole value has to match, `\*` and `\\` are literal.
 * Linear in the value for each part: nothing is tried twice.
 * @module
 */

/** The test of a pattern, or what is wrong with it. */
export function compileWildcard(
  pattern: string,
  caseSensitive: boolean,
): ((value: string) => boolean) | string {
  const parts = partsOf(caseSensitive ? pattern : asciiLower(pattern))
  if (typeof parts === 'string') return parts
  const fold = caseSensitive ? (value: string): string => value : asciiLower
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return (value) => fold(value) === first
  return (value) => {
    const folded = fold(value)
    if (!folded.startsWith(first)) return false
    let at = first.length
    for (const part of rest) {
      const found = folded.indexOf(part, at)
      if (found === -1) return false
      at = found + part.length
    }
    return folded.length - last.length >= at && folded.endsWith(last)
  }
}

const asciiLower = (text: string): string => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())

function partsOf(pattern: string): string[] | string {
  const parts = ['']
  for (let at = 0; at < pattern.length; at++) {
    let char = pattern[at] ?? ''
    if (char === '*') {
      if (pattern[at + 1] === '*') return 'two * in a row are not allowed'
      parts.push('')
      continue
    }
    if (char === '\\') {
      char = pattern[++at] ?? ''
      if (char !== '*' && char !== '\\') return 'invalid escape: \\* and \\\\ are known'
    }
    parts[parts.length - 1] += char
  }
  return parts
}
