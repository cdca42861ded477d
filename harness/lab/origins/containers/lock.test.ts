import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { oneAtATime } from './lock.ts'

const linux = process.platform === 'linux' ? false : 'there are no abstract sockets here'

test('work under one name is done one after the other, under two side by side', { skip: linux }, async () => {
  const steps: string[] = []
  const name = `test ${process.pid}`
  let release = (): void => undefined
  const first = oneAtATime(name, async () => {
    steps.push('first begins')
    await new Promise<void>((resolve) => {
      release = resolve
    })
    steps.push('first ends')
  })
  while (steps.length === 0) await new Promise(setImmediate)
  const second = oneAtATime(name, async () => steps.push('second'))
  await oneAtATime(`${name} other`, async () => steps.push('other'))
  release()
  await Promise.all([first, second])
  assert.deepEqual(steps, ['first begins', 'other', 'first ends', 'second'])
})

test('work that fails lets go, and so does a process that is killed', { skip: linux }, async () => {
  const name = `test ${process.pid} gone`
  await assert.rejects(
    oneAtATime(name, () => Promise.reject(new Error('as wanted'))),
    /as wanted/,
  )
  const script = `
    const { oneAtATime } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)})
    await oneAtATime(${JSON.stringify(name)}, async () => {
      process.stdout.write('held')
      await new Promise(() => setInterval(() => undefined, 1000))
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const ours = oneAtATime(name, async () => 'ours')
  child.kill('SIGKILL')
  assert.equal(await ours, 'ours')
})
