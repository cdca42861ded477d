import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { isRecent, minimum, root } from '../../bin/node.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'launcher-'))
after(() => rmSync(scratch, { recursive: true }))

/** Makes this test's Node say that it is another one. */
const old = ['--import', 'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.1.0"})']

/** A package folder with the real launcher and a program of its own. */
function place(name: string, files: Record<string, string>, withRepoNode = false): string {
  const folder = join(scratch, name)
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const bin = join(folder, '.tools/node/node_modules/.bin')
  mkdirSync(bin, { recursive: true })
  if (withRepoNode) symlinkSync(process.execPath, join(bin, 'node'))
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), content)
  }
  return join(folder, 'bin', 'harness.mjs')
}

const source = 'harness/cli/main.ts'
const compiled = 'dist/harness/cli/main.js'
const tell = `const told: string = JSON.stringify([process.version, process.ppid, process.argv.slice(2)])
console.log(told)
process.exit(7)`

function launch(nodeArgs: string[], bin: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeArgs, bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('a Node is recent by the range that package.json states', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string }
  }
  assert.equal(engines.node, `>=${minimum}`)
  for (const version of ['v22.22.0', '22.23.1', 'v24.0.0', 'v100.0.0'])
    assert.equal(isRecent(version), true, version)
  for (const version of ['v22.21.9', '20.20.2', 'v18.19.0', 'v9.9.9'])
    assert.equal(isRecent(version), false, version)
})

test('on a recent Node the sources run in this very process, in a checkout', () => {
  const { status, stdout } = launch([], place('direct', { [source]: tell }), 'a', '--b')
  const [version, parent, args] = JSON.parse(stdout) as [string, number, string[]]
  assert.deepEqual([status, version, parent, args], [7, process.version, process.pid, ['a', '--b']])
})

test('installed, the compiled program runs', () => {
  const bin = place('installed', { [compiled]: 'console.log("compiled"); process.exit(3)' })
  assert.deepEqual(launch([], bin), { status: 3, stdout: 'compiled\n', stderr: '' })
})

test('on an old Node a checkout starts its own Node, and passes arguments and exit code through', () => {
  const { status, stdout } = launch(old, place('trampoline', { [source]: tell }, true), 'a', '--b')
  const [version, parent, args] = JSON.parse(stdout) as [string, number, string[]]
  assert.deepEqual([status, version, args], [7, process.version, ['a', '--b']])
  assert.notEqual(parent, process.pid)
})

test('on an old Node without one of its own, a checkout says in one line what to run, exit code 4', () => {
  const { status, stdout, stderr } = launch(old, place('bare', { [source]: tell }))
  assert.deepEqual([status, stdout], [4, ''])
  assert.equal(
    stderr,
    `harness: Node v20.1.0 is too old, ${minimum} or later is needed: run \`node setup.mjs\` once\n`,
  )
})

test('installed on an old Node it says so in one line, exit code 4', () => {
  const { status, stdout, stderr } = launch(old, place('old', { [compiled]: 'console.log("ran")' }))
  assert.deepEqual([status, stdout], [4, ''])
  assert.equal(stderr, `harness: Node v20.1.0 is too old, ${minimum} or later is needed\n`)
})

test('a program that cannot be loaded is exit code 4, not "findings"', () => {
  const missing = launch([], place('missing', { [source]: 'import "./absent.ts"' }))
  assert.equal(missing.status, 4)
  assert.match(missing.stderr, /^harness: could not start: .*absent\.ts.*: run `node setup\.mjs`\n$/)
  const broken = launch([], place('broken', { [source]: 'throw new Error("boom")' }))
  assert.deepEqual([broken.status, broken.stderr], [4, 'harness: could not start: boom\n'])
})

const patient = `let count = 0
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {
  count += 1
  console.log(name)
  setTimeout(() => process.exit(10 + count), 300)
})
setInterval(() => {}, 1000)
console.log('up')`

/** Starts the launcher on an "old" Node, without a terminal, and waits until the program is up. */
async function start(
  bin: string,
): Promise<{ child: ChildProcess; ended: Promise<[number | null, string | null, string]> }> {
  const child = spawn(process.execPath, [...old, bin], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  const ended = new Promise<[number | null, string | null, string]>((resolve) => {
    child.on('close', (code, signal) => resolve([code, signal, out]))
  })
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.includes('up')) resolve()
    })
  })
  return { child, ended }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} to the launcher reaches the program once, which decides how to end`, async () => {
    const { child, ended } = await start(place(`signal-${signal}`, { [source]: patient }, true))
    child.kill(signal)
    assert.deepEqual(await ended, [11, null, `up\n${signal}\n`])
  })
}

test('a program that a signal kills takes the launcher with it by the same signal', async () => {
  const bin = place('killed', { [source]: 'setInterval(() => {}, 1000); console.log("up")' }, true)
  const { child, ended } = await start(bin)
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [null, 'SIGTERM', 'up\n'])
})
