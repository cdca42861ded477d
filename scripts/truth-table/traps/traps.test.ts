import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resultOf } from '../../../fixtures/run.ts'
import { serverKinds } from '../../../fixtures/servers/index.ts'
import type { Verdict } from '../../../reports/types.ts'
import { loadCatalogue } from '../../../suites/index.ts'
import type { Said } from '../said.ts'
import { traps } from './index.ts'
import { manners } from './manners.ts'
import { mannerFailures, renderTrap, trapFailures } from './render.ts'
import { judge, judgeManner, type Views } from './run-trap.ts'
import type { Place } from './trap.ts'

const catalogue = await loadCatalogue()
const place = { port: 1, otherPort: 2, ca: 'CA', crl: 'CRL', bundle: 'ALL' } as unknown as Place

test('every trap names a server, checks that exist, and a bad configuration that is not the good one', () => {
  assert(traps.length >= 25)
  const known = new Set(catalogue.map(({ id }) => id))
  const names = traps.map(({ server, id }) => `${server} ${id}`)
  assert.equal(new Set(names).size, traps.length)
  for (const { server, id, finds, bad, good, wrong } of traps) {
    assert(serverKinds.some(({ name }) => name === server))
    for (const check of finds) assert(known.has(check), `${server} ${id}: there is no check ${check}`)
    assert(finds.length > 0 && wrong !== '')
    assert.notEqual(bad(place), good(place), `${server} ${id}`)
  }
})

const [trap] = traps
assert(trap)
const [wanted = ''] = trap.finds
const said = (exitCode: number, verdicts: Record<string, Verdict> = {}): Said => ({
  exitCode,
  facts: {
    'TLSv1.2': 'requested',
    'TLSv1.3': 'requested',
    enforced: true,
    enforcedAt: 'http',
    caNames: [],
    because: '',
  },
  checks: Object.entries(verdicts).flatMap(([id, verdict]) => {
    const check = catalogue.find((one) => one.id === id)
    return check === undefined ? [] : [resultOf(check, verdict, {})]
  }),
})
const views = (file: Said, outside: Said): Views => ({ file, outside })
const caught = views(said(1, { [wanted]: 'fail' }), said(1, { [wanted]: 'fail' }))
const calm = views(said(0, { [wanted]: 'pass' }), said(3, { [wanted]: 'blocked' }))
const problems = (bad: Views, good: Views, outside: 'found' | 'hidden' = 'found'): string =>
  judge({ ...trap, outside }, bad, good).problems.join('; ')

test('a trap that is found, beside a twin on which nothing is found, is right; everything else is told', () => {
  assert.equal(problems(caught, calm), '')
  assert.match(problems(calm, calm), /not found with a file.*exit 0 with a file.*not found from outside/)
  assert.match(problems({ ...caught, file: said(1, { 'reach.tls': 'fail' }) }, calm), /found: reach\.tls/)
  assert.match(
    problems(caught, { ...calm, outside: said(1, { 'reach.tls': 'fail' }) }),
    /false finding.*reach\.tls/,
  )
  assert.match(problems(caught, { ...calm, file: said(3) }), /exit 3 for the good twin/)
  assert.match(problems(caught, calm, 'hidden'), /though it cannot be seen there/)
  assert.equal(problems({ ...caught, outside: said(3) }, calm, 'hidden'), '')
})

test('a server that is missing counts in CI only', () => {
  const found = { file: [], outside: [] }
  const skipped = { trap, problems: [], found, skipped: 'not installed' }
  assert.deepEqual([trapFailures([skipped], false), trapFailures([skipped], true)], [0, 1])
  assert.match(renderTrap(skipped), /skipped: not installed/)
  assert.match(renderTrap({ trap, problems: ['missed'], found }), /WRONG\n {4}true: .*\n {4}missed/)
})

const [manner] = manners
assert(manner)

test('manners name a server, differ, and expect nothing to be found', () => {
  assert.equal(new Set(manners.map(({ server, id }) => `${server} ${id}`)).size, manners.length)
  for (const { server, how } of manners) assert(serverKinds.some(({ name }) => name === server) && how !== '')
})

test('a manner is right where nothing is found and the exit codes are those that follow', () => {
  const of = (file: Said, outside: Said): string =>
    judgeManner({ ...manner, exit: { file: 0, outside: 3 } }, views(file, outside)).problems.join('; ')
  assert.equal(of(said(0), said(3)), '')
  assert.match(of(said(1, { 'reach.tls': 'fail' }), said(3)), /false finding \(file\); reach\.tls.*exit 1/)
  assert.match(of(said(0), said(0)), /exit 0 \(outside\), 3 was right/, 'not verified, and yet green')
  const skipped = { manner, problems: [], skipped: 'not installed' }
  assert.deepEqual([mannerFailures([skipped], false), mannerFailures([skipped], true)], [0, 1])
})
