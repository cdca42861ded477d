import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ContainersUnavailable, dockerClient, needDocker } from './docker.ts'
import { withoutDocker } from './testing.ts'

const scratch = mkdtempSync(join(tmpdir(), 'docker-'))
after(() => rmSync(scratch, { recursive: true }))
const at = (path: string) => ({ DOCKER_HOST: `unix://${path}`, PATH: '' })

function why(reason: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof ContainersUnavailable)
    assert.deepEqual([error.code, error.reason], ['ERR_PLATFORM', reason])
    assert.match(error.message, message)
    assert.ok((error.hint ?? '').length > 10)
    return true
  }
}

test('the engine of this machine is there', { skip: withoutDocker }, async () => {
  await needDocker()
  const { info } = await dockerClient()
  assert.equal(info.containerRuntime.operatingSystemType, 'linux')
})

test('no socket and a socket that answers something else: stopped, with what to do', async () => {
  await assert.rejects(
    needDocker(at(join(scratch, 'none'))),
    why('stopped', /does not answer on .*none: ENOENT/),
  )
  const socket = join(scratch, 'other')
  const server = createServer((_, response) => response.writeHead(503).end())
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  try {
    await assert.rejects(needDocker(at(socket)), why('stopped', /status 503/))
  } finally {
    server.close()
  }
  await assert.rejects(needDocker(at(socket)), why('stopped', /ENOENT|ECONNREFUSED/))
})

test('a socket of others is told from one where nobody answers', async () => {
  const socket = join(scratch, 'closed')
  const server = createServer((_, response) => response.end())
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  chmodSync(scratch, 0o755)
  chmodSync(socket, 0o600)
  try {
    await needDocker(at(socket))
    // Root may use every socket: asked by nobody.
    const isRoot = process.getuid?.() === 0
    const script = `
      process.setgroups([]); process.setgid(65534); process.setuid(65534)
      await needDocker(${JSON.stringify(at(socket))}).catch(({ reason, message, hint }) => {
        process.stdout.write(JSON.stringify({ reason, message, hint }))
      })`
    const child = `const { needDocker } = await import(${JSON.stringify(new URL('./docker.ts', import.meta.url).href)})\n${script}`
    if (!isRoot) return
    const ended = new Promise<string>((resolve) => {
      // Not spawnSync: the server answers in this process.
      setImmediate(() => {
        const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', child], {
          encoding: 'utf8',
        })
        resolve(stdout)
      })
    })
    const told = JSON.parse(await ended) as Record<string, string>
    assert.equal(told.reason, 'forbidden')
    assert.match(told.message ?? '', /may not use Docker/)
    assert.match(told.hint ?? '', /group docker/)
  } finally {
    server.close()
  }
})
