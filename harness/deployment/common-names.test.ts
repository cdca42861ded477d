import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadDeployment } from './load.ts'
import { failure } from './testing.ts'
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

test('names of certificates are kept as written', async () => {
  const named = await load('commonNames: [sensor-001, "Sensor 2 "]')
  assert.deepEqual(named.target.access?.commonNames, ['sensor-001', 'Sensor 2 '])
  assert.equal((await load('with: access')).target.access?.commonNames, undefined)
})

test('an empty list, an empty name and a number are refused', async () => {
  for (const names of ['[]', '[""]', '[7]', 'sensor-001'])
    assert.match((await failure(directory, textOf(`commonNames: ${names}`))).message, /commonNames/)
})
