/**
 * The pages of `docs/checks`, from the catalogue: one per check and an index. Pure.
 * @module
 */
import type { Check } from '../../fixtures/catalogue.ts'
import { factsOf, sectionsOf } from '../../harness/cli/check-text.ts'
import { prose } from '../../reports/text.ts'
import { subjectTitle } from '../../reports/wording.ts'

const note = '<!-- Written by `npm run docs` from the catalogue in suites/. Change it there. -->'

/** Every page: its file name and its content. */
export function pagesOf(checks: readonly Check[]): Map<string, string> {
  const pages = new Map(checks.map((check): [string, string] => [`${check.id}.md`, pageOf(check)]))
  return pages.set('README.md', indexOf(checks))
}

/**
 * Text as text: what Markdown would read as markup is escaped outside of code spans, where placeholders such as `<zone>`
 * would vanish.
 */
export const markdown = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\*_[\]<>|#~&]/g, '\\$&')))
    .join('')

function pageOf(check: Check): string {
  const facts = factsOf(check).map(([name, value]) => `| ${name} | ${markdown(value)} |`)
  const parts = [
    note,
    `# ${check.id}`,
    `**${markdown(check.title)}**`,
    ['| | |', '|---|---|', ...facts].join('\n'),
    ...sectionsOf(check).flatMap(({ title, text }) => [`## ${title}`, ...blocks(title, text)]),
    '[All checks](README.md)',
  ]
  return `${parts.join('\n\n')}\n`
}

function blocks(title: string, text: string): string[] {
  if (title === 'Grounds')
    return [
      text
        .split('\n')
        .map((line) => `- ${markdown(line)}`)
        .join('\n'),
    ]
  return prose(text).map((block) =>
    block.kind === 'code' ? `\`\`\`text\n${block.text}\n\`\`\`` : markdown(block.text),
  )
}

function indexOf(checks: readonly Check[]): string {
  const subjects = [...Map.groupBy(checks, ({ suite }) => suite)]
  const tables = subjects.map(([suite, own]) =>
    [
      `## ${subjectTitle(suite)} (${own.length})`,
      '',
      '| check | statement | severity | profile |',
      '|---|---|---|---|',
      ...own.map(
        ({ id, title, severity, profile }) =>
          `| [${id}](${id}.md) | ${markdown(title)} | ${severity} | ${profile} |`,
      ),
    ].join('\n'),
  )
  const head = `${checks.length} checks. \`harness explain <id>\` prints what the page of a check says.`
  return `${[note, '# Checks', head, ...tables].join('\n\n')}\n`
}
