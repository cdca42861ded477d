import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { DrillResult } from '../../reports/drill/types.ts'
import { type DrillExport, exportName } from './export.ts'
import { orderNamed } from './orders.ts'
import { checkStart } from './preflight.ts'
import { checkNoneUnfinished, filesOf } from './unfinished.ts'

const hostname = 'api.example.com'
const at = '2026-11-25T12:00:00.000Z'

let dir: string
let out: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-unfinished-drill-'))
  out = await mkdtemp(join(dir, 'out-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const exported = (more: Partial<DrillExport> = {}): string =>
  JSON.stringify({
    schemaVersion: '1.0',
    tool: { name: 'mtls-access-harness', version: '0' },
    order: 'right',
    kind: 'pulls',
    hostname,
    zone: 'z',
    lab: false,
    at,
    certificates: {},
    state: {},
    ...more,
  })

const ended = (more: Partial<DrillResult> = {}): string => {
  const result: DrillResult = {
    schemaVersion: '1.0',
    tool: { name: 'mtls-access-harness', version: '0', node: 'v24.0.0' },
    drill: { order: 'right', title: 't', wrong: false },
    target: { hostname, zone: 'z', lab: false },
    started: '2026-11-25T12:00:01.000Z',
    durationMs: 1,
    terms: { intervalMs: 1, graceMs: 1, holdMs: 1 },
    lanes: [],
    segments: [],
    steps: [],
    state: { same: true, compared: 'c', changes: [] },
    outcome: 'as-predicted',
    problems: [],
    remaining: [],
    ...more,
  }
  return JSON.stringify(result)
}

const check = (): Promise<void> =>
  checkNoneUnfinished({ out, deployment: join(dir, 'harness.yaml'), hostname })
const refused = async (file: string): Promise<void> => {
  const way = `harness drill restore ${file} -d ${join(dir, 'harness.yaml')} --allow-changes --hostname ${hostname}`
  await assert.rejects(check(), (error: { code?: string; message: string; hint?: string }) => {
    assert.equal(error.code, 'ERR_USAGE')
    assert.ok(error.message.includes(file), error.message)
    assert.ok(error.hint?.includes(way), error.hint)
    return true
  })
}

test('an export of any order without its result stops the next drill of the hostname', async () => {
  await check()
  await rm(out, { recursive: true })
  await check()
  out = await mkdtemp(join(dir, 'out-'))
  for (const order of ['right', 'documented', 'live']) {
    const file = join(out, filesOf(order).exported)
    await writeFile(file, exported({ order }))
    await refused(file)
    await rm(file)
  }
  await writeFile(join(out, 'drill-live-export.json'), exported({ order: 'live', hostname: 'b.example.com' }))
  await writeFile(join(out, 'drill-export.json'), exported({ lab: true }))
  await check()
})

test('an export of a drill that has ended does not; the result has to be of this very drill, and restored', async () => {
  const file = join(out, 'drill-export.json')
  const result = join(out, 'drill.json')
  await writeFile(file, exported())
  for (const good of [ended(), ended({ outcome: 'stopped-and-restored' })]) {
    await writeFile(result, good)
    await check()
  }
  for (const other of [
    ended({ outcome: 'not-restored' }),
    ended({ started: '2026-11-25T11:59:59.000Z' }),
    ended({ target: { hostname: 'b.example.com', zone: 'z', lab: false } }),
    ended({ drill: { order: 'live', title: 't', wrong: false } }),
    '{',
  ]) {
    await writeFile(result, other)
    await refused(file)
  }
})

test('so does what the checks left beside the deployment file, and an export that cannot be read', async () => {
  const beside = join(dir, exportName)
  await writeFile(beside, exported({ order: 'documented' }))
  await refused(beside)
  await writeFile(beside, exported({ hostname: 'b.example.com' }))
  await check()
  await writeFile(beside, '{')
  await assert.rejects(check(), {
    code: 'ERR_USAGE',
    message: /may be of an earlier one, and cannot be read/,
  })
  await rm(beside)
  await writeFile(join(out, 'drill-export.json'), '')
  await assert.rejects(check(), { code: 'ERR_USAGE', message: /drill-export\.json may be of an earlier one/ })
})

test('a hostname that looks half done names the way back of an earlier drill', () => {
  const right = orderNamed('right') ?? assert.fail('no order')
  const first = { id: 'c', status: 'active' }
  for (const state of [
    { association: { certId: 'c', enabled: true, status: 'active' }, certificates: { first } },
    { association: null, certificates: { first } },
  ])
    assert.throws(
      () => checkStart(right, state as Parameters<typeof checkStart>[1], {}),
      ({ hint = '' }: { hint?: string }) => /harness drill restore <its export>/.test(hint),
    )
  checkStart(right, { association: null, certificates: { first: null } }, {})
})
