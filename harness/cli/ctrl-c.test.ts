import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { hostile, hostileName } from '../../fixtures/hostile/index.ts'
import { readResults } from '../../reports/read.ts'
import { startLabUp } from './testing/lab-up.ts'

const bin = fileURLToPath(new URL('../../bin/harness.mjs', import.meta.url))

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-ctrl-c-'))
})
after(() => rm(directory, { recursive: true, force: true }))

/** Processes that carry the mark in their environment: every descendant, whatever group or parent it has by now. */
async function marked(mark: string): Promise<number[]> {
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue
    const environment = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '')
    const stat = await readFile(`/proc/${entry}/stat`, 'latin1').catch(() => '')
    // A zombie has ended; only its parent has not looked yet.
    if (environment.includes(mark) && !/\) Z /.test(stat)) found.push(Number(entry))
  }
  return found
}

/** Inodes of listening TCP sockets that a process holds. */
async function listening(pids: readonly number[]): Promise<number> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'latin1').catch(() => '')),
  )
  const inodes = new Set(
    tables
      .join('\n')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === '0A')
      .map((fields) => fields[9]),
  )
  let count = 0
  for (const pid of pids) {
    // Processes and descriptors come and go while they are looked at.
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const descriptor of descriptors) {
      const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      if (inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? 'none')) count += 1
    }
  }
  return count
}

interface Running {
  child: ChildProcess
  mark: string
  out: string
  text: () => string
  ended: Promise<number | null>
}

function start(name: string, args: readonly string[]): Running {
  const out = join(directory, name)
  const mark = `HARNESS_TEST_MARK=${process.pid}-${name}`
  const [key = '', value = ''] = mark.split('=')
  const child = spawn(process.execPath, [bin, 'verify', ...args, '--out', out], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [key]: value },
    // As from a terminal: a group of its own.
    detached: true,
  })
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  return { child, mark, out, text: () => text, ended }
}

/** Sends the signal to the group, as a terminal does, and asserts that everything is gone and written. */
async function interrupt(running: Running, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  const { child, mark, out, text, ended } = running
  try {
    assert.ok(child.pid !== undefined)
    process.kill(-child.pid, signal)
    const code = await Promise.race([ended, wait(10_000, 'still running' as const, { ref: false })])
    assert.notEqual(code, 'still running', text())
    assert.equal(code, 3, text())
    assert.deepEqual(await marked(mark), [], 'no process is left')
    const results = await readResults(join(out, 'results.json'))
    assert.equal(results.run.interrupted, true)
    assert.equal(results.exitCode, 3)
    assert.match(text(), /interrupted/i)
    assert.ok(
      !existsSync(join(out, 'events.ndjson')),
      'the running record is gone: the report holds all of it',
    )
  } finally {
    for (const pid of await marked(mark)) process.kill(pid, 'SIGKILL')
  }
}

async function until(condition: () => boolean | Promise<boolean>, running: Running): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > end || running.child.exitCode !== null)
      assert.fail(`it never came to that:\n${running.text()}`)
    await wait(20)
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} while checks run against the lab`, async () => {
    const running = start(`lab-${signal}`, ['--lab'])
    const events = join(running.out, 'events.ndjson')
    const finished = async (): Promise<boolean> => {
      const lines = await readFile(events, 'utf8').catch(() => '')
      return lines.includes('"verdict":"pass"')
    }
    await until(finished, running)
    assert.ok((await listening(await marked(running.mark))) > 0, 'the lab listens')
    await interrupt(running, signal)
    const results = await readResults(join(running.out, 'results.json'))
    // What had been learnt is in the report, and what had not is not called anything else.
    assert.ok(results.summary.pass > 0)
    assert.ok(results.checks.some(({ reason }) => /interrupted/.test(reason)))
  })
}

test('SIGINT while the lab starts or the host is looked at', async () => {
  const running = start('lab-early', ['--lab'])
  await until(async () => (await listening(await marked(running.mark))) > 0, running)
  await interrupt(running)
})

test('SIGINT while a silent host is waited for', async () => {
  const server = await hostile('tcp.silent').listen()
  try {
    const args = [hostileName, '--connect-to', `127.0.0.1:${server.port}`, '--deadline', '60000']
    const running = start('silent', args)
    await until(() => server.accepted > 0, running)
    await interrupt(running)
  } finally {
    await server.close()
  }
})

test('SIGINT while checks wait for a host that no longer answers', async () => {
  // Answers the first look, then falls silent.
  const server = await hostile('http1.falls-silent').listen()
  try {
    const args = [hostileName, '--connect-to', `127.0.0.1:${server.port}`, '--deadline', '60000']
    const running = start('falls-silent', args)
    await until(() => existsSync(join(running.out, 'events.ndjson')) && server.accepted > 16, running)
    await interrupt(running)
  } finally {
    await server.close()
  }
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} while the lab is up, connections open: exit code 0, no process, no lab.json, no keys`, async () => {
    const mark = `${process.pid}-lab-up-${signal}`
    const out = join(directory, `lab-up-${signal}`)
    const lab = await startLabUp(directory, ['--out', out], { ...process.env, HARNESS_TEST_MARK: mark })
    try {
      const pids = await marked(`HARNESS_TEST_MARK=${mark}`)
      assert.ok((await listening(pids)) >= 6, 'edge, API, identity provider and origins listen')
      const { edge, api } = JSON.parse(await readFile(join(out, 'lab.json'), 'utf8')) as {
        edge: { port: number }
        api: { baseURL: string }
      }
      // Somebody who says nothing, at the edge and at the API.
      const open = [edge.port, Number(new URL(api.baseURL).port)].map((port) => connect(port, '127.0.0.1'))
      await Promise.all(open.map((socket) => once(socket, 'connect')))
      for (const socket of open) socket.on('error', () => {})

      assert.ok(lab.child.pid !== undefined)
      process.kill(-lab.child.pid, signal)
      const code = await Promise.race([lab.ended, wait(10_000, 'still running' as const, { ref: false })])
      for (const socket of open) socket.destroy()
      assert.equal(code, 0, lab.text())
      assert.deepEqual(await marked(`HARNESS_TEST_MARK=${mark}`), [], 'no process is left')
      const left = await readdir(out)
      assert.deepEqual(
        left.filter((name) => name.startsWith('lab.json') || name.includes('key')),
        [],
      )
    } finally {
      for (const pid of await marked(`HARNESS_TEST_MARK=${mark}`)) process.kill(pid, 'SIGKILL')
    }
  })
}
