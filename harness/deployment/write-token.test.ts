import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadDeployment } from './load.ts'
import { failure } from './testing.ts'
import type { Deployment } from './types.ts'

const env = { READ: 'read-only-token', WRITE: 'token-that-writes' }
const id = 'c'.repeat(32)
let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-write-'))
  await writeFile(join(directory, 'write.secret'), `${env.WRITE}\n`, { mode: 0o600 })
})
after(() => rm(directory, { recursive: true, force: true }))

const textOf = (more: string): string =>
  `hostname: a.example\ncontrolPlane: { zone: ${id}, account: ${id}, token: "\${READ}"${more} }\n`

async function load(more: string): Promise<Deployment['controlPlane']> {
  const file = join(directory, 'harness.yaml')
  await writeFile(file, textOf(more))
  return (await loadDeployment(file, { env })).controlPlane
}

test('a token that may write, by name and by file, beside the one that reads', async () => {
  assert.equal((await load(''))?.writeToken, undefined)
  for (const more of [', writeToken: "${WRITE}"', ', writeTokenFile: ./write.secret']) {
    const plane = await load(more)
    assert.equal(plane?.writeToken, env.WRITE)
    assert.equal(plane?.token, env.READ)
  }
})

test('one that is written in the file, or given twice, is refused without being repeated', async () => {
  const literal = await failure(directory, textOf(', writeToken: s3cret-written-here'))
  assert.match(literal.message, /controlPlane\.writeToken: a secret is written in the file/)
  assert.ok(!literal.message.includes('s3cret'))
  const twice = textOf(', writeToken: "${MODE}", writeTokenFile: ./write.secret')
  assert.match((await failure(directory, twice)).message, /cannot be used together/)
})
