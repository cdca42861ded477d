import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderConsole } from './console.ts'
import { renderHtml } from './html.ts'
import { renderMarkdown } from './markdown.ts'
import { questionsOf } from './questions.ts'
import { lastRank, rankOf } from './rank.ts'
import { complete, sampleBlackBox, samplePassing } from './sample.ts'
import type { CheckResult, Door, Results } from './types.ts'

const results = (checks: Partial<CheckResult>[], elsewhere: Door[] = []): Results => {
  const sample = sampleBlackBox()
  const [model] = sample.checks
  assert(model)
  return complete({
    ...sample,
    facts: { ...sample.facts, elsewhere },
    checks: checks.map((one, index) => ({
      ...model,
      id: `${model.suite}.number-${index}`,
      verdict: 'not-applicable',
      ...one,
    })),
  })
}
const http3: Door = { kind: 'http3', where: 'HTTP/3', seen: 'not-tested', because: 'QUIC answers on UDP 443' }
const neighbour: Door = { kind: 'name', where: 'www.example.com', seen: 'open', because: 'HTTP 200' }

test('rows of the catalogue have the rank of its section 2', () => {
  assert.equal(rankOf(['RFC 8446 §4', 'catalogue CRT-01']), 1)
  assert.equal(rankOf(['catalogue TLS-27', 'catalogue CRT-29']), 21)
  assert.equal(rankOf(['catalogue MOD-03']), 8)
  assert.equal(rankOf(['RFC 8446 §4']), lastRank)
})

test('what is missing becomes questions, those of the best rank first, one per addition', () => {
  const asked = questionsOf(
    results([
      { reason: 'needs controlPlane', grounds: ['catalogue CPA-05'], title: 'the plan is audited' },
      {
        reason: 'needs mtls.ca.key',
        grounds: ['catalogue CRT-10'],
        title: 'server certificates are refused',
      },
      { reason: 'needs origin', grounds: ['catalogue ORI-01'], title: 'the origin is closed' },
      { reason: 'needs mtls.ca.key', grounds: ['catalogue CRT-06'], title: 'expired ones are refused' },
      { reason: 'mtls.mode is off', grounds: ['catalogue CRT-01'] },
      { verdict: 'pass', reason: 'needs nothing', grounds: ['catalogue CRT-01'] },
    ]),
  )
  assert.deepEqual(
    asked.map(({ rank, checks }) => [rank, checks.length]),
    [
      [2, 1],
      [17, 2],
      [70, 1],
    ],
  )
  assert.match(asked[1]?.ask ?? '', /expired ones are refused\? \(and 1 more\)/)
  assert.match(asked[1]?.lines ?? '', /ca: \{ cert/)
})

test('a refusal that proves nothing without a twin is a question too, and words nobody foresaw are kept', () => {
  const reason = 'refused, but perhaps for another reason: proves nothing (give mtls.identities)'
  const [twin, other] = questionsOf(
    results([
      { verdict: 'blocked', reason, grounds: ['catalogue CRT-01'] },
      { reason: 'needs something new', grounds: [] },
    ]),
  )
  assert.match(twin?.lines ?? '', /identities/)
  assert.deepEqual([other?.add, other?.lines, other?.rank], ['something new', '', lastRank])
})

test('a key set that could not be trusted is a question about trust', () => {
  const reason = 'team.cloudflareaccess.com has no certificate that is trusted here: SELF_SIGNED'
  const [asked] = questionsOf(results([{ verdict: 'blocked', reason }]))
  assert.match(asked?.lines ?? '', /^trust:/)
})

test('HTTP/3 and an open neighbour are questions; doors that are closed or refuse are none', () => {
  const asked = questionsOf(
    results([], [http3, neighbour, { ...neighbour, seen: 'refused' }, { ...neighbour, seen: 'closed' }]),
  )
  assert.deepEqual(
    asked.map(({ add }) => /not certified for HTTP\/3/.test(add)),
    [false, true],
  )
  assert.match(asked[0]?.lines ?? '', /hostname: www\.example\.com/)
})

test('a name of a server cannot write into the file that is proposed', () => {
  const [asked] = questionsOf(results([], [{ ...neighbour, where: 'x\nadmin: true' }]))
  assert.doesNotMatch(asked?.lines ?? '', /admin/)
})

test('console, page and Markdown ask the same questions; a run without any has no such section', () => {
  const open = results([{ reason: 'needs origin', title: 'the origin is closed' }], [http3])
  const texts = [renderConsole(open, { color: false, width: 100 }), renderHtml(open), renderMarkdown(open)]
  for (const text of texts) {
    assert.match(text, /Questions that remain \(2\)/)
    assert.match(text.replace(/\s+/g, ' '), /the origin is closed\?/)
    assert.match(text.replace(/\s+/g, ' '), /not certified for HTTP/)
  }
  for (const text of [
    renderConsole(samplePassing(), { color: false, width: 100 }),
    renderHtml(samplePassing()),
  ])
    assert.doesNotMatch(text, /Questions that remain/)
})

test('a run that saw HTTP/3 says that it is not certified for it', () => {
  const sample = sampleBlackBox()
  assert.doesNotMatch(complete(sample).verdict, /HTTP\/3/)
  const seen = complete({ ...sample, facts: { ...sample.facts, elsewhere: [http3] } })
  assert.match(seen.verdict, /not certified for HTTP\/3/)
})

test('names that are let in are asked for where they go, and are no question about the Access team', () => {
  const asked = questionsOf(
    results([
      { reason: 'needs mtls.commonNames: whom the rule lets in', grounds: ['catalogue IDM-01'] },
      { reason: 'needs access.commonNames: whom the policy lets in', grounds: ['catalogue IDM-02'] },
      {
        reason: 'needs mtls.identities or mtls.ca.key beside mtls.commonNames',
        grounds: ['catalogue IDM-03'],
      },
      { reason: 'needs access', grounds: [] },
    ]),
  )
  assert.deepEqual(
    asked.map(({ lines }) => /^(\w+):[\s\S]*?(commonNames|identities|team)/.exec(lines)?.slice(1).join('.')),
    ['mtls.commonNames', 'access.commonNames', 'mtls.identities', 'access.team'],
  )
})
