/**
 * `harness explain`: everything about one check.
 * @module
 */
import type { Check } from '../../fixtures/catalogue.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { nearest } from '../deployment/suggest.ts'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'

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
      hint: `did you mean ${near}? harness checks lists every id`,
    })
  }
  process.stdout.write(`${explanation(check)}\n`)
  return exitCodes.ok
}

function explanation(check: Check): string {
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
  return [
    `${check.id}\n${fold(check.title, 96)}\n`,
    `  severity  ${check.severity}\n  kind      ${check.kind}\n  profile   ${check.profile}\n  needs     ${check.needs.join(', ') || 'nothing'}\n`,
    section('Why it matters', check.why),
    section('What is sent', check.sends),
    section('What must be seen', check.expects),
    section('How to fix it', check.remediation),
    section('Grounds', check.grounds.join('\n')),
    section(
      'See it fail',
      check.killedBy.map((fault) => `  harness verify --lab --fault ${fault} --only ${check.id}`).join('\n'),
    ),
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
