import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { columns, cut, pad, wrap } from './console/paint.ts'
import { renderConsole } from './console.ts'
import { complete, sampleBlackBox, samplePassing, sampleResults } from './sample.ts'
import { hostileTexts, poison } from './testing/hostile.ts'
import { findings } from './wording.ts'

const plain = (width = 100, results = sampleResults()): string =>
  renderConsole(results, { color: false, width, report: 'out/report.html' })

const section = (text: string, name: string): string => {
  const from = text.indexOf(`\n${name}`)
  assert.notEqual(from, -1, `no section ${name}`)
  const to = text.slice(from + 1).search(/\n\n\S/)
  return to === -1 ? text.slice(from) : text.slice(from, from + 1 + to)
}

describe('renderConsole', () => {
  test('opens with target, file, profile and facts', () => {
    const text = plain()
    assert.match(text, /^api\.example\.com {2}mtls-access-harness 0\.1\.0\n/)
    assert.match(text, /203\.0\.113\.7:443 \(203\.0\.113\.7, 2001:db8::7\)/)
    assert.match(text, /harness\.yaml \(sha256 …cf1e430635ab\)/)
    assert.match(text, /default, mode enforce, fails at medium and above/)
    assert.match(text, /TLS 1\.2 certificate requested/)
    assert.match(text, /TLS 1\.3 certificate requested/)
    assert.match(text, /enforced +no: a certificate of an impostor CA/)
    assert.match(text, /CN=Example Devices CA,O=Example GmbH,C=DE/)
  })

  test('lists every check that ran with its mark, and each that did not by reason', () => {
    const text = plain()
    for (const { id, verdict } of sampleResults().checks) assert.ok(text.includes(id), `${id} ${verdict}`)
    assert.match(text, / {2}✓ client-cert\.expired +alert certificate_expired +\d+ ms\n/)
    assert.match(text, / {2}✗ mode\.refusal-status/)
    assert.match(text, /Add to the deployment file: mtls\.crl\n {4}client-cert\.revoked\n/)
    assert.match(text, /blocked, high: twin was refused/)
    assert.match(text, /known, high: waived until 2027-01-31/)
  })

  test('counts passes per subject when narrow, unless verbose', () => {
    const narrow = plain(70)
    assert.match(narrow, /✓ 13 checks passed/)
    assert.ok(!narrow.includes('client-cert.self-signed'))
    assert.ok(narrow.includes('client-cert.impostor-ca-other-ski'), 'an id is never cut')
    const verbose = renderConsole(sampleResults(), { color: false, width: 70, verbose: true })
    assert.ok(verbose.includes('client-cert.self-signed'))
    assert.doesNotMatch(verbose, /checks passed/)
  })

  test('a finding has all that is needed to act', () => {
    const text = section(plain(), 'Findings')
    assert.match(text, /Findings \(8\)/)
    assert.match(
      text,
      /✗ fail, critical: client-cert\.impostor-ca-other-ski\n {4}Does not hold: a CA of the same name/,
    )
    assert.match(text, /expected +refused, in TLS/)
    assert.match(text, /observed +200 with the nonce/)
    assert.match(text, /decided at +HTTP/)
    assert.match(text, /fix +The server asks/)
    assert.match(text, /\n {18}ssl_verify_client on;/)
    assert.match(text, /reproduce +harness certs defects/)
    assert.match(
      text,
      /harness verify --deployment harness\.yaml --connect-to \S+ --only client-cert\.impostor-ca-other-ski\n/,
    )
    assert.match(text, /harness explain client-cert\.impostor-ca-other-ski/)
  })

  test('a remedy that several findings share is told once, by the first that has it', () => {
    const sample = sampleResults()
    const [first, second, other] = findings(sample.checks).filter(({ verdict }) => verdict === 'fail')
    const undecided = sample.checks.find(({ verdict }) => verdict === 'inconclusive')
    assert.ok(first && second && other && undecided)
    for (const check of [first, second, undecided]) check.remediation = 'Turn the one screw.'
    other.remediation = 'Turn the other screw.'
    const text = section(plain(100, sample), 'Findings')
    assert.equal(text.match(/Turn the one screw\./g)?.length, 1)
    assert.equal(text.match(/Turn the other screw\./g)?.length, 1)
    assert.deepEqual(text.match(/ {4}fix +as for .*/g), [`    fix         as for ${first.id}`])
    assert.ok(text.indexOf('as for') > text.indexOf('Turn the one screw.'))
  })

  test('what did not apply is counted by reason where a list would bury the findings', () => {
    const sample = sampleBlackBox()
    const skipped = sample.checks.filter(({ verdict }) => verdict === 'not-applicable')
    const ids = (text: string): number =>
      skipped.filter(({ id }) => section(text, 'Not applicable').includes(id)).length
    const short = plain(100, sample)
    assert.equal(ids(short), 0)
    assert.match(short, /\n {2}1 {2}Add to the deployment file: mtls\.crl\n/)
    const counts = [...section(short, 'Not applicable').matchAll(/^ {2} *(\d+) {2}\S/gm)]
    assert.equal(
      counts.reduce((sum, [, count]) => sum + Number(count), 0),
      skipped.length,
    )
    const all = renderConsole(sample, { color: false, width: 100, verbose: true })
    assert.equal(ids(all), skipped.length)
    // With a file the list stays, unless it is as long.
    const many = sampleResults()
    const [one] = many.checks.filter(({ verdict }) => verdict === 'not-applicable')
    assert.ok(one)
    assert.ok(section(plain(100, many), 'Not applicable').includes(one.id))
    const crowd = Array.from({ length: 200 }, (_, index) => ({ ...one, id: `many.number-${index}` }))
    const long = section(
      plain(100, complete({ ...many, checks: [...many.checks, ...crowd] })),
      'Not applicable',
    )
    assert.doesNotMatch(long, /many\.number/)
    assert.match(long, /\n {2}201 {2}Add to the deployment file/)
  })

  test('an undecided check has a next step and no remedy', () => {
    const text = plain()
    const from = text.indexOf('? inconclusive, high')
    const own = text.slice(from, text.indexOf('\n\n', from))
    assert.match(own, /next step +Run it again/)
    assert.doesNotMatch(own, /\n {4}fix /)
  })

  test('only what needs action is a finding', () => {
    const text = section(plain(), 'Findings')
    const wanted = new Set(findings(sampleResults().checks).map(({ id }) => `harness explain ${id}\n`))
    assert.equal(text.match(/harness explain /g)?.length, wanted.size)
    assert.ok(!plain(100, samplePassing()).includes('Findings'))
  })

  test('ends with the sentence, the sum and the path', () => {
    const tail = plain().slice(plain().indexOf('Must not go live'))
    assert.match(tail, /^Must not go live: 2 findings/)
    assert.match(tail, /\n43 planned = 36 executed \+ 6 not applicable \+ 1 blocked\n/)
    assert.match(
      tail,
      /executed: 3 fail, 1 error, 1 inconclusive, 2 warn, 1 known, 1 fixed, 2 note, 25 pass\n/,
    )
    assert.match(tail, /\nreport: out\/report\.html\n$/)
    assert.doesNotMatch(renderConsole(sampleResults(), { color: false, width: 100 }), /\nreport:/)
  })

  test('a black-box run is told how to get further', () => {
    const text = plain(100, sampleBlackBox())
    assert.match(text, /deployment +none \(black box\)/)
    assert.match(text, /harness init api\.example\.com writes one/)
    assert.match(text, /\nOnly refusals were proven: /)
  })

  test('what was never begun is told once, and is not called executed', () => {
    const sample = sampleBlackBox()
    const checks = sample.checks.map((check) =>
      check.verdict === 'not-applicable'
        ? check
        : { ...check, verdict: 'inconclusive' as const, begun: false as const, reason: 'the host slept' },
    )
    const never = complete({ ...sample, checks })
    const text = plain(100, never)
    assert.equal(text.match(/the host slept/g)?.length, 2, 'once, and in the verdict')
    assert.match(text, /planned = 0 executed \+ \d+ not applicable \+ \d+ not begun/)
    assert.doesNotMatch(text, /Findings|Questions that remain|Not applicable|they rest/)
    const decided = sample.checks.find(({ verdict }) => verdict === 'pass')
    assert.ok(decided)
    const tried = { ...decided, verdict: 'inconclusive' as const, reason: 'no answer' }
    const some = complete({ ...sample, checks: checks.map((one) => (one.id === tried.id ? tried : one)) })
    assert.match(plain(100, some), /planned = 1 executed/)
    assert.match(plain(100, some), /Findings \(1\)[\s\S]*Not begun \(\d+\)/)
    assert.match(plain(100, some), /Not applicable \(/)
  })

  test('the lab, its faults and an interruption are named', () => {
    const results = sampleResults()
    results.target.lab = true
    results.run.faults = ['edge.accepts-expired']
    results.run.interrupted = true
    const text = plain(120, results)
    assert.match(text, /embedded lab/)
    assert.match(text, /faults on +edge\.accepts-expired/)
    assert.match(text, /run .*interrupted/)
    assert.match(text, /harness verify --lab --fault edge\.accepts-expired --only /)
  })

  test('colours only when asked', () => {
    assert.doesNotMatch(plain(), /\u001b/)
    const coloured = renderConsole(sampleResults(), { color: true, width: 100, report: 'out/report.html' })
    assert.match(coloured, /\u001b\[31m✗/)
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), plain())
  })

  test('no line is wider than asked, but for commands and code', () => {
    for (const width of [40, 60, 79, 80, 100, 140]) {
      for (const line of plain(width).split('\n')) {
        // Commands and ids are there to be copied: never wrapped, never cut.
        const copied =
          /curl |harness |ssl_|error_page|^ {12}[a-z -].*:|^ {2}. client-cert\.[a-z0-9-]+$|^ {2}. (?:error|fail|warn|blocked|inconclusive), /.test(
            line,
          )
        if (!copied) assert.ok(columns(line) <= width, `${width}: ${line}`)
      }
    }
  })

  test('a server cannot write to the terminal', () => {
    for (const text of hostileTexts) {
      for (const verbose of [false, true]) {
        const out = renderConsole(poison(sampleResults(), text), { color: false, width: 100, verbose })
        assert.doesNotMatch(
          out,
          /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/,
        )
        assert.ok(out.isWellFormed())
        assert.ok(out.length < 2_000_000, 'long texts are cut')
      }
    }
  })
})

describe('paint', () => {
  test('columns counts what terminals draw', () => {
    assert.deepEqual(['abc', '日本', 'e\u0301', '😀', '✓'].map(columns), [3, 4, 1, 2, 1])
  })

  test('cut and pad keep to the width', () => {
    assert.equal(cut('abcdef', 4), 'abc…')
    assert.equal(cut('日本語', 4), '日…')
    assert.equal(cut('abc', 0), '')
    assert.equal(pad('ab', 4), 'ab  ')
    assert.equal(columns(pad('日本語', 4)), 4)
  })

  test('wrap breaks at spaces, and inside a word only when it must', () => {
    assert.deepEqual(wrap('one two three', 10), ['one two', 'three'])
    assert.deepEqual(wrap('abcdefghijklmno p', 10), ['abcdefghij', 'klmno p'])
    assert.deepEqual(wrap('', 10), [])
  })
})
