import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { exportName } from '../drill/export.ts'
import { zones } from '../lab/hostnames.ts'
import { createLabMaterial, type Lab, startLab } from '../lab/lab.ts'
import { bin, finished } from './testing/lab-up.ts'
import { watchDrill } from './unfinished-drill.ts'

let dir: string
let lab: Lab
let token: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-unfinished-'))
  const material = await createLabMaterial()
  token = material.credentials.token
  lab = await startLab({ dir, material, parts: 'control-plane' })
})
after(async () => {
  await lab.close()
  await rm(dir, { recursive: true, force: true })
})

const associated = (): unknown =>
  lab.store.state.zones[zones.lab.id]?.originPulls.associations['pulls.harness.test']
const origin = async (): Promise<unknown> => {
  const api = lab.api ?? assert.fail('no API')
  const { out } = await finished(
    'sh',
    ['-c', `curl -sS -H "Authorization: Bearer $TOKEN" ${api.labURL}/origins`],
    { cwd: dir, env: { ...process.env, TOKEN: token } },
  )
  const { result } = JSON.parse(out) as { result: { name: string; clientCertificates: string }[] }
  return result.find(({ name }) => name === 'pulls')?.clientCertificates
}

test('Ctrl-C in the middle of a drill: the run goes back to the state before, and says so', async () => {
  const before = await origin()
  const args = ['verify', '-d', lab.deploymentFile ?? '', '--staging', '--only', 'rollback.*']
  const child = spawn(process.execPath, [bin, ...args, '--out', join(dir, 'report')], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
    })
  const ended = new Promise((resolve) => child.once('close', resolve))
  for (let turn = 0; turn < 600 && associated() === undefined && child.exitCode === null; turn += 1)
    await wait(50)
  assert.ok(associated() !== undefined, `the drill has changed something: ${text}`)
  child.kill('SIGINT')
  assert.equal(await ended, 3, text)
  assert.match(text, /back to the state of .*, before the drill “documented”[\s\S]*restored: the state is/)
  assert.deepEqual(
    [associated(), await origin(), existsSync(join(dir, exportName))],
    [undefined, before, false],
  )
})

test('an export that was there before is not this run’s, and one that cannot be read is told', async () => {
  const file = join(dir, exportName)
  const deployment = join(dir, 'harness.yaml')
  await writeFile(file, '{}')
  const earlier = watchDrill(deployment)
  assert.equal(earlier.advice(), '')
  await earlier.goBack()
  assert.ok(existsSync(file))

  await rm(file)
  const { advice, goBack } = watchDrill(deployment)
  await goBack()
  assert.equal(advice(), '', 'nothing was left')
  await writeFile(file, '{}')
  assert.match(advice(), /harness drill restore .*harness-rollback-export\.json -d .*--allow-changes/)
  await goBack()
  assert.ok(existsSync(file), 'it is still needed')
  await rm(file)
})
