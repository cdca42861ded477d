import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Lab, startLab } from '../lab/lab.ts'
import { type ScenarioContext, scenarioContext } from '../lab/scenarios/context.ts'
import type { LabState } from '../lab/state/types.ts'
import { createAuthority } from '../pki/authority.ts'
import { type Ended, harness } from './testing/lab-up.ts'

let root: string
let lab: Lab
let context: ScenarioContext
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'harness-lab-state-'))
  // Where the command looks without --lab.
  lab = await startLab({ dir: join(root, 'harness-lab'), parts: 'all' })
  context = await scenarioContext(lab.labFile ?? '')
})
after(async () => {
  await lab.close()
  await rm(root, { recursive: true, force: true })
})

const state = (...args: string[]): Promise<Ended> => harness(root, 'lab', 'state', ...args)
const read = async (name: string): Promise<string> => readFile(join(root, name), 'utf8')

test('export: mode 0600, the whole state, and a file that is there is not overwritten', async () => {
  const { code, out } = await state('export', '--out', 'before.json')
  assert.equal(code, 0)
  assert.ok(out.includes(join(root, 'before.json')))
  assert.equal((await stat(join(root, 'before.json'))).mode & 0o777, 0o600)
  assert.deepEqual(JSON.parse(await read('before.json')), JSON.parse(JSON.stringify(lab.store.state)))

  await writeFile(join(root, 'precious.json'), 'precious')
  const refused = await state('export', '--out', 'precious.json')
  assert.equal(refused.code, 2)
  assert.match(refused.err, /exists already/)
  assert.equal(await read('precious.json'), 'precious')
  const nowhere = await state('export', '--out', 'no/such/folder.json')
  assert.equal(nowhere.code, 2)
  assert.match(nowhere.err, /cannot be written/)
})

test('diff: exit code 0 when nothing differs, 1 when something does; secrets are fingerprints', async () => {
  const same = await state('diff', 'before.json')
  assert.deepEqual([same.code, same.out], [0, 'The same.\n'])
  assert.deepEqual(JSON.parse((await state('diff', 'before.json', '--json')).out), [])

  const zone = context.zone('harness.test')
  const { cert, key } = await (await createAuthority()).issue({ subject: 'CN=pulls.harness.test' })
  const { hostnameCertificates } = context.sdk.originTLSClientAuth
  await hostnameCertificates.create({ ...zone, certificate: cert, private_key: key })
  const token = await context.sdk.zeroTrust.access.serviceTokens.create({ ...context.account, name: 'diff' })

  const differs = await state('diff', 'before.json')
  assert.equal(differs.code, 1)
  assert.match(differs.out, /\/originPulls\/hostnameCertificates\/[0-9a-f]+\n {2}- \(absent\)\n {2}\+ \{/)
  assert.match(differs.out, /"privateKey":"sha256:[0-9a-f]{16}"/)
  assert.match(differs.out, /"secretHash":"sha256:[0-9a-f]{16}"/)
  assert.match(differs.out, /\n2 differences\.\n$/)

  assert.equal((await state('export', '--out', 'after.json')).code, 0)
  const json = await state('diff', 'before.json', 'after.json', '--json')
  assert.equal(json.code, 1)
  const changes = JSON.parse(json.out) as { path: string; before?: unknown; after?: unknown }[]
  assert.deepEqual(
    changes.map(({ path, before: was }) => [path.split('/').at(-2), was]),
    [
      ['serviceTokens', undefined],
      ['hostnameCertificates', undefined],
    ],
  )
  const backwards = await state('diff', 'after.json', 'before.json')
  assert.equal(backwards.code, 1)
  assert.match(backwards.out, /\+ \(absent\)/)
  const { secretHash = '' } =
    Object.values(lab.store.state.accounts).flatMap(({ access }) =>
      Object.values(access.serviceTokens).filter(({ id }) => id === token.id),
    )[0] ?? {}
  assert.match(secretHash, /^[0-9a-f]{64}$/)
  for (const { out } of [differs, json, backwards]) {
    assert.doesNotMatch(out, /PRIVATE KEY/)
    assert.ok(!out.includes(secretHash), 'not even the hash')
    assert.ok(!out.includes(token.client_secret ?? 'no secret'))
  }
})

test('diff passes over times, and does not with --all', async () => {
  const changed = JSON.parse(await read('before.json')) as LabState
  for (const zone of Object.values(changed.zones)) zone.modifiedOn = '2020-01-01T00:00:00.000Z'
  await writeFile(join(root, 'times.json'), JSON.stringify(changed))
  assert.equal((await state('diff', 'before.json', 'times.json')).code, 0)
  const all = await state('diff', 'before.json', 'times.json', '--all')
  assert.equal(all.code, 1)
  assert.match(all.out, /modifiedOn/)
})

test('import: the state is what it was', async () => {
  assert.equal((await state('diff', 'before.json')).code, 1)
  const { code, out } = await state('import', 'before.json')
  assert.equal(code, 0, out)
  assert.equal((await state('diff', 'before.json', '--all')).code, 0)
})

test('import of what is no state is refused, and nothing is lost', async () => {
  const good = JSON.parse(await read('before.json')) as LabState
  const before = JSON.stringify(lab.store.state)
  const garbage: Record<string, string> = {
    'nothing.json': '',
    'text.json': 'not JSON',
    'array.json': '[]',
    'other.json': '{"schemaVersion":1}',
    'old.json': JSON.stringify({ ...good, schemaVersion: 0 }),
    'half.json': JSON.stringify(good).slice(0, -500),
    'zones.json': JSON.stringify({ ...good, zones: { z: { id: 'z' } } }),
    'orphans.json': JSON.stringify({ ...good, accounts: {} }),
  }
  for (const [name, text] of Object.entries(garbage)) {
    await writeFile(join(root, name), text)
    const { code, err } = await state('import', name)
    assert.equal(code, 2, `${name}: ${err}`)
    assert.match(err, /is not an exported state|no lab state/, name)
    assert.equal(JSON.stringify(lab.store.state), before, name)
  }
  const missing = await state('import', 'missing.json')
  assert.equal(missing.code, 2)
  assert.match(missing.err, /cannot be read/)
})

test('without a lab: said, with a way on', async () => {
  const { code, err } = await state('export', '--out', 'x.json', '--lab', 'nowhere')
  assert.equal(code, 2)
  assert.match(err, /no lab is running in .*nowhere/)
  assert.match(err, /hint: start one with: harness lab up/)
  assert.ok(!existsSync(join(root, 'x.json')))
  await writeFile(
    join(root, 'lab.json'),
    JSON.stringify({ api: { labURL: 'http://127.0.0.1:9/lab/v1', token: 't' } }),
  )
  const killed = await state('diff', 'before.json', '--lab', '.')
  assert.equal(killed.code, 3)
  assert.match(killed.err, /the lab does not answer/)
})
