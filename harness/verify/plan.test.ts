import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import type { Check } from '../../fixtures/catalogue.ts'
import { runCheck } from '../../fixtures/run.ts'
import type { Facts } from '../../reports/types.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { blackBoxDeployment } from '../deployment/blackbox.ts'
import { HarnessError } from '../errors.ts'
import { faults, uncheckedFaults } from '../lab/faults.ts'
import { connectionsOf, type Selection, select } from './plan.ts'
import { mints } from './run-file.ts'

const catalogue = await loadCatalogue()
const everything: Selection = { only: [], skip: [], profile: 'full' }

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

test('what could disturb a host runs only where that was said to be all right', () => {
  const [first] = catalogue
  assert(first)
  const risky: Check = { ...first, id: 'reach.risky', profile: 'staging' }
  const all = [...catalogue, risky]
  const has = (selection: Partial<Selection>): boolean =>
    select(all, { ...everything, ...selection }).includes(risky)
  const refused = (selection: Partial<Selection>) => () => has(selection)
  assert.equal(has({}), false)
  assert.equal(has({ staging: true }), false, 'permission alone does not widen the profile')
  assert.equal(has({ profile: 'staging', staging: true }), true)
  assert.equal(has({ only: ['reach.*'] }), false)
  assert.equal(has({ only: ['reach.*'], staging: true }), true)
  for (const selection of [{ profile: 'staging' }, { only: ['reach.risky'] }] as const)
    assert.throws(
      refused(selection),
      (error) => error instanceof HarnessError && /--staging/.test(error.hint ?? ''),
    )
})

test('a check that wants more connections than it announced gets none, and decides nothing', async () => {
  const asked: string[] = []
  const server = createServer((socket) => {
    asked.push('connection')
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const [first] = catalogue
  assert(first)
  const greedy: Check = {
    ...first,
    needs: [],
    connections: 3,
    body: async (run) => {
      for (let tries = 0; tries < 10; tries += 1) await run.attempt({})
    },
  }
  const { port } = server.address() as AddressInfo
  const deployment = blackBoxDeployment('app.example', { connectTo: `127.0.0.1:${port}` })
  const facts = {
    clientCertificate: {
      'TLSv1.2': 'unknown',
      'TLSv1.3': 'unknown',
      enforced: 'unknown',
      enforcedAt: 'unknown',
      caNames: [],
      because: '',
    },
    addresses: [],
    alpn: [],
  } as const satisfies Facts
  const ran = await runCheck(greedy, { deployment, facts, mintFor: mints([], deployment.target) })
  server.close()
  assert.deepEqual([ran.connections, asked.length, ran.result.verdict], [3, 3, 'inconclusive'])
  assert.match(ran.result.reason, /no more than the 3 connections/)
  assert.equal(connectionsOf([greedy, { ...greedy, connections: 4 }]), 7)
})
