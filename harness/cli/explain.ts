/**
 * `harness explain`: everything about one check.
 * @module
 */
import type { Check } from '../../fixtures/catalogue.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { nearest, suggestion } from '../deployment/suggest.ts'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import { factsOf, sectionsOf } from './check-text.ts'

/** Prints everything about one check. */
export async function explainCommand(id: string): Promise<ExitCode> {
  const checks = await loadCatalogue()
  const check = checks.find((one) => one.id === id)
  if (check === undefined) {
    const near = nearest(
      id,
      checks.map((one) => one.id),
    )
    throw new HarnessError('ERR_USAGE', `there is no check “${id}”`, {
      hint: suggestion(near, 'harness checks lists every id'),
    })
  }
  process.stdout.write(`${explanation(check)}\n`)
  return exitCodes.ok
}

/** What `harness explain` prints about a check. */
export function explanation(check: Check): string {
  const wrap = (text: string): string =>
    text
      .split('\n')
      .map((line) => (line.startsWith('  ') ? line : fold(line, 96)))
      .join('\n')
  const section = (title: string, text: string): string =>
    `${title}\n${wrap(text)
      .split('\n')
      .map((line) => (line === '' ? '' : `  ${line}`))
      .join('\n')}\n`
  const width = Math.max(...factsOf(check).map(([name]) => name.length))
  return [
    `${check.id}\n${fold(check.title, 96)}\n`,
    factsOf(check)
      .map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`)
      .join(''),
    ...sectionsOf(check).map(({ title, text }) => section(title, text)),
  ].join('\n')
}

function fold(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
