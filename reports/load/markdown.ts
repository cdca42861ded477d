/**
 * A short summary of a load run in Markdown, for a CI job or a pull request.
 * @module
 */
import { escapeMarkdown } from '../markdown.ts'
import { planWords, sentRows } from './sections.ts'
import { type LoadReport, notMeasurable } from './types.ts'
import { loadFindings, loadVerdict, reservations } from './verdict.ts'
import {
  costName,
  fixed,
  floodRate,
  kneeSentence,
  measured,
  outcomeOf,
  p99Of,
  percent,
  range,
  usec,
} from './words.ts'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((cells) => cells.map(escapeMarkdown))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

const list = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `### ${title}\n\n${lines.map((text) => `- ${escapeMarkdown(text)}`).join('\n')}`

/** Renders the summary. Text that is not ours is escaped. */
export function renderLoadMarkdown(report: LoadReport): string {
  const { word, sentence } = loadVerdict(report)
  const parts = [
    `## Load: ${report.command}`,
    `**${word}**: ${escapeMarkdown(sentence)}`,
    list(
      'Findings',
      loadFindings(report).map(({ title, fix }) => `${title}. ${fix}`),
    ),
    list('Reservations', reservations(report)),
    ...report.costs.map(
      (cost) =>
        `### ${escapeMarkdown(costName(cost))}\n\n${table(
          ['Client', 'Ended', 'Server CPU', '95 %', 'Displaces valid'],
          [
            ...(cost.control === undefined
              ? []
              : [['no mTLS', 'let in', usec(cost.control.estimate), range(cost.control, usec), '']]),
            ...cost.categories.map((category) => [
              category.id,
              outcomeOf(category),
              category.server === undefined ? 'not measured' : usec(category.server.estimate),
              category.server === undefined ? '' : range(category.server, usec),
              category.displacement === undefined ? '' : `${fixed(category.displacement.estimate, 2)} ×`,
            ]),
          ],
        )}`,
    ),
    list('Capacity', report.capacities.map(kneeSentence)),
    ...report.floods.map(
      ({ target, steps, objective }) =>
        `### ${escapeMarkdown(target)}\n\nPromise: p99 of ${objective.p99} ms for ${percent(objective.accepted)} of valid users.\n\n${table(
          ['Flood', 'p99 of valid users', 'Held'],
          steps.map(({ holds, ...step }) => [
            floodRate(step),
            measured(p99Of(step.victims), (p99) => `${fixed(p99, 1)} ms`),
            holds === notMeasurable ? 'not known' : holds ? 'yes' : 'no',
          ]),
        )}`,
    ),
    ...sentRows(report).map(
      ({ target, counted, rows }) =>
        `### ${escapeMarkdown(target)}: certificates sent and seen\n\nCounted: ${escapeMarkdown(counted)}.\n\n${table(
          ['Client', 'Ended', 'On the wire', 'The server saw', 'Shown'],
          rows.map(({ profile, ended, wire, saw, shown, why }) => [
            profile,
            ended,
            wire,
            saw,
            shown ? 'yes' : `no: ${why}`,
          ]),
        )}`,
    ),
    list(
      'Plan',
      report.plans.map(({ target, answer }) => {
        const words = planWords(answer)
        return `${target}: ${words.question}: ${words.answer}`
      }),
    ),
    list(
      'Advice',
      report.advice.map(({ target, text }) => `${target}: ${text}`),
    ),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
