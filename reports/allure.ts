/**
 * Allure 2 results: one test per check, evidence as attachments. Written with Allure's own runtime.
 * @module
 */
import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Label, Severity, Stage, Status, type TestResult } from 'allure-js-commons'
import { md5, ReporterRuntime, stringifyEnvInfo, type Writer } from 'allure-js-commons/sdk/reporter'
import { groundLink } from './grounds.ts'
import { escapeMarkdown } from './markdown.ts'
import { clip, prose, visible } from './text.ts'
import type { CheckResult, Evidence, Results } from './types.ts'
import { rerun, statement, subjectTitle, verdictWords } from './wording.ts'

const severities = {
  critical: Severity.CRITICAL,
  high: Severity.CRITICAL,
  medium: Severity.NORMAL,
  low: Severity.MINOR,
  info: Severity.TRIVIAL,
} as const satisfies Record<CheckResult['severity'], Severity>

const statuses = {
  pass: Status.PASSED,
  note: Status.PASSED,
  known: Status.PASSED,
  fixed: Status.PASSED,
  warn: Status.PASSED,
  fail: Status.FAILED,
  error: Status.BROKEN,
  inconclusive: Status.BROKEN,
  blocked: Status.SKIPPED,
  'not-applicable': Status.SKIPPED,
} as const satisfies Record<CheckResult['verdict'], Status>

/** Groups of results that Allure shows under “Categories”; messages begin with the verdict's word. */
const categories = [
  {
    name: 'The application was reached',
    matchedStatuses: [Status.FAILED],
    messageRegex: '^fail, reached[\\s\\S]*',
  },
  { name: 'Requirement does not hold', matchedStatuses: [Status.FAILED] },
  { name: 'Inconclusive', matchedStatuses: [Status.BROKEN], messageRegex: '^inconclusive[\\s\\S]*' },
  { name: 'The check itself failed', matchedStatuses: [Status.BROKEN], messageRegex: '^error[\\s\\S]*' },
  { name: 'Blocked by its twin', matchedStatuses: [Status.SKIPPED], messageRegex: '^blocked[\\s\\S]*' },
  { name: 'Not applicable', matchedStatuses: [Status.SKIPPED], messageRegex: '^not applicable[\\s\\S]*' },
]

/**
 * Writes Allure results into `dir`. What an earlier run left there is removed first; other files, such as the
 * `history` folder that makes trends, stay.
 */
export async function writeAllure(results: Results, dir: string): Promise<void> {
  await removeOld(dir)
  const { run, target, tool } = results
  const files: File[] = []
  const runtime = new ReporterRuntime({
    writer: collecting(files),
    categories,
    environmentInfo: {
      Hostname: target.hostname,
      'Connected.to': target.connect,
      Deployment: target.deployment ?? 'none (black box)',
      Mode: target.mode,
      Profile: run.profile,
      Run: run.id,
      Version: `${tool.name} ${tool.version}`,
      Node: tool.node,
      Verdict: results.verdict,
    },
  })
  let start = Date.parse(run.started)
  for (const check of results.checks) {
    const uuid = runtime.startTest(testOf(results, check, start))
    check.evidence.forEach((one, index) => {
      const name = `${index + 1}: ${clip(visible(one.label), 200)}`
      const body = Buffer.from(attachment(one))
      runtime.writeAttachment(uuid, null, name, body, { contentType: 'text/plain', fileExtension: '.txt' })
    })
    start += check.durationMs
    runtime.stopTest(uuid, { stop: start })
    runtime.writeTest(uuid)
  }
  runtime.writeEnvironmentInfo()
  runtime.writeCategoriesDefinitions()
  await mkdir(dir, { recursive: true })
  // Not all at once: each is an open file for a moment.
  while (files.length > 0)
    await Promise.all(files.splice(0, 64).map(({ name, content }) => writeFile(join(dir, name), content)))
}

interface File {
  name: string
  content: string | Buffer
}

/**
 * Allure's own writer waits for the disk after each of a thousand small files, seconds in all. Names and contents are the
 * same here.
 */
