import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { HarnessError } from '../../harness/errors.ts'
import { findK6, k6Places } from './find.ts'
import { rateEnv, totalOf } from './rate.ts'
import { makeScratch } from './scratch.ts'
import { segmentsOf } from './segments.ts'
import { reasonsToVoid } from './void.ts'

const folder = mkdtempSync(join(tmpdir(), 'k6-find-'))
after(() => rmSync(folder, { recursive: true }))

function fake(name: string, says: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\necho '${says}'\n`)
  chmodSync(path, 0o755)
  return path
}

test('k6 is the first of the right version; a wrong one is passed over', async () => {
  const old = fake('old', 'k6 v1.7.0 (go1.26, linux/amd64)')
  const right = fake('right', 'k6 v2.2.1 (go1.26, linux/amd64)')
  assert.deepEqual(await findK6([join(folder, 'absent'), old, right]), { path: right, version: '2.2.1' })
})

test('without k6 the error says what was found and how to get one', async () => {
  const old = fake('old', 'k6 v1.7.0')
  await assert.rejects(findK6([old]), (error: unknown) => {
    assert.ok(error instanceof HarnessError)
    assert.match(error.message, /2\.2\.0 was not found \(.*old is 1\.7\.0\)/)
    assert.match(error.hint ?? '', /setup\.mjs --k6.*HARNESS_K6/)
    return true
  })
})

test('HARNESS_K6 alone counts when it is set; else PATH before .tools', () => {
  assert.deepEqual(k6Places({ HARNESS_K6: '/a/k6', PATH: '/b' }, '/root'), ['/a/k6'])
  assert.deepEqual(k6Places({ PATH: '/b' }, '/root').slice(0, 2), ['/b/k6', '/root/.tools/k6/k6'])
})

test('rates become what the scripts read; a fraction, nothing and a time of 0 are refused', () => {
  assert.deepEqual(rateEnv({ rate: 5, seconds: 1.5 }), { LOAD_RATE: '5', LOAD_DURATION: '1500ms' })
  const stages = [
    { rate: 0, seconds: 2 },
    { rate: 30, seconds: 4 },
  ]
  assert.deepEqual(rateEnv({ stages }), { LOAD_STAGES: '0@2000ms,30@4000ms' })
  assert.deepEqual(totalOf({ stages }), { rate: 30, seconds: 6, count: 120 })
  assert.deepEqual(rateEnv({ ramp: { from: 1, to: 9, seconds: 2 } }), { LOAD_RAMP: '1-9@2000ms' })
  assert.deepEqual(totalOf({ ramp: { from: 1, to: 9, seconds: 2 } }), { rate: 9, seconds: 2, count: 10 })
  for (const plan of [
    { rate: 1.5, seconds: 1 },
    { rate: -1, seconds: 1 },
    { rate: 1, seconds: 0 },
  ]) {
    assert.throws(() => rateEnv(plan), { code: 'ERR_USAGE' })
  }
})

test('segments touch, begin at 0 and end at 1', () => {
  assert.deepEqual(segmentsOf(1), [{ segment: '0:1', sequence: '0,1' }])
  assert.deepEqual(
    segmentsOf(3).map(({ segment }) => segment),
    ['0:1/3', '1/3:2/3', '2/3:1'],
  )
  for (const parts of [0, 1.5, 1001]) assert.throws(() => segmentsOf(parts), { code: 'ERR_USAGE' })
})

test('keys are written for their owner alone and are gone afterwards; a name cannot leave the folder', async () => {
  const scratch = await makeScratch()
  const env = await scratch.identity('../../x', { cert: 'c', key: 'k' })
  assert.equal(statSync(scratch.dir).mode & 0o777, 0o700)
  for (const name of readdirSync(scratch.dir)) {
    assert.equal(statSync(join(scratch.dir, name)).mode & 0o777, 0o600)
  }
  assert.equal(readdirSync(scratch.dir).length, 2)
  assert.ok(env.LOAD_KEY_FILE?.startsWith(scratch.dir))
  assert.deepEqual(await scratch.identity('none', undefined), {})
  scratch.remove()
  assert.equal(existsSync(scratch.dir), false)
})

test('a lane is void without attempts, with other outcomes, or without proof; else it is not', () => {
  const attempts = (byKind: Record<string, number>) => ({
    total: Object.values(byKind).reduce((sum, one) => sum + one, 0),
    byKind,
    alerts: {},
    statuses: {},
    other: {},
  })
  const proof = {
    by: 'every connection',
    connections: 10,
    sent: 10,
    empty: 0,
    notAsked: 0,
    other: 0,
    unread: 0,
    limits: '',
  } as const
  const good = { certificate: true, attempts: attempts({ alert: 10 }), expected: ['alert'], proof } as const
  assert.deepEqual(reasonsToVoid(good), [])
  assert.match(reasonsToVoid({ ...good, attempts: attempts({}) })[0] ?? '', /no attempt/)
  assert.match(
    reasonsToVoid({ ...good, attempts: attempts({ alert: 9, accepted: 1 }) })[0] ?? '',
    /expected alert, seen: alert 9, accepted 1/,
  )
  const omitted = { ...proof, sent: 0, empty: 10 }
  assert.match(
    reasonsToVoid({ ...good, proof: omitted })[0] ?? '',
    /sent on 0 of 10 connections: the client sent an empty list/,
  )
  assert.deepEqual(reasonsToVoid({ ...good, certificate: false, proof: omitted }), [])
  assert.match(reasonsToVoid({ ...good, certificate: false })[0] ?? '', /none should be/)
  assert.match(reasonsToVoid({ ...good, proof: { ...proof, sent: 0, notAsked: 10 } })[0] ?? '', /did not ask/)
  assert.match(reasonsToVoid({ ...good, proof: { ...proof, sent: 0, unread: 10 } })[0] ?? '', /as far as/)
  assert.match(
    reasonsToVoid({ ...good, proof: { ...proof, connections: 0, sent: 0 } })[0] ?? '',
    /no connection/,
  )
})
