/** What is left of a process that was killed: nothing that it had guarded. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const guard = new URL('./guard.ts', import.meta.url).href

/** A process that guards one of two sleepers and one of two folders, and waits. */
async function owner(t: TestContext): Promise<{ owner: ChildProcess; dir: string; pids: [number, number] }> {
  const dir = await mkdtemp(join(tmpdir(), 'harness-guard-'))
  await mkdir(join(dir, 'guarded'))
  await mkdir(join(dir, 'forgotten'))
  await writeFile(join(dir, 'guarded', 'key.pem'), 'a key')
  const script = `
    import { spawn } from 'node:child_process'
    import { guardFolder, guardProcess } from ${JSON.stringify(guard)}
    const start = () => spawn('sleep', ['60'], { stdio: 'ignore', detached: true })
    const [mine, other] = [start(), start()]
    guardProcess(mine.pid)
    guardProcess(other.pid)()
    guardFolder(${JSON.stringify(join(dir, 'guarded'))})
    guardFolder(${JSON.stringify(join(dir, 'forgotten'))})()
    process.stdout.write(mine.pid + ' ' + other.pid + '\\n')
    setInterval(() => undefined, 1000)`
  const one = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  })
  const [said] = (await once(one.stdout, 'data')) as [Buffer]
  const [mine = 0, other = 0] = String(said).trim().split(' ').map(Number)
  t.after(async () => {
    for (const pid of [mine, other])
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    await rm(dir, { recursive: true, force: true })
  })
  return { owner: one, dir, pids: [mine, other] }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1500 && !done(); tries += 1) await sleep(20)
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const)
  test(`after ${signal} what was guarded goes, what was forgotten stays`, async (t) => {
    const { owner: one, dir, pids } = await owner(t)
    const [mine, other] = pids
    assert.ok(runs(mine) && runs(other))
    one.kill(signal)
    await once(one, 'exit')
    await until(() => !runs(mine) && !existsSync(join(dir, 'guarded')))
    assert.deepEqual(
      [runs(mine), runs(other), existsSync(join(dir, 'guarded')), existsSync(join(dir, 'forgotten'))],
      [false, true, false, true],
    )
  })
