import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { renderJunit } from './junit.ts'
import { samplePassing, sampleResults } from './sample.ts'
import { hostileTexts, poison } from './testing/hostile.ts'
import { type Element, readMarkup } from './testing/markup.ts'
import type { Results } from './types.ts'

const read = (results: Results): Element[] => readMarkup(renderJunit(results), { html: false })

const named = (all: readonly Element[], name: string): Element[] => all.filter((one) => one.name === name)

/** Elements right below the test case of a check. */
function outcomesOf(id: string): Element[] {
  const all = read(sampleResults())
  const at = all.findIndex((one) => one.attributes.get('name')?.startsWith(`${id}: `))
  assert.notEqual(at, -1)
  const end = all.findIndex(
    (one, index) => index > at && !one.path.startsWith('testsuites/testsuite/testcase/'),
  )
  return all.slice(at + 1, end === -1 ? undefined : end)
}

describe('renderJunit', () => {
  test('has a suite per subject and a case per check, with true counts', () => {
    const all = read(sampleResults())
    const [root] = all
    assert.equal(root?.name, 'testsuites')
    assert.deepEqual(
      ['tests', 'failures', 'errors', 'skipped'].map((key) => root?.attributes.get(key)),
      ['43', '3', '3', '6'],
    )
    const suites = named(all, 'testsuite')
    assert.deepEqual(
      suites.map((one) => one.attributes.get('name')),
      ['reach', 'tls', 'client-cert', 'mode', 'headers', 'resumption'],
    )
    for (const key of ['tests', 'failures', 'errors', 'skipped']) {
      const sum = suites.reduce((total, one) => total + Number(one.attributes.get(key)), 0)
      assert.equal(String(sum), root?.attributes.get(key), key)
    }
    for (const [element, count] of [
      ['testcase', 43],
      ['failure', 3],
      ['error', 3],
      ['skipped', 6],
    ] as const) {
      assert.equal(named(all, element).length, count, element)
    }
    assert.equal(suites[0]?.attributes.get('timestamp'), '2026-11-23T08:15:00')
    assert.equal(suites[0]?.attributes.get('hostname'), 'api.example.com')
  })

  test('tells each verdict its own way', () => {
    const expected: [id: string, element: string, message: RegExp | undefined][] = [
      ['client-cert.impostor-ca-other-ski', 'failure', /^fail, critical: 200 with the nonce/],
      ['client-cert.unknown-critical-extension', 'error', /^error, medium: TypeError/],
      ['client-cert.expired-second', 'error', /^inconclusive, high: 503/],
      ['client-cert.name-constraints', 'error', /^blocked, high: .*twin was refused/],
      ['client-cert.revoked', 'skipped', /^not applicable: needs mtls\.crl$/],
      ['client-cert.valid', 'system-out', undefined],
      ['client-cert.server-auth-only', 'system-out', undefined],
      ['client-cert.sha1', 'system-out', undefined],
      ['client-cert.rsa-1024', 'system-out', undefined],
      ['resumption.tickets', 'system-out', undefined],
    ]
    for (const [id, element, message] of expected) {
      const [outcome, ...more] = outcomesOf(id)
      assert.equal(outcome?.name, element, id)
      assert.equal(more.length, 0, id)
      if (message !== undefined) assert.match(outcome?.attributes.get('message') ?? '', message)
    }
  })

  test('a failure says how to fix and reproduce it, and shows the transcript', () => {
    const [failure] = outcomesOf('client-cert.impostor-ca-other-ski')
    for (const part of [
      'expected: refused',
      'How to fix',
      'ssl_verify_client on;',
      'How to reproduce',
      '--only client-cert.impostor-ca-other-ski',
      'CertificateRequest',
    ]) {
      assert.ok(failure?.text.includes(part), part)
    }
    const [warning] = outcomesOf('client-cert.server-auth-only')
    assert.match(warning?.text ?? '', /^warn, high: Holds only in part/)
  })

  test('a clean run has neither failure nor error', () => {
    const all = read(samplePassing())
    assert.equal(named(all, 'failure').length + named(all, 'error').length, 0)
    assert.equal(named(all, 'testcase').length, samplePassing().checks.length)
  })

  test('stays well-formed and legal XML 1.0, whatever a server wrote', () => {
    const ours = new Set([
      'testsuites',
      'testsuite',
      'properties',
      'property',
      'testcase',
      'failure',
      'error',
      'skipped',
      'system-out',
    ])
    for (const hostile of hostileTexts) {
      const source = renderJunit(poison(sampleResults(), hostile))
      assert.doesNotMatch(source, /[^\n\u{20}-\u{7e}\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u)
      for (const { name } of readMarkup(source, { html: false })) assert.ok(ours.has(name), name)
      assert.ok(source.length < 5_000_000)
    }
  })
})