const collecting = (files: File[]): Writer => {
  const json = (name: string, value: unknown): void =>
    void files.push({ name, content: JSON.stringify(value) })
  return {
    writeResult: (result) => json(`${result.uuid}-result.json`, result),
    writeGroup: (group) => json(`${group.uuid}-container.json`, group),
    writeGlobals: json,
    writeCategoriesDefinitions: (all) => json('categories.json', all),
    writeEnvironmentInfo: (info) =>
      void files.push({ name: 'environment.properties', content: stringifyEnvInfo(info) }),
    writeAttachment: (name, content) => void files.push({ name, content }),
    writeAttachmentFromPath: (name, from) => void files.push({ name, content: readFileSync(from) }),
  }
}

/** The names Allure's writer gives to its files. */
const own =
  /^(?:[\da-f-]{36}-(?:result|container)\.json|[\da-f-]{36}-attachment\.\w+|environment\.properties|categories\.json)$/

async function removeOld(dir: string): Promise<void> {
  const names = await readdir(dir).catch((): string[] => [])
  await Promise.all(names.filter((name) => own.test(name)).map((name) => rm(join(dir, name))))
}

function testOf(results: Results, check: CheckResult, start: number): Partial<TestResult> {
  const { id, suite, title, verdict, observed, expected, reason, grounds } = check
  const message = [
    verdictWords[verdict].label,
    check.reached ? ', reached' : '',
    `: ${observed}`,
    reason === '' ? '' : ` (${reason})`,
  ]
  return {
    name: `${id}: ${title}`,
    fullName: `${suite}/${id}`,
    testCaseId: md5(id),
    // A trend is one check at one hostname.
    historyId: md5(`${results.target.hostname} ${id}`),
    titlePath: [subjectTitle(suite)],
    status: statuses[verdict],
    stage: Stage.FINISHED,
    start,
    statusDetails: {
      message: visible(clip(message.join(''), 4000)),
      expected: visible(clip(expected, 4000)),
      actual: visible(clip(observed, 4000)),
    },
    description: description(results, check),
    labels: labels(results, check),
    links: grounds.flatMap((ground) => {
      const url = groundLink(ground)
      return url === undefined ? [] : [{ name: visible(ground), url, type: 'link' }]
    }),
  }
}

function labels({ target }: Results, { suite, severity, verdict, kind }: CheckResult): Label[] {
  return [
    { name: 'parentSuite', value: target.hostname },
    { name: 'suite', value: subjectTitle(suite) },
    { name: 'severity', value: severities[severity] },
    { name: 'framework', value: 'mtls-access-harness' },
    { name: 'host', value: target.hostname },
    { name: 'tag', value: verdict },
    { name: 'tag', value: kind },
    ...(verdict === 'warn' ? [{ name: 'tag', value: 'warning' }] : []),
  ]
}

/** Markdown, as Allure renders it. */
function description(results: Results, check: CheckResult): string {
  const fix = prose(clip(check.remediation, 8000)).map(({ kind, text }) =>
    kind === 'code' ? fence(text) : escapeMarkdown(text),
  )
  const commands = [...check.reproduce, rerun(results, check.id)].map((command) => clip(command, 4000))
  return [
    `**${escapeMarkdown(statement(check))}**`,
    ...(fix.length === 0 ? [] : ['How to fix', ...fix]),
    'How to reproduce',
    fence(commands.join('\n')),
  ].join('\n\n')
}

/** An indented code block: nothing inside it can end it but a line that is not indented, and every line is. */
const fence = (text: string): string =>
  visible(text)
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')

const attachment = ({ label, outcome, layer, request, response, transcript }: Evidence): string =>
  [
    label,
    `${outcome} (${layer.toUpperCase()})`,
    ...(request === '' ? [] : ['', 'Request', request]),
    ...(response === '' ? [] : ['', 'Answer', response]),
    ...(transcript.length === 0 ? [] : ['', 'Decrypted transcript', ...transcript]),
    '',
  ]
    .map(visible)
    .join('\n')
