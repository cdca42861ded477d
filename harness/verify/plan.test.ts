import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogue } from '../../suites/index.ts'
import { HarnessError } from '../errors.ts'
import { faults, uncheckedFaults } from '../lab/faults.ts'
import { select } from './plan.ts'

const catalogue = await loadCatalogue()
const everything = { only: [], skip: [], profile: 'full' } as const

test('profiles widen: quick ⊂ default ⊂ full', () => {
  const [quick, middle, full] = (['quick', 'default', 'full'] as const).map((profile) =>
    select(catalogue, { ...everything, profile }),
  )
  assert.ok(quick && middle && full)
  assert.ok(quick.length > 10 && quick.length < middle.length && middle.length <= full.length)
  assert.ok(quick.every((check) => middle.includes(check)))
})

test('--only takes ids and globs and overrides the profile, --skip removes', () => {
  const ids = (only: string[], skip: string[] = []) =>
    select(catalogue, { only, skip, profile: 'quick' }).map(({ id }) => id)
  assert.deepEqual(ids(['client-cert.expired-second']), ['client-cert.expired-second'])
  assert.deepEqual(ids(['client-cert.expired-*'], ['*-second']), [
    'client-cert.expired-years',
    'client-cert.expired-day',
  ])
})

test('a pattern that matches nothing is wrong usage, and so is an empty selection', () => {
  const usage = (error: unknown) => error instanceof HarnessError && error.code === 'ERR_USAGE'
  assert.throws(() => select(catalogue, { ...everything, only: ['client-cert.expird'] }), usage)
  assert.throws(() => select(catalogue, { ...everything, only: ['reach.tls'], skip: ['reach.*'] }), usage)
})

test('a dot in a pattern is a dot', () => {
  assert.throws(() => select(catalogue, { ...everything, only: ['reachXtls'] }), HarnessError)
})

test('every check names at least one fault that the lab has, and says why, what and how', () => {
  const known = new Set<string>(faults.map(({ id }) => id))
  for (const check of catalogue) {
    assert.ok(check.killedBy.length > 0, `${check.id} has no fault`)
    for (const fault of check.killedBy)
      assert.ok(known.has(fault), `${check.id} names ${fault}, which the lab does not have`)
    for (const text of [check.title, check.why, check.sends, check.expects, check.remediation])
      assert.ok(text.length > 3, check.id)
    assert.ok(check.grounds.length > 0, `${check.id} has no grounds`)
  }
})

test('there are at least 45 checks, and every fault of the lab is named by one or waits for its subject', () => {
  assert.ok(catalogue.length >= 45)
  const waiting = new Set<string>(uncheckedFaults.map(({ id }) => id))
  const named = new Set(catalogue.flatMap(({ killedBy }) => killedBy))
  assert.deepEqual(
    faults.map(({ id }) => id).filter((id) => !named.has(id) && !waiting.has(id)),
    [],
  )
})
