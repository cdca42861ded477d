import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { TestResult } from 'allure-js-commons'
import { writeAllure } from './allure.ts'
import { sampleResults } from './sample.ts'
import { hostileTexts, poison } from './testing/hostile.ts'

describe('writeAllure', () => {
  let dir: string
  let names: string[]
  let results: TestResult[]

  const read = async (): Promise<void> => {
    names = await readdir(dir)
    const files = names.filter((name) => name.endsWith('-result.json'))
    results = await Promise.all(
      files.map(async (name) => JSON.parse(await readFile(join(dir, name), 'utf8')) as TestResult),
    )
  }
  const find = (id: string): TestResult => {
    const found = results.find((one) => one.name?.startsWith(`${id}: `))
    assert.ok(found, id)
    return found
  }
  const label = (one: TestResult, name: string): string[] =>
    one.labels.filter((own) => own.name === name).map(({ value }) => value)

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'allure-'))
    await writeAllure(sampleResults(), dir)
    await read()
  })
  after(() => rm(dir, { recursive: true, force: true }))

  test('writes one finished result per check, with environment and categories', async () => {
    assert.equal(results.length, sampleResults().checks.length)
    assert.ok(
      results.every(
        ({ stage, start, stop }) =>
          stage === 'finished' && start !== undefined && stop !== undefined && stop >= start,
      ),
    )
    assert.equal(find('reach.answers').start, Date.parse('2026-11-23T08:15:00.000Z'))
    const environment = await readFile(join(dir, 'environment.properties'), 'utf8')
    assert.match(environment, /^Hostname=api\.example\.com$/m)
    const categories = JSON.parse(await readFile(join(dir, 'categories.json'), 'utf8')) as { name: string }[]
    assert.ok(categories.some(({ name }) => name === 'The application was reached'))
  })

  test('maps every verdict to a status', () => {
    const expected = {
      'client-cert.valid': 'passed',
      'tls.no-sni': 'passed',
      'client-cert.sha1': 'passed',
      'client-cert.rsa-1024': 'passed',
      'client-cert.server-auth-only': 'passed',
      'client-cert.impostor-ca-other-ski': 'failed',
      'client-cert.unknown-critical-extension': 'broken',
      'client-cert.expired-second': 'broken',
      'client-cert.name-constraints': 'skipped',
      'client-cert.revoked': 'skipped',
    }
    for (const [id, status] of Object.entries(expected)) assert.equal(find(id).status, status, id)
    assert.deepEqual(label(find('client-cert.server-auth-only'), 'tag'), ['warn', 'must', 'warning'])
  })

  test('categories match the messages they are for', async () => {
    type Category = { name: string; messageRegex?: string; matchedStatuses: string[] }
    const categories = JSON.parse(await readFile(join(dir, 'categories.json'), 'utf8')) as Category[]
    const first = (id: string): string | undefined => {
      const { status, statusDetails } = find(id)
      return categories.find(
        ({ matchedStatuses, messageRegex }) =>
          matchedStatuses.includes(status ?? '') &&
          (messageRegex === undefined ||
            new RegExp(`^(?:${messageRegex})$`).test(statusDetails.message ?? '')),
      )?.name
    }
    assert.equal(first('client-cert.impostor-ca-other-ski'), 'The application was reached')
    assert.equal(first('mode.refusal-status'), 'Requirement does not hold')
    assert.equal(first('client-cert.expired-second'), 'Inconclusive')
    assert.equal(first('client-cert.unknown-critical-extension'), 'The check itself failed')
    assert.equal(first('client-cert.name-constraints'), 'Blocked by its twin')
    assert.equal(first('client-cert.revoked'), 'Not applicable')
    assert.equal(first('client-cert.valid'), undefined)
  })

  test('maps severities, subjects and sources', () => {
    const severity = (id: string): string[] => label(find(id), 'severity')
    assert.deepEqual(severity('client-cert.valid'), ['critical'])
    assert.deepEqual(severity('reach.answers'), ['critical'])
    assert.deepEqual(severity('mode.refusal-status'), ['normal'])
    assert.deepEqual(severity('mode.refusal-body'), ['minor'])
    assert.deepEqual(severity('resumption.tickets'), ['trivial'])
    assert.deepEqual(label(find('client-cert.valid'), 'suite'), ['Client certificates'])
    assert.deepEqual(find('client-cert.expired').links, [
      {
        name: 'RFC 5280 §4.1.2.5',
        url: 'https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5',
        type: 'link',
      },
    ])
    assert.deepEqual(find('mode.refusal-status').links, [])
  })

  test('attaches every attempt as text', async () => {
    const { attachments } = find('client-cert.impostor-ca-other-ski')
    assert.equal(attachments.length, 2)
    for (const { source, type } of attachments) {
      assert.equal(type, 'text/plain')
      assert.ok(names.includes(source))
    }
    assert.match(
      await readFile(join(dir, attachments[0]?.source ?? ''), 'utf8'),
      /Decrypted transcript\n.*ClientHello/,
    )
  })

  test('has the same history in the next run at the same hostname, another elsewhere', async () => {
    const history = (): (string | undefined)[] => results.map(({ historyId }) => historyId).sort()
    const first = history()
    assert.equal(new Set(first).size, first.length)
    await writeAllure(sampleResults(), dir)
    await read()
    assert.deepEqual(history(), first)
    const other = sampleResults()
    other.target.hostname = 'other.example.com'
    await writeAllure(other, dir)
    await read()
    assert.ok(history().every((id) => !first.includes(id)))
  })

  test('replaces an earlier run and leaves other files alone', async () => {
    await writeFile(join(dir, 'notes.txt'), 'mine')
    const few = sampleResults()
    few.checks = few.checks.slice(0, 2)
    await writeAllure(few, dir)
    await read()
    assert.equal(results.length, 2)
    assert.ok(names.includes('notes.txt'))
    assert.equal(names.filter((name) => name.includes('-attachment')).length, 2)
  })

  test('hostile text stays text', async () => {
    for (const hostile of hostileTexts) {
      const poisoned = poison(sampleResults(), hostile)
      poisoned.run.started = sampleResults().run.started
      poisoned.checks = poisoned.checks.slice(14, 18)
      await writeAllure(poisoned, dir)
      await read()
      assert.equal(results.length, 4)
      for (const { links, attachments, description } of results) {
        assert.ok(links.every(({ url }) => /^https:\/\//.test(url)))
        assert.ok(attachments.every(({ source }) => /^[\da-f-]{36}-attachment\.txt$/.test(source)))
        // Server text stands in indented code only.
        for (const line of (description ?? '').split('\n')) {
          if (!line.startsWith('    ')) assert.doesNotMatch(line, /[<>`]|\]\(/)
        }
      }
    }
  })
})
