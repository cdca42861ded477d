import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../../bin/node.mjs'
import { version } from '../version.ts'

const bin = join(root, 'bin', 'harness.mjs')

test('--version prints the version of package.json and nothing else', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, '--version'], { encoding: 'utf8' })
  assert.deepEqual([status, stdout, stderr], [0, `${version}\n`, ''])
})

test('wrong usage ends the process with 2, on stderr', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'verfy'], { encoding: 'utf8' })
  assert.deepEqual([status, stdout], [2, ''])
  assert.match(stderr, /Did you mean verify\?/)
})

test('a reader that closes the pipe neither fails nor silences the exit code', async () => {
  for (const [args, wanted] of [
    [['doctor', '--json'], 0],
    [['lab'], 2],
  ] as const) {
    const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    if (wanted === 2) child.stderr.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    const code = await new Promise((resolve) => child.on('exit', resolve))
    assert.deepEqual([code, stderr], [wanted, ''])
  }
})

test('an error that nobody caught is exit code 4, with a stack only in debug mode', () => {
  // Throws outside every promise, as soon as the program listens for such errors.
  const throwing =
    'process.on("newListener",(name)=>{if(name==="uncaughtException")setImmediate(()=>{throw new Error("boom")})})'
  const args = ['--import', `data:text/javascript,${encodeURIComponent(throwing)}`, bin, 'doctor']
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(status, 4)
  assert.match(stderr, /^harness: sorry, .*\n {2}boom\n {2}HARNESS_DEBUG=1 shows where\n$/)
  const env = { ...process.env, HARNESS_DEBUG: '1' }
  assert.match(spawnSync(process.execPath, args, { encoding: 'utf8', env }).stderr, /Error: boom\n {4}at /)
})

test('the check that the help names as an example is in the catalogue', () => {
  const harness = (...args: string[]) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' })
  const id = /harness explain (\S+)/.exec(harness('--help').stdout)?.[1] ?? ''
  const { status, stdout } = harness('explain', id)
  assert.equal(status, 0)
  assert.ok(stdout.includes(id))
  assert.equal(harness('explain', `${id}-no-such`).status, 2)
})
