/**
 * One row per check, by subject; what did not apply by reason.
 * @module
 */
import { asStarted } from '../started-as.ts'
import { duration, plural, short } from '../text.ts'
import type { CheckResult, Results, Verdict } from '../types.ts'
import { asAdvice, bySubject, groupBy, nothingBegun, type Subject, verdictWords } from '../wording.ts'
import { heading, labelled, type Page, safe } from './layout.ts'
import { columns, cut, pad, toneStyles, wrap } from './paint.ts'

const timeWidth = 8
/** Below this, passes are counted, not listed. */
const wideEnough = 80

/** The table of the checks that ran. */
export function table(page: Page, { checks }: Results): string[] {
  const ran = checks.filter(({ verdict, begun }) => verdict !== 'not-applicable' && begun !== false)
  const longest = Math.max(0, ...ran.map(({ id }) => columns(safe(id))))
  const idWidth = page.width < wideEnough ? 0 : Math.min(longest, Math.floor(page.width / 2))
  return bySubject(ran).flatMap((subject) => section(page, subject, idWidth))
}

function section(page: Page, { title, checks }: Subject, idWidth: number): string[] {
  const collapse = !page.verbose && page.width < wideEnough
  const passes = checks.filter(({ verdict }) => verdict === 'pass')
  const listed = collapse ? checks.filter(({ verdict }) => verdict !== 'pass') : checks
  const rows = listed.flatMap((check) => row(page, check, idWidth))
  if (collapse && passes.length > 0)
    rows.unshift(`  ${page.paint('green', verdictWords.pass.mark)} ${plural(passes.length, 'check')} passed`)
  return [...heading(page, safe(title)), ...rows]
}

function row(page: Page, check: CheckResult, idWidth: number): string[] {
  const { id, verdict, observed, durationMs } = check
  const { mark, tone } = verdictWords[verdict]
  const sign = `  ${page.paint(toneStyles[tone], mark)} `
  const time = page.paint('dim', duration(durationMs).padStart(timeWidth))
  const space = page.width - 4 - idWidth - 2 - 1 - timeWidth
  // An id is there to be pasted into the next command: it is never cut. Where it leaves no room, the rest goes below.
  if (space < 12 || columns(safe(id)) > idWidth) {
    const fill = page.width - 4 - columns(safe(id)) - 1 - timeWidth
    return [
      `${sign}${page.paint(nameStyle(verdict), safe(id))}${fill < 0 ? '' : `${' '.repeat(fill)} ${time}`}`,
      ...below(page, observed),
      ...reasonLines(page, check),
    ]
  }
  const name = page.paint(nameStyle(verdict), pad(safe(id), idWidth))
  const middle = pad(short(observed, 4 * page.width), space)
  const seen = verdict === 'pass' ? page.paint('dim', middle) : middle
  return [`${sign}${name}  ${seen} ${time}`, ...reasonLines(page, check)]
}

const nameStyle = (verdict: Verdict): [] | ['bold'] => (verdict === 'pass' ? [] : ['bold'])

const below = (page: Page, text: string): string[] =>
  wrap(safe(text), page.width - 4).map((line) => `    ${line}`)

/** Why it is not a plain pass. */
function reasonLines(page: Page, { verdict, severity, reason }: CheckResult): string[] {
  if (verdict === 'pass' || (verdict === 'note' && reason === '')) return []
  const { label, tone } = verdictWords[verdict]
  const why = `${label}, ${severity}${reason === '' ? '' : `: ${reason}`}`
  return below(page, why).map((line) => page.paint(toneStyles[tone], line))
}

/** More lines than this of what did not apply would bury the findings below them. */
const longestList = 30

/**
 * What did not apply, and what would let it: the ids too with `verbose`, or where the host has a deployment file and they are
 * few. Of a host that was not even reached nobody wants to know.
 */
export function notApplicable(page: Page, { checks, target, summary }: Results): string[] {
  if (nothingBegun(summary)) return []
  const skipped = checks.filter(({ verdict }) => verdict === 'not-applicable')
  if (skipped.length === 0) return []
  const title = heading(page, `Not applicable (${skipped.length})`)
  const blackBox = target.deployment === null
  const hint = blackBox
    ? labelled(page, '', asStarted(`no deployment file: harness init ${target.hostname} writes one`), 2, 0)
    : []
  const reasons = groupBy(skipped, ({ reason }) => reason)
  const listed = reasons.flatMap(([reason, own]) => [
    `  ${cut(safe(asAdvice(reason)), page.width - 2)}`,
    ...wrap(own.map(({ id }) => safe(id)).join(', '), page.width - 4).map((line) =>
      page.paint('dim', `    ${line}`),
    ),
  ])
  if (page.verbose || (!blackBox && listed.length <= longestList)) return [...title, ...hint, ...listed]
  const digits = String(skipped.length).length
  return [
    ...title,
    ...hint,
    ...labelled(page, '', 'checks by reason; --verbose lists them, and so do the report files', 2, 0),
    ...reasons.map(
      ([reason, own]) =>
        `  ${String(own.length).padStart(digits)}  ${cut(safe(asAdvice(reason)), page.width - 4 - digits)}`,
    ),
  ]
}
