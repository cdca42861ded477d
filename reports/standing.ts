/**
 * What a check rests on: official documents, what others or we have observed, or our own judgement. Read off its grounds.
 * @module
 */
import type { CheckResult } from './types.ts'
import { wasExecuted } from './wording.ts'

/** What a check rests on, strongest first. */
export const standings = ['official', 'observed', 'our judgement'] as const

/** One of them. */
export type Standing = (typeof standings)[number]

/** In words, for people. */
export const standingWords: Readonly<Record<Standing, string>> = {
  official: 'official documents (standards, the vendor’s own pages)',
  observed: 'observations (advisories, issues, measurements)',
  'our judgement': 'our own judgement',
}

const official = /^(RFC|NIST|FIPS|cloudflare-docs|Cloudflare|AWS|IETF|W3C|OpenID|nginx|httpd|HAProxy|Caddy)\b/
const judgement = /^(catalogue|Deployment file)\b/

/** The strongest of a check's grounds. What is no standard, no vendor's page and not ours was observed by somebody. */
export function standingOf(grounds: readonly string[]): Standing {
  if (grounds.some((ground) => official.test(ground))) return 'official'
  return grounds.some((ground) => !judgement.test(ground)) ? 'observed' : 'our judgement'
}

/** On what the executed checks rest, in one line: `98 on official documents …, 3 on …`; empty where none was executed. */
export function standingLine(checks: readonly CheckResult[]): string {
  const done = checks.filter(wasExecuted)
  return standings
    .map((standing) => ({
      standing,
      count: done.filter(({ grounds }) => standingOf(grounds) === standing).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ standing, count }) => `${count} on ${standingWords[standing]}`)
    .join(', ')
}
