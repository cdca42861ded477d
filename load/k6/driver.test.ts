import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createAuthority } from '../../harness/pki/authority.ts'
import { judgeStep } from '../capacity/verdict.ts'
import { processSource } from '../cpu/process.ts'
import type { OutcomeKind } from '../flood/types.ts'
import { allowTarget } from '../safety/target.ts'
import { Collector } from './collect.ts'
import { attemptsIn, k6Driver } from './driver.ts'
import { findK6 } from './find.ts'

const begin = 1_000_000

/** Attempts at 10/s from `begin`: how late each began, and how long it took. */
function collected(attempts: readonly { late?: number; took?: number; kind?: OutcomeKind }[]): Collector {
  const collector = new Collector()
  for (const [at, { late = 0, took = 20, kind = 'accepted' }] of attempts.entries())
    collector.add({
      metric: 'attempt',
      at: begin + at * 100 + late + took,
      value: took,
      outcome: { kind },
    })
  return collector
}
const plain = (count: number, changes = {}): object[] => Array.from({ length: count }, () => ({ ...changes }))

test('attempts on their grid are on time; one that began late counts its delay as lag and as latency', () => {
  const calm = attemptsIn(collected(plain(30)), 10, begin + 1000, 2000)
  assert.deepEqual(
    [calm.offered, calm.achieved, calm.unexpected, calm.dropped, calm.startLagMs, calm.p99Ms, calm.perSecond],
    [20, 20, 0, 0, 0, 20, [10, 10]],
  )
  const attempts = [...plain(20), { late: 90, took: 20 }, ...plain(9)]
  const late = attemptsIn(collected(attempts), 10, begin + 1000, 2000)
  assert.ok(late.startLagMs > 70 && (late.p99Ms ?? 0) > 90, JSON.stringify(late))
  // Of a grid that began late itself only the rest can be late.
  const shifted = attemptsIn(collected(plain(30, { late: 40 })), 10, begin + 1000, 2000)
  assert.equal(shifted.startLagMs, 0)
})

test('what was dropped, refused or never ended is offered and not achieved', () => {
  const refused = attemptsIn(
    collected([...plain(25), ...plain(5, { kind: 'closed' })]),
    10,
    begin + 1000,
    2000,
  )
  assert.deepEqual([refused.offered, refused.achieved, refused.unexpected], [20, 15, 5])
  const silent = attemptsIn(collected(plain(12)), 10, begin + 1000, 2000)
  assert.deepEqual([silent.offered, silent.achieved], [19, 2])
  const full = collected(plain(15))
  full.add({ metric: 'dropped', at: begin + 1500, value: 15 })
  const dropped = attemptsIn(full, 10, begin + 1000, 2000)
  assert.deepEqual([dropped.offered, dropped.dropped], [20, 15])
  assert.equal(attemptsIn(new Collector(), 10, begin, 2000).p99Ms, undefined)
})

test('k6 makes a step that holds; the same server without the certificate it wants breaks it', async (t) => {
  const k6 = await findK6()
  const authority = await createAuthority()
  const [server, good, stranger] = await Promise.all([
    authority.issue({ purpose: 'server' }),
    authority.issue(),
    (await createAuthority()).issue(),
  ])
  const https = createServer(
    { cert: server.cert, key: server.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    (_, response) => response.end('in'),
  )
  t.after(() => https.close())
  await once(https.listen(0, '127.0.0.1'), 'listening')
  const { port } = https.address() as AddressInfo
  const target = await allowTarget({ host: 'localhost', address: '127.0.0.1', port })
  const cpu = await processSource(process.pid)
  const step = (identity: { cert: string; key: string }) =>
    k6Driver({ k6, target, identity, tls: '1.3', p99Ms: 2000, cpu, cores: 2 }).step(
      { rate: 20, settleMs: 400, sustainMs: 1000 },
      AbortSignal.timeout(60_000),
    )
  const objective = { p99Ms: 2000, achievedShare: 0.99 }
  const held = await step(good)
  assert.ok(held.offered >= 19 && held.achieved === held.offered, JSON.stringify(held))
  assert.ok(held.clientBusy > 0 && (held.serverBusy ?? 0) > 0 && (held.p99Ms ?? 0) > 0)
  const broken = await step(stranger)
  assert.deepEqual([broken.achieved, broken.unexpected > 0], [0, true])
  assert.equal(judgeStep(broken, objective).verdict, 'breaks')
  await assert.rejects(
    k6Driver({
      k6: { ...k6, path: '/absent/k6' },
      target,
      identity: good,
      tls: '1.3',
      p99Ms: 50,
      cores: 2,
    }).step({ rate: 20, settleMs: 100, sustainMs: 100 }, AbortSignal.timeout(60_000)),
    { code: 'ERR_PLATFORM', message: /k6 failed/ },
  )
  await assert.rejects(
    k6Driver({ k6, target, identity: good, tls: '1.3', p99Ms: 50, cores: 2 }).step(
      { rate: 20, settleMs: 100, sustainMs: 100 },
      AbortSignal.abort(),
    ),
  )
})
