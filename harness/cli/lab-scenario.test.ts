import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from '../lab/lab.ts'
import { lasting } from '../lab/scenarios/lasting.ts'
import { scenarios } from '../lab/scenarios/scenarios.ts'
import { diffStates } from '../lab/state/diff.ts'
import { bin, harness } from './testing/lab-up.ts'

let root: string
let dir: string
let material: LabMaterial
let lab: Lab
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'harness-lab-scenario-'))
  dir = join(root, 'lab')
  material = await createLabMaterial()
  lab = await startLab({ dir, parts: 'all', material })
})
after(async () => {
  await lab.close()
  await rm(root, { recursive: true, force: true })
})

test('without a name: the list, for people and as JSON', async () => {
  const { code, out } = await harness(root, 'lab', 'scenario')
  assert.equal(code, 0)
  const listed = await harness(root, 'lab', 'scenario', '--json')
  const names = (JSON.parse(listed.out) as { name: string }[]).map(({ name }) => name)
  assert.deepEqual(
    names,
    scenarios.map(({ name }) => name),
  )
  for (const name of names) assert.match(out, new RegExp(`^${name} `, 'm'))
})

test('all of them: exit code 0, a line per step, no credential', async () => {
  const { code, out, err } = await harness(root, 'lab', 'scenario', 'all', '--lab', dir)
  assert.equal(code, 0, out + err)
  for (const { name, title } of scenarios) assert.ok(out.includes(`${name}: ${title}\n  ok  `), name)
  assert.match(out, /\n6 as expected\.\n$/)
  assert.doesNotMatch(out, /PRIVATE KEY|cfast_|[0-9a-f]{32}\.access|eyJ/)
  for (const secret of [material.credentials.token, material.credentials.key])
    assert.ok(!out.includes(secret))
})

test('JSON and nothing else', async () => {
  const { code, out } = await harness(root, 'lab', 'scenario', 'common-name', 'login', '--json', '--lab', dir)
  assert.equal(code, 0, out)
  const outcomes = JSON.parse(out) as {
    name: string
    ok: boolean
    steps: { expected: string; seen: string }[]
  }[]
  assert.deepEqual(
    outcomes.map(({ name, ok }) => [name, ok]),
    [
      ['common-name', true],
      ['login', true],
    ],
  )
  for (const { steps } of outcomes) {
    assert.ok(steps.length > 5)
    for (const { expected, seen } of steps) assert.equal(seen, expected)
  }
})

test('a lab that behaves otherwise: exit code 1, what was expected and what was seen; the next one runs all the same', async () => {
  const faulty = await startLab({
    dir: join(root, 'faulty'),
    parts: 'all',
    material,
    faults: ['access.common-name-by-prefix'],
  })
  try {
    const args = ['lab', 'scenario', 'common-name', 'service-token', '--lab', join(root, 'faulty')]
    const { code, out } = await harness(root, ...args)
    assert.equal(code, 1)
    assert.match(out, / {2}FAILED {2}… another name of the same CA does not pass: expected 403, saw 200\n/)
    assert.match(out, /service-token: .*\n {2}ok/)
    assert.match(out, /\n1 of 2 failed\.\n$/)
    const json = await harness(root, ...args, '--json')
    assert.equal(json.code, 1)
    const [first, second] = JSON.parse(json.out) as { ok: boolean; failure?: string }[]
    assert.deepEqual([first?.ok, second?.ok, second?.failure], [false, true, undefined])
    assert.match(first?.failure ?? '', /expected 403, saw 200/)
  } finally {
    await faulty.close()
  }
})

test('a name that does not exist, a folder without a lab, a lab that was killed', async () => {
  const unknown = await harness(root, 'lab', 'scenario', 'logn', '--lab', dir)
  assert.equal(unknown.code, 2)
  assert.match(unknown.err, /there is no scenario “logn”\n.*did you mean login\?/)
  const nowhere = await harness(root, 'lab', 'scenario', 'login', '--lab', join(root, 'nowhere'))
  assert.equal(nowhere.code, 2)
  assert.match(nowhere.err, /no lab is running in this folder/)

  const killed = join(root, 'killed')
  await mkdir(killed)
  const ca = join(killed, 'ca.pem')
  await writeFile(ca, material.serverCa)
  const api = {
    baseURL: 'http://127.0.0.1:9/client/v4',
    labURL: 'http://127.0.0.1:9/lab/v1',
    token: 't',
    zones: { 'harness.test': 'z' },
  }
  const edge = { host: '127.0.0.1', port: 9, ca }
  const left = { edge, hostnames: {}, api, access: { idp: {} }, origins: {} }
  await writeFile(join(killed, 'lab.json'), JSON.stringify(left))
  const gone = await harness(root, 'lab', 'scenario', 'api-shield', '--lab', killed)
  assert.equal(gone.code, 3)
  assert.match(gone.err, /the lab does not answer/)
})

test('Ctrl-C: the scenario that has begun takes back what it has set up, no other begins, exit code 3', async () => {
  // With delays it takes long enough to be interrupted in the middle.
  Object.assign(lab.store.state.delays, { deployment: 1000, deletion: 500 })
  const before = structuredClone(lab.store.state)
  const child = spawn(process.execPath, [bin, 'lab', 'scenario', 'origin-pulls', 'login', '--lab', dir])
  let text = ''
  let interrupted = false
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (!interrupted && text.includes('  ok  The certificate is uploaded'))
        interrupted = child.kill('SIGINT')
    })
  const [code] = await once(child, 'close')
  assert.equal(code, 3, text)
  assert.match(text, /interrupted: taking back/)
  assert.match(text, /harness: interrupted, 1 of 2 have run/)
  assert.ok(!text.includes('login:'), text)
  const changes = diffStates(before, structuredClone(lab.store.state), { ignoreTimestamps: true })
  assert.deepEqual(
    changes.filter((change) => !lasting(change)),
    [],
  )
  assert.ok(changes.length > 0, 'it had begun')
})
