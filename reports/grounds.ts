/**
 * Links for the sources a check stands on.
 * @module
 */

const patterns: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [
    /^RFC ?(\d{1,5})(?:,? ?(?:§|section )(\d+(?:\.\d+)*))?/i,
    ([, number, section]) =>
      `https://www.rfc-editor.org/rfc/rfc${number}${section === undefined ? '' : `#section-${section}`}`,
  ],
  [/\b(CVE-\d{4}-\d{4,7})\b/, ([, id]) => `https://www.cve.org/CVERecord?id=${id}`],
  [/\b(RUSTSEC-\d{4}-\d{4})\b/, ([, id]) => `https://rustsec.org/advisories/${id}.html`],
  [/\b(GO-\d{4}-\d{4})\b/, ([, id]) => `https://pkg.go.dev/vuln/${id}`],
  [
    /^([\w.-]{1,40}\/[\w.-]{1,80})#(\d{1,7})\b/,
    ([, repo, number]) => `https://github.com/${repo}/issues/${number}`,
  ],
]

/** The address of a source, or undefined where it names none that is known. Only ever `https:`. */
export function groundLink(ground: string): string | undefined {
  for (const [pattern, link] of patterns) {
    const match = pattern.exec(ground)
    if (match !== null) return link(match)
  }
  if (!/^https:\/\/[^\s"'<>\\]+$/.test(ground)) return undefined
  return URL.canParse(ground) ? new URL(ground).href : undefined
}
