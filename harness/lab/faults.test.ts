import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HarnessError } from '../errors.ts'
import { defectIds } from '../pki/types.ts'
import { faults, nearestFault, selectFaults } from './faults.ts'

test('ids are unique, and every fault says what it does and where it is known from', () => {
  const ids = faults.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const { id, sentence, source } of faults) {
    assert.match(id, /^(edge|access|access-api|origin|config)\.[a-z0-9.-]+$/)
    assert.match(sentence, /\.$/, id)
    assert.notEqual(source, '', id)
  }
})

test('every defect of the pki has a fault that accepts it', () => {
  const ids = new Set<string>(faults.map(({ id }) => id))
  for (const defect of defectIds) assert.ok(ids.has(`edge.accepts-${defect}`), defect)
})

test('known ids are selected, an unknown one names the nearest', () => {
  assert.deepEqual(
    [...selectFaults(['edge.head-open', 'edge.open-in-1.2'])],
    ['edge.head-open', 'edge.open-in-1.2'],
  )
  assert.deepEqual([...selectFaults([])], [])
  assert.throws(
    () => selectFaults(['edge.head-opn']),
    (error) =>
      error instanceof HarnessError && error.code === 'ERR_USAGE' && /edge\.head-open/.test(error.hint ?? ''),
  )
})

for (const [typed, meant] of [
  ['accepts-expired-days', 'edge.accepts-expired-day'],
  ['edge.refusal_body', 'edge.refusal-body'],
  ['EDGE.ROUTES-BY-HOST', 'edge.routes-by-host'],
] as const) {
  test(`"${typed}" is near ${meant}`, () => assert.equal(nearestFault(typed), meant))
}
