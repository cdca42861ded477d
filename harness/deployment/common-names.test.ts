import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createAuthority } from '../pki/authority.ts'
import { commonNameIn } from '../pki/common-name.ts'
import { createMint } from '../pki/mint.ts'
import { allowedNames } from './allowed-names.ts'
import { loadDeployment } from './load.ts'
import { mintSource } from './mint-source.ts'
import { assertRefused, failure } from './testing.ts'
import type { Deployment } from './types.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-names-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const textOf = (access: string): string =>
  `hostname: a.example\naccess: { team: t.cloudflareaccess.com, ${access} }\n`

const load = async (access: string): Promise<Deployment> => {
  const file = join(directory, 'harness.yaml')
  await writeFile(file, textOf(access))
  return loadDeployment(file)
}

test('Access: names of certificates are kept as written', async () => {
  const named = await load('commonNames: [sensor-001, "Sensor 2 "]')
  assert.deepEqual(named.target.access?.commonNames, ['sensor-001', 'Sensor 2 '])
  assert.equal((await load('with: access')).target.access?.commonNames, undefined)
})

test('Access: an empty list, an empty name and a number are refused', async () => {
  for (const names of ['[]', '[""]', '[7]', 'sensor-001'])
    assert.match((await failure(directory, textOf(`commonNames: ${names}`))).message, /commonNames/)
})

const write = (name: string, text: string): Promise<void> =>
  writeFile(join(directory, name), text, { mode: 0o600 })
before(async () => {
  const authority = await createAuthority()
  for (const name of ['sensor-001', 'sensor-002']) {
    const { cert, key } = await authority.issue({ name, subject: `CN=${name},OU=Devices` })
    await write(`${name}.pem`, cert)
    await write(`${name}.key`, key)
  }
  await write('ca.pem', authority.cert)
  await write('ca.key', authority.key)
})

const identity = (name: string): string => `{ name: ${name}, cert: ${name}.pem, key: ${name}.key }`
const ca = 'ca: { cert: ca.pem, key: ca.key }'
const mtls = async (lines: string): Promise<Deployment> => {
  const file = join(directory, 'mtls.yaml')
  await writeFile(file, `hostname: a.example\nmtls: { mode: enforce, ${lines} }\n`)
  return loadDeployment(file)
}
/** Common names of identities that are made for it. */
const made = async (
  deployment: Deployment,
  ...ids: ('valid' | 'valid-other' | 'expired-day' | 'leaf-as-ca')[]
) => {
  const mint = createMint(mintSource(deployment.target, []))
  return Promise.all(ids.map(async (id) => commonNameIn(await mint.get(id))))
}

test('mtls: the names are kept, and what is minted has one of them', async () => {
  const given = await mtls(`commonNames: [sensor-001, "b "], identities: [${identity('sensor-001')}], ${ca}`)
  assert.deepEqual(given.target.mtls?.commonNames, ['sensor-001', 'b '])
  assert.deepEqual(await made(given, 'valid', 'expired-day', 'valid-other'), [
    'sensor-001',
    'sensor-001',
    'b ',
  ])
  assert.deepEqual(await made(await mtls(`commonNames: [only], ${ca}`), 'valid', 'valid-other'), [
    'only',
    'only',
  ])
  const second = await mtls(
    `commonNames: [sensor-001, sensor-002], identities: [${identity('sensor-002')}], ${ca}`,
  )
  assert.deepEqual(await made(second, 'valid', 'valid-other'), ['sensor-002', 'sensor-001'])
  const keyless = await mtls(`commonNames: [sensor-001], identities: [${identity('sensor-001')}]`)
  assert.deepEqual(await made(keyless, 'valid', 'leaf-as-ca'), ['sensor-001', 'sensor-001'])
  const anybody = await mtls(ca)
  assert.equal(allowedNames(anybody.target), undefined)
  assert.deepEqual(await made(anybody, 'valid', 'valid-other'), ['harness-client', 'harness-other-client'])
})

test('mtls beside Access: its policy may name them, and the identity that is listed is the good one', async () => {
  const file = join(directory, 'both.yaml')
  const both = (more: string): string =>
    `hostname: a.example\naccess: { team: t.cloudflareaccess.com, ${more} }\nmtls: { mode: enforce, identities: [${identity('sensor-001')}, ${identity('sensor-002')}], ${ca} }\n`
  await writeFile(file, both('with: access-and-mtls, commonNames: [sensor-002]'))
  assert.deepEqual(await made(await loadDeployment(file), 'valid'), ['sensor-002'])
  await writeFile(file, both('with: access-and-mtls, commonNames: [sensor-003]'))
  assert.deepEqual(await made(await loadDeployment(file), 'valid'), ['sensor-003'])
  await writeFile(file, both('commonNames: [sensor-002]'))
  assert.deepEqual(
    await made(await loadDeployment(file), 'valid'),
    ['sensor-001'],
    'no certificate is asked for',
  )
})

test('mtls: contradictions are refused where they stand', async () => {
  await assertRefused(
    directory,
    'mtls: { mode: report, commonNames: »[a] }',
    /mtls\.commonNames: is of no use with mode report: nobody is refused/,
  )
  await assertRefused(
    directory,
    `mtls: { mode: enforce, commonNames: [sensor-001], identities: [${identity('sensor-001')}, »${identity('sensor-002')}] }`,
    /mtls\.identities\[1\]: its common name `sensor-002` is not listed/,
  )
  for (const names of ['»[]', '[»""]', '[»7]', '»sensor-001', '[»a, a]'])
    await assertRefused(directory, `mtls: { mode: enforce, commonNames: ${names} }`, /mtls\.commonNames/)
})
