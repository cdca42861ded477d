import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { processSource } from './process.ts'

/** A procfs of our own. Times in microseconds. */
async function fakeProc(t: TestContext): Promise<{
  dir: string
  set: (pid: number, p: FakeProcess) => Promise<void>
  end: (pid: number) => Promise<void>
}> {
  const dir = await mkdtemp(join(tmpdir(), 'harness-proc-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const end = (pid: number): Promise<void> => rm(join(dir, String(pid)), { recursive: true, force: true })
  return {
    dir,
    end,
    async set(pid, { parent, start = pid, own = 0, reaped = 0, threads }) {
      await end(pid)
      const ticks = (usec: number): number => Math.floor(usec / 10_000)
      const fields = [
        'S',
        parent,
        ...Array(9).fill(0),
        ticks(own),
        0,
        ticks(reaped),
        0,
        20,
        0,
        1,
        0,
        start,
        0,
      ]
      await mkdir(join(dir, String(pid)), { recursive: true })
      await writeFile(join(dir, String(pid), 'stat'), `${pid} (a ) b (c) ${fields.join(' ')}\n`)
      for (const [tid, usec] of Object.entries(threads)) {
        await mkdir(join(dir, String(pid), 'task', tid), { recursive: true })
        await writeFile(join(dir, String(pid), 'task', tid, 'schedstat'), `${usec * 1000} 5 7\n`)
      }
    },
  }
}

interface FakeProcess {
  parent: number
  start?: number
  own?: number
  reaped?: number
  threads: Record<string, number>
}

test('live threads of the whole tree are summed exactly, and of no other process', async (t) => {
  const proc = await fakeProc(t)
  await proc.set(10, { parent: 1, own: 5000, threads: { 10: 1000, 11: 4000 } })
  await proc.set(20, { parent: 10, threads: { 20: 100 } })
  await proc.set(30, { parent: 20, threads: { 30: 10 } })
  await proc.set(40, { parent: 1, threads: { 40: 1_000_000 } })
  const source = await processSource(10, proc.dir)
  const before = await source.sample()
  await proc.set(10, { parent: 1, own: 5000, threads: { 10: 1001, 11: 4000 } })
  await proc.set(20, { parent: 10, threads: { 20: 103 } })
  await proc.set(30, { parent: 20, threads: { 30: 15 } })
  await proc.set(40, { parent: 1, threads: { 40: 9_000_000 } })
  const after = await source.sample()
  assert.equal(after.cpuUsec - before.cpuUsec, 9)
  assert.equal(after.resolutionUsec, 1)
  assert.deepEqual(after.notes, [])
})

test('the time of a thread that ended stays, and its unseen tail is taken from the ticks and said', async (t) => {
  const proc = await fakeProc(t)
  await proc.set(10, { parent: 1, own: 300_000, threads: { 10: 100_000, 11: 200_000 } })
  const source = await processSource(10, proc.dir)
  const before = await source.sample()
  // It ended at once: nothing is missing.
  await proc.set(10, { parent: 1, own: 310_000, threads: { 10: 110_000 } })
  const quiet = await source.sample()
  assert.equal(quiet.cpuUsec - before.cpuUsec, 10_000)
  assert.deepEqual(quiet.notes, [])
  // Another came and went in between, with 500 ms that no reading saw.
  await proc.set(10, { parent: 1, own: 810_000, threads: { 10: 110_000 } })
  const after = await source.sample()
  assert.equal(after.cpuUsec - before.cpuUsec, 510_000)
  assert.equal(after.resolutionUsec, 20_000)
  assert.match(after.notes.join(), /threads of process 10 ended: 500 ms/)
})

test('a child that ended is counted once, seen or not', async (t) => {
  const proc = await fakeProc(t)
  await proc.set(10, { parent: 1, threads: { 10: 1000 } })
  await proc.set(20, { parent: 10, own: 300_000, threads: { 20: 300_000 } })
  const source = await processSource(10, proc.dir)
  const before = await source.sample()
  await proc.end(20)
  await proc.set(10, { parent: 1, reaped: 300_000, threads: { 10: 1000 } })
  const seen = await source.sample()
  assert.equal(seen.cpuUsec - before.cpuUsec, 0)
  assert.deepEqual(seen.notes, [])
  // Another one lived between two readings.
  await proc.set(10, { parent: 1, reaped: 700_000, threads: { 10: 1000 } })
  const unseen = await source.sample()
  assert.equal(unseen.cpuUsec - before.cpuUsec, 400_000)
  assert.match(unseen.notes.join(), /children of process 10 ended: 400 ms/)
})

test('a later process with the same number is another one', async (t) => {
  const proc = await fakeProc(t)
  await proc.set(10, { parent: 1, threads: { 10: 1000 } })
  const source = await processSource(10, proc.dir)
  await source.sample()
  await proc.set(10, { parent: 1, start: 99, threads: { 10: 2000 } })
  await assert.rejects(source.sample(), /the measured process 10 has ended/)
})

test('a process that does not exist, and one without schedstat, are refused', async (t) => {
  const proc = await fakeProc(t)
  await assert.rejects(processSource(10, proc.dir), {
    code: 'ERR_PLATFORM',
    message: 'there is no process 10',
  })
  await proc.set(10, { parent: 1, threads: {} })
  await assert.rejects(processSource(10, proc.dir), /keeps no schedstat/)
})

/** Burns 200 ms in itself, in a thread that ends and in a child that it waits for, whenever a line comes. */
const burner = `
  const { Worker } = require('node:worker_threads'), { spawnSync } = require('node:child_process')
  const burn = 'const t = process.cpuUsage(); while (process.cpuUsage(t).user + process.cpuUsage(t).system < 200000);'
  process.stdin.on('data', () => {
    eval(burn)
    spawnSync(process.execPath, ['-e', burn])
    new Worker(burn, { eval: true }).once('exit', () => process.stdout.write('done\\n'))
  })
  process.stdout.write('ready\\n')`

test('a real process: its own time, that of a thread and of a child that ended', async (t) => {
  const child: ChildProcess = spawn(process.execPath, ['-e', burner], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  assert.ok(child.pid !== undefined && child.stdout !== null && child.stdin !== null)
  await once(child.stdout, 'data')
  const source = await processSource(child.pid)
  const before = await source.sample()
  child.stdin.write('\n')
  await once(child.stdout, 'data')
  const after = await source.sample()
  const used = (after.cpuUsec - before.cpuUsec) / 1000
  // The thread's burn counts the whole process. Starting a Node costs something on top, on any machine.
  assert.ok(used > 550 && used < 2500, `${used} ms`)
  assert.ok(after.notes.length > 0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await assert.rejects(source.sample(), /has ended/)
})
