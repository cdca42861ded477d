import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { canaryPath, labHostnames, primary } from './hostnames.ts'
import { createLabMaterial, type LabMaterial, startLab } from './lab.ts'
import { inWords, send } from './testing/client.ts'

let material: LabMaterial

before(async () => {
  material = await createLabMaterial()
})

async function folder(test: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'harness-lab-test-'))
  test.after(() => rm(parent, { recursive: true, force: true }))
  return join(parent, 'lab')
}

interface LabJson {
  edge: { host: string; port: number; plainPort: number; ca: string }
  hostnames: Record<string, { what: string; protectedBy: string[]; canary: string }>
  identities: Record<string, { cert: string; key: string }>
  origins: Record<string, { host: string; port: number }>
  deployment: string
}

test('a lab tells its clients everything in lab.json, private to its owner', async (t) => {
  const dir = await folder(t)
  const lab = await startLab({ material, dir })
  t.after(() => lab.close())
  assert.equal(lab.labFile, join(dir, 'lab.json'))
  assert.equal(((await stat(dir)).mode & 0o777).toString(8), '700')
  assert.equal(((await stat(join(dir, 'lab.json'))).mode & 0o777).toString(8), '600')
  const told = JSON.parse(await readFile(join(dir, 'lab.json'), 'utf8')) as LabJson
  assert.deepEqual(
    Object.keys(told.hostnames),
    labHostnames.map(({ hostname }) => hostname),
  )
  assert.deepEqual(told.hostnames[primary.hostname]?.protectedBy, ['mtls'])
  assert.equal(told.hostnames['www.harness.test']?.canary, canaryPath)
  assert.deepEqual(told.hostnames['www.harness.test']?.protectedBy, [])
  assert.deepEqual({ ...told.edge, ca: '' }, { ...lab.edge, ca: '' })
  assert.deepEqual(told.origins.main, lab.origins.main)
  for (const path of [
    told.edge.ca,
    told.deployment,
    ...Object.values(told.identities).flatMap(({ cert, key }) => [cert, key]),
  ]) {
    assert.ok(isAbsolute(path), path)
    assert.ok((await stat(path)).size > 0, path)
  }
  for (const name of await readdir(dir)) {
    if (name.endsWith('-key.pem'))
      assert.equal(((await stat(join(dir, name))).mode & 0o777).toString(8), '600', name)
  }
})

test('a client that has only lab.json gets in', async (t) => {
  const dir = await folder(t)
  const lab = await startLab({ material, dir })
  t.after(() => lab.close())
  const told = JSON.parse(await readFile(lab.labFile ?? '', 'utf8')) as LabJson
  const files = told.identities['sensor-001']
  assert.ok(files)
  const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
  const identity = { ...material.identities['sensor-001'], cert, key }
  assert.equal(inWords(await send(lab, { identity })), '200 valid')
})

test('harness.yaml fits the schema, and its files are there', async (t) => {
  const dir = await folder(t)
  const lab = await startLab({ material, dir })
  t.after(() => lab.close())
  const schema = JSON.parse(
    await readFile(new URL('../deployment/schema.json', import.meta.url), 'utf8'),
  ) as object
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
  const deployment = parse(await readFile(lab.deploymentFile ?? '', 'utf8')) as Record<string, unknown>
  assert.ok(validate(deployment), JSON.stringify(validate.errors))
  assert.equal(deployment.hostname, primary.hostname)
  assert.equal(deployment.connect, `127.0.0.1:${lab.edge.port}`)
  const paths = JSON.stringify(deployment).match(/\.\/[^"]+/g) ?? []
  assert.ok(paths.length > 10)
  for (const path of paths) assert.ok((await stat(join(dir, path))).size > 0, path)
  const body = await readFile(join(dir, `refusal-${primary.hostname}`))
  assert.deepEqual(body, primary.mtls.refusal.body)
})

test('harness.yaml names every secret by a file of its own, private to the owner, and holds none', async (t) => {
  const dir = await folder(t)
  const lab = await startLab({ material, dir, parts: 'all' })
  t.after(() => lab.close())
  const text = await readFile(lab.deploymentFile ?? '', 'utf8')
  const { serviceTokens, credentials } = material
  const secrets = [
    ...Object.values(serviceTokens).map(({ secret }) => secret),
    credentials.readToken,
    credentials.token,
  ]
  for (const secret of secrets) assert.ok(!text.includes(secret))
  const names = (text.match(/\.\/\S+\.secret\b/g) ?? []).map((path) => path.slice(2))
  assert.deepEqual([...new Set(names)].sort(), [
    'api-token.secret',
    'api-write-token.secret',
    'service-token-ci.secret',
    'service-token-payroll.secret',
    'service-token-vault.secret',
    'team-session.secret',
  ])
  const session = await readFile(join(dir, 'team-session.secret'), 'utf8')
  assert.match(session, /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/)
  assert.ok(!text.includes(session.trimEnd()))
  const given = [...new Set(names)].filter((name) => name !== 'team-session.secret')
  const held = await Promise.all(given.map((name) => readFile(join(dir, name), 'utf8')))
  assert.deepEqual(held.map((one) => one.trimEnd()).sort(), secrets.sort())
  for (const name of names)
    assert.equal(((await stat(join(dir, name))).mode & 0o777).toString(8), '600', name)
})

test('without a control plane harness.yaml has none, and no token of it is written', async (t) => {
  const dir = await folder(t)
  const lab = await startLab({ material, dir })
  t.after(() => lab.close())
  const deployment = parse(await readFile(lab.deploymentFile ?? '', 'utf8')) as Record<string, unknown>
  assert.equal(deployment.controlPlane, undefined)
  assert.ok(!(await readdir(dir)).includes('api-token.secret'))
})

test('close removes lab.json and every key, and leaves the rest', async (t) => {
  const dir = await folder(t)
  const lab = await startLab({ material, dir, parts: 'all' })
  await lab.close()
  const left = await readdir(dir)
  assert.deepEqual(
    left.filter((name) => name === 'lab.json' || /key|secret/.test(name)),
    [],
  )
  assert.ok(left.includes('harness.yaml') && left.includes('client-ca-a.pem'))
  for (const name of left) assert.doesNotMatch(await readFile(join(dir, name), 'utf8'), /PRIVATE KEY/, name)
})

test('files of an earlier run are replaced, never written through', async (t) => {
  const dir = await folder(t)
  await (await startLab({ material, dir })).close()
  const outside = join(dir, '..', 'outside')
  await writeFile(outside, 'mine', { mode: 0o644 })
  await symlink(outside, join(dir, 'sensor-001-key.pem'))
  await writeFile(join(dir, 'client-ca-a-key.pem'), 'old', { mode: 0o644 })
  const lab = await startLab({ material, dir })
  t.after(() => lab.close())
  assert.equal(await readFile(outside, 'utf8'), 'mine')
  assert.equal(((await stat(join(dir, 'client-ca-a-key.pem'))).mode & 0o777).toString(8), '600')
})

test('without a folder nothing is written; with one that cannot be made nothing keeps running', async (t) => {
  const lab = await startLab({ material })
  t.after(() => lab.close())
  assert.equal(lab.labFile, undefined)
  assert.equal(lab.deploymentFile, undefined)
  await assert.rejects(startLab({ material, dir: '/dev/null/lab' }))
})
