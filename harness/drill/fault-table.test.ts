/**
 * The API fails at every single step, in every way. Where it comes back, the state is restored; where it does not, the
 * remaining steps are printed, and whoever runs them has the state restored.
 * @module
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { type DrillLab, labDrill, startDrillLab } from '../cli/drill-lab.ts'
import { createLabMaterial } from '../lab/lab.ts'
import { orderNamed } from './orders.ts'
import { runDrill } from './run.ts'
import { type FailingProxy, type Failure, failures, startFailingProxy } from './testing/failing-proxy.ts'
import type { Order } from './types.ts'

/** Without traffic: what the data plane shows is looked at when everything is over. */
function silent(name: string): Order {
  const order = orderNamed(name)
  assert.ok(order)
  return { ...order, start: {}, steps: order.steps.map(({ ought: _, ...step }) => ({ ...step, expect: {} })) }
}

/** Those that only look at the traffic call nobody. */
const failing = silent('right')
  .steps.filter(({ operation }) => operation.kind !== 'observe')
  .map(({ id }) => id)
const terms = { interval: 100, hold: 0, poll: 10, grace: 10_000, pause: 10 }

let drillLab: DrillLab
let proxy: FailingProxy
/** A lab of its own for each part: its API takes 1,200 requests in five minutes, as the real one does. */
function withLab(): void {
  before(async () => {
    const delays = {
      deployment: 60,
      deletion: 60,
      revocation: 0,
      sessionRevocation: 0,
      certificateSettings: 0,
    }
    drillLab = await startDrillLab({ material: await createLabMaterial(), delays })
    proxy = await startFailingProxy(new URL(drillLab.lab.api?.baseURL ?? '').origin)
  })
  after(async () => {
    await proxy.close()
    await drillLab.lab.close()
  })
}

async function drill(step: string, failure: Failure, lasts: boolean, name = 'right') {
  proxy.failed = 0
  const whole = orderNamed(name)
  assert.ok(whole)
  const { lanes, ...options } = await labDrill(drillLab, whole, {
    terms: { ...terms, tries: lasts ? 2 : 8 },
    through: proxy.url,
    // Nobody else is to run into it, however busy the machine is.
    timeout: failure === 'timeout' ? 1_000 : 20_000,
    maxRetries: 0,
  })
  const result = await runDrill({
    ...options,
    order: silent(name),
    lanes: [],
    onStep: (id) => {
      if (id === step) proxy.failure = failure
      else if (!lasts) proxy.failure = undefined
    },
  })
  proxy.failure = undefined
  assert.ok(proxy.failed > 0, `${step}: nothing failed`)
  const shows = async (): Promise<string> => {
    const shots = await Promise.all(lanes.map((lane) => lane.shoot(new AbortController().signal)))
    return shots.map(({ seen }) => seen).join(' ')
  }
  return { result, shows, changes: async () => (await options.wholeState?.changes()) ?? ['not looked at'] }
}

function shell(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CLOUDFLARE_API_TOKEN: drillLab.material.credentials.token }
    spawn('sh', ['-c', command], { env, stdio: 'ignore' })
      .once('error', reject)
      .once('close', () => resolve())
  })
}

const open = 'allowed allowed allowed'

describe('the API fails during one step', () => {
  withLab()
  const table = new Map<string, string[]>()
  for (const step of failing)
    for (const failure of failures)
      test(`${step}, ${failure}: the state is restored`, async () => {
        const { result, shows, changes } = await drill(step, failure, false)
        const cell = {
          outcome: result.outcome,
          changes: await changes(),
          remaining: result.remaining,
          shows: await shows(),
        }
        assert.deepEqual(cell, { outcome: 'stopped-and-restored', changes: [], remaining: [], shows: open })
        assert.equal(result.steps.at(-2)?.id, step)
        table.set(step, [...(table.get(step) ?? []), 'restored'])
      })

  test('the table is whole', () => {
    assert.deepEqual([...table.keys()], failing)
    const width = Math.max(...failing.map(({ length }) => length))
    for (const [step, cells] of [['', [...failures]] as const, ...table]) {
      assert.equal(cells.length, failures.length, step)
      console.log([step.padEnd(width), ...cells.map((one) => one.padEnd(11))].join('  '))
    }
  })
})

describe('the API fails during one step, and for good', () => {
  withLab()
  for (const step of failing)
    for (const failure of ['cut before', 'cut after'] as const)
      test(`${step}, ${failure}: the remaining steps, run by hand, restore the state`, async () => {
        const { result, shows, changes } = await drill(step, failure, true)
        assert.equal(result.outcome, 'not-restored')
        assert.ok(result.remaining.length > 0)
        assert.ok(!JSON.stringify(result).includes(drillLab.material.credentials.token), 'no token')
        for (const { command } of result.remaining) await shell(command)
        assert.deepEqual({ changes: await changes(), shows: await shows() }, { changes: [], shows: open })
      })
})

describe('the API fails while a protected hostname is drilled', () => {
  withLab()
  for (const step of ['void', 'delete', 'gone', 'upload', 'enable', 'origin-required'])
    for (const failure of ['429', 'cut after'] as const)
      test(`${step}, ${failure}: it is protected again, by the same certificate`, async () => {
        const { result, shows, changes } = await drill(step, failure, false, 'live')
        assert.deepEqual([result.outcome, await changes()], ['stopped-and-restored', []])
        assert.equal(await shows(), 'allowed allowed refused')
      })
})
