import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Check } from '../../fixtures/catalogue.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { companies, runCompany } from './company.ts'
import type { Cell } from './matrix.ts'

const [sample] = await loadCatalogue()
assert.ok(sample)
const check = (id: string, killedBy: string[]): Check => ({ ...sample, id, killedBy })
const checks = [check('a', ['A']), check('b', ['B']), check('c', ['C']), check('x', ['X'])]

/** A lab in which each fault kills its check, and `crosses` says which others it kills by accident. */
function labOf(crosses: Record<string, string[]> = {}) {
  const asked: { checks: string[]; faults: string[] }[] = []
  return {
    asked,
    run: async (some: readonly Check[], faults: readonly string[]): Promise<Map<string, Cell>> => {
      asked.push({ checks: some.map(({ id }) => id), faults: [...faults] })
      const dead = (id: string): boolean =>
        faults.some((fault) => fault.toLowerCase() === id || crosses[fault]?.includes(id) === true)
      return new Map(
        some.map(({ id }) => [id, { verdict: dead(id) ? 'fail' : 'pass', observed: '', durationMs: 1 }]),
      )
    },
  }
}

test('every fault has what every check says of it', async () => {
  const lab = labOf()
  const rows = await runCompany(['A', 'B', 'C'], checks, lab.run)
  for (const { fault, cells } of rows) {
    assert.equal(cells.size, checks.length)
    for (const { id } of checks)
      assert.equal(
        cells.get(id)?.verdict,
        id === fault?.toLowerCase() ? 'fail' : 'pass',
        `${id} under ${fault}`,
      )
  }
  assert.deepEqual(lab.asked, [
    { checks: ['x'], faults: ['A', 'B', 'C'] },
    { checks: ['a', 'b', 'c'], faults: ['A'] },
    { checks: ['a', 'b', 'c'], faults: ['B'] },
    { checks: ['a', 'b', 'c'], faults: ['C'] },
  ])
})

test('what fails in company is asked of each alone, and found at the one it is', async () => {
  const rows = await runCompany(['A', 'B', 'C'], checks, labOf({ B: ['x'] }).run)
  assert.deepEqual(
    rows.map(({ fault, cells }) => [fault, cells.get('x')?.verdict]),
    [
      ['A', 'pass'],
      ['B', 'fail'],
      ['C', 'pass'],
    ],
  )
})

test('larger companies are asked in parts', async () => {
  const lab = labOf()
  const members = ['A', 'B', 'C', 'D', 'E']
  await runCompany(members, checks, lab.run)
  assert.deepEqual(
    lab.asked.filter(({ faults }) => faults.length === 2),
    [
      { checks: ['c'], faults: ['A', 'B'] },
      { checks: ['a', 'b'], faults: ['C', 'D'] },
    ],
  )
})

test('one that keeps many checks from passing is found and taken out: the others stay together', async () => {
  const more = Array.from({ length: 20 }, (_, at) => check(`y${at}`, ['Y']))
  const everything = more.map(({ id }) => id)
  const lab = labOf({ D: everything })
  const rows = await runCompany(['A', 'B', 'C', 'D', 'E'], [...checks, ...more], lab.run)
  for (const { fault, cells } of rows)
    for (const id of everything)
      assert.equal(cells.get(id)?.verdict, fault === 'D' ? 'fail' : 'pass', `${id} under ${fault}`)
  const whole = lab.asked.filter(({ checks }) => everything.every((id) => checks.includes(id)))
  assert.deepEqual(
    whole.map(({ faults }) => faults.join('')),
    ['ABCDE', 'D', 'ABCE'],
  )
})

test('an accident on the check of another member is found too', async () => {
  const rows = await runCompany(['A', 'B'], checks, labOf({ B: ['a'] }).run)
  assert.equal(rows[1]?.cells.get('a')?.verdict, 'fail')
})

test('one fault by itself is run against everything', async () => {
  const lab = labOf()
  await runCompany(['A'], checks, lab.run)
  assert.deepEqual(lab.asked.at(-1), { checks: ['a', 'b', 'c', 'x'], faults: ['A'] })
})

test('companies hold every fault once, no more than asked for, neighbours apart, wide ones alone', () => {
  const wide = Array.from({ length: 9 }, (_, at) => check(`w${at}`, ['W']))
  const faults = ['A', 'B', 'C', 'D', 'E', 'W']
  const groups = companies([...checks, ...wide], faults, 2)
  assert.deepEqual(groups.flat().sort(), faults)
  assert.ok(groups.every((group) => group.length <= 2))
  assert.ok(groups.some((group) => group.length === 1 && group[0] === 'W'))
  assert.ok(!groups.some((group) => group.includes('A') && group.includes('B')))
  assert.ok(companies(checks, faults, 1).every((group) => group.length === 1))
})
