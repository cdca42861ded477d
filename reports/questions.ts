/**
 * Which questions a run leaves open, and what to add to the deployment file to have them answered. Pure.
 * @module
 */

import { answersNeeded, type Needed } from './questions-needed.ts'
import { lastRank, rankOf } from './rank.ts'
import { asStarted } from './started-as.ts'
import type { CheckResult, Door, Results } from './types.ts'
import { severityRank } from './wording.ts'

/** One open question, or several that the same addition answers. */
export interface Question {
  /** The question, as a sentence. */
  ask: string
  /** What to do to have it answered, in words. */
  add: string
  /** Lines for the deployment file; empty where it takes something else. */
  lines: string
  /** Checks that the addition lets run, the most valuable first. */
  checks: CheckResult[]
  /** Rank in the catalogue of the most valuable one; 1 is the highest, and 0 is what the verdict itself waits for. */
  rank: number
}

const undecided = new Set(['blocked', 'not-applicable', 'inconclusive'])
const isMissing = (reason: string): boolean => /^needs |\(give |is trusted here/.test(reason)
/** Why a check is open: its reason, or what was seen where that says it. */
const why = ({ reason, observed }: CheckResult): string => reason || observed

/** Whether the right ones get in: without it no run says that a hostname may go live, so it is worth the most. */
const isAcceptance = ({ id, reason }: CheckResult): boolean =>
  id === 'client-cert.valid' || (id === 'service-token.accepted' && reason === 'needs access.serviceToken')

/** Every open question of a run, the most valuable first. */
export function questionsOf({ checks, facts }: Pick<Results, 'checks' | 'facts'>): Question[] {
  const open = checks.filter((check) => undecided.has(check.verdict) && isMissing(why(check)))
  const byNeed = [...Map.groupBy(open, (check) => neededFor(why(check)))]
  return [
    ...byNeed.map(([needed, own]) => fromChecks(needed, own)),
    ...(facts.elsewhere ?? []).flatMap((door) => fromDoor(door) ?? []),
  ].sort((a, b) => a.rank - b.rank || b.checks.length - a.checks.length)
}

/** Needs by the words of the report; one that is not in the table is still asked for, in its own words. */
function neededFor(reason: string): Needed {
  const known = answersNeeded.find(({ when }) => when.test(reason))
  if (known !== undefined) return known
  const add = reason.replace(/^needs /, '')
  const made = unknownNeeds.get(add) ?? { when: /^$/, add, lines: '' }
  unknownNeeds.set(add, made)
  return made
}

/** The same words are the same need: groups are told apart by identity. */
const unknownNeeds = new Map<string, Needed>()

function fromChecks({ add, lines }: Needed, own: readonly CheckResult[]): Question {
  const worth = (check: CheckResult): number => (isAcceptance(check) ? 0 : rankOf(check.grounds))
  const checks = [...own].sort(
    (a, b) => worth(a) - worth(b) || severityRank(b.severity) - severityRank(a.severity),
  )
  const [first] = checks
  const more = checks.length > 1 ? ` (and ${checks.length - 1} more)` : ''
  return {
    ask: `Does this hold: ${first?.title ?? ''}?${more}`,
    add: asStarted(add),
    lines,
    checks,
    rank: first === undefined ? lastRank : worth(first),
  }
}

/** What was seen beside the verified door, where it leaves a question. */
function fromDoor({ kind, where, seen, because }: Door): Question | undefined {
  if (kind === 'http3')
    return {
      ask: `Is HTTP/3 protected as well (${because})?`,
      add: 'not certified for HTTP/3: this tool speaks no QUIC. Switch HTTP/3 off for the hostname, or test it with a client that does',
      lines: '',
      checks: [],
      rank: rankOf(['catalogue TLS-10']),
    }
  if (kind !== 'name' || seen !== 'open') return undefined
  return {
    ask: `Is ${where}, which answers at the same address without credentials, the same application?`,
    add: 'declare it among the siblings, and how the application is recognised (canary or requests): then it is decided',
    lines: `siblings:\n  - hostname: ${/^[a-z0-9.-]+$/i.test(where) ? where : 'NAME'}\n    mtls: { mode: off }`,
    checks: [],
    rank: rankOf(['catalogue TLS-22']),
  }
}
