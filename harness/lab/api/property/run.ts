/**
 * Runs generated sequences against a control plane over HTTP: every answer, then everything there is to look at, then the
 * same again from the exported and imported state.
 * @module
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { FaultId } from '../../faults.ts'
import type { LabState } from '../../state/types.ts'
import { secrets, startTestApi } from '../testing/start.ts'
import { accountOperations, assertHidden, readAccount } from './account.ts'
import { applicationOperations, readApplications } from './applications.ts'
import { type Answer, type Client, createClient } from './client.ts'
import { clientSideOperations, readClientSide } from './client-side.ts'
import { directoryOperations, readDirectory } from './directory.ts'
import { initialModel, type Model } from './model.ts'
import { type Operation, operation } from './operation.ts'
import type { Pool } from './pool.ts'
import { pullOperations, readPulls } from './pulls.ts'
import { readRulesets, rulesetOperations } from './rulesets.ts'

/** How it is run. */
export interface PropertyOptions {
  pool: Pool
  runs: number
  faults?: readonly FaultId[]
  /** Default: another one each time; printed on failure. */
  seed?: number
  /** Default true: looks for the shortest sequence that fails. */
  shrink?: boolean
}

/** Subjects, so that the operations of a sequence have something to do with each other. */
const subjects = {
  clientSide: clientSideOperations,
  pulls: pullOperations,
  rulesets: rulesetOperations,
  directory: fc.oneof(directoryOperations, applicationOperations, directoryOperations),
  applications: fc.oneof(applicationOperations, applicationOperations, directoryOperations),
  account: accountOperations,
  everything: fc.oneof(
    clientSideOperations,
    pullOperations,
    rulesetOperations,
    directoryOperations,
    applicationOperations,
    accountOperations,
  ),
} as const

const clock = operation('clock', fc.constantFrom(1, 10, 31, 61), (model, seconds) => ({
  method: 'POST',
  path: '/lab/v1/clock',
  body: { advanceSeconds: seconds },
  result() {
    model.now += seconds * 1000
    return { now: new Date(model.now).toISOString() }
  },
}))

const sequences = fc.oneof(
  ...Object.values(subjects).map((operations) =>
    fc.array(fc.oneof({ weight: 5, arbitrary: operations }, { weight: 1, arbitrary: clock }), {
      minLength: 5,
      maxLength: 30,
      size: 'max',
    }),
  ),
)

/** With and without things that take their time. */
const delays = fc.constantFrom(
  { deployment: 0, deletion: 0, revocation: 0, certificateSettings: 0, sessionRevocation: 0 },
  {
    ...{ deployment: 60_000, deletion: 30_000, revocation: 60_000 },
    ...{ certificateSettings: 5000, sessionRevocation: 25_000 },
  },
)

const january = Date.UTC(2026, 0, 15)

/** What a run was made of. */
export interface PropertyReport {
  /** Requests. */
  sent: number
  /** How often each kind of write was taken, and refused: `PUT /client/v4/…/{id}`. */
  writes: Map<string, { taken: number; refused: number }>
}

/**
 * Runs the property.
 * @returns what was sent.
 * @throws Error of fast-check with seed and the shortest sequence that fails.
 */
export async function runProperty({
  pool,
  runs,
  faults = [],
  seed,
  shrink = true,
}: PropertyOptions): Promise<PropertyReport> {
  let now = january
  const report: PropertyReport = { sent: 0, writes: new Map() }
  await using t = await startTestApi({
    limits: { requests: Number.MAX_SAFE_INTEGER },
    clock: () => january,
    faults,
  })
  using client = disposable(createClient(t.api.port, secrets.edit))
  const start = JSON.stringify(t.store.state)
  const send: Client['send'] = (...request) => {
    report.sent += 1
    return client.send(...request)
  }
  await fc.assert(
    fc.asyncProperty(sequences, delays, async (sequence, chosenDelays) => {
      const fresh = { ...(JSON.parse(start) as LabState), delays: chosenDelays }
      assert.equal((await send('PUT', '/lab/v1/state', fresh)).status, 200)
      const model = initialModel(pool, now, chosenDelays)
      try {
        for (const step of sequence) await carryOut(send, model, step, report)
        await readBack(send, model)
      } finally {
        now = model.now
      }
    }),
    { numRuns: runs, endOnFailure: !shrink, ...(seed === undefined ? {} : { seed }) },
  )
  return report
}

const disposable = (client: Client): Client & Disposable => ({
  ...client,
  [Symbol.dispose]: () => client.close(),
})

/** One operation: the answer is the one the model expects. */
async function carryOut(
  send: Client['send'],
  model: Model,
  step: Operation,
  { writes }: PropertyReport,
): Promise<void> {
  const { method, path, body, refusals, status = 200, result } = step.exchange(model)
  const kind = `${method} ${path.replace(/[0-9a-f]{32}|[0-9a-f-]{36}/g, '{id}')}`
  const count = writes.get(kind) ?? { taken: 0, refused: 0 }
  count[refusals === undefined ? 'taken' : 'refused'] += 1
  writes.set(kind, count)
  const answer = await send(method, path, body)
  const what = `${method} ${path} ${JSON.stringify(body) ?? ''}: ${answer.status} ${answer.text.slice(0, 500)}`
  if (refusals !== undefined) {
    const code = answer.body?.errors?.[0]?.code
    const expected = refusals.map((refusal) => refusal.join(' / ')).join(' or ')
    assert.ok(
      refusals.some((refusal) => refusal[0] === answer.status && refusal[1] === code),
      `${what}\nexpected: ${expected}`,
    )
    assert.deepEqual([answer.body?.success, answer.body?.result], [false, null], what)
    return
  }
  assert.equal(answer.status, status, what)
  const expected = result?.(answer.body?.result)
  if (status === 204) return assert.equal(answer.text, '', what)
  assert.equal(answer.body?.success, true, what)
  assert.deepEqual(answer.body?.result, plain(expected), what)
}

/** Everything the model knows, as the API shows it; then again after an export and its import. */
async function readBack(send: Client['send'], model: Model): Promise<void> {
  const expected = [
    ...readClientSide(model),
    ...readPulls(model),
    ...readRulesets(model),
    ...readDirectory(model),
    ...readApplications(model),
    ...readAccount(model),
  ]
  const look = async (when: string): Promise<void> => {
    const answers = await Promise.all(
      expected.map(async ([path, wanted]) => ({ path, wanted, answer: await send('GET', path) })),
    )
    for (const { path, wanted, answer } of answers)
      assert.deepEqual(shown(answer, wanted), plain(wanted), `${when}: GET ${path}`)
  }
  await look('read back')
  const exported = await send('GET', '/lab/v1/state')
  assertHidden(model, exported.body?.result as LabState)
  assert.equal((await send('PUT', '/lab/v1/state', exported.body?.result)).status, 200)
  await look('read back after export and import')
  assert.equal((await send('GET', '/lab/v1/state')).text, exported.text, 'exported twice')
}

/** As JSON carries it: generated records have no prototype. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

/** What an answer shows, in the form of what is wanted. */
const shown = ({ status, body }: Answer, wanted: unknown): unknown =>
  typeof wanted === 'object' && wanted !== null && 'refused' in wanted
    ? { refused: [status, body?.errors?.[0]?.code] }
    : body?.result
