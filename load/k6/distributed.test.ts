/** What docs/distributed.md says, and what is told to a pod, runs with the k6 that results are made with. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { root } from '../../bin/node.mjs'
import { createAuthority } from '../../harness/pki/authority.ts'
import { findK6 } from './find.ts'
import { podArgs } from './operator.ts'
import { scriptPath } from './process.ts'

let dir = ''
let path = ''
let host = ''
let served = 0
const close: (() => void)[] = []
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-distributed-'))
  path = dirname((await findK6()).path)
  const authority = await createAuthority()
  const [server, client] = await Promise.all([authority.issue({ purpose: 'server' }), authority.issue()])
  await writeFile(join(dir, 'expired.pem'), client.cert)
  await writeFile(join(dir, 'expired-key.pem'), client.key, { mode: 0o600 })
  const tls = {
    cert: server.cert,
    key: server.key,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const running = createServer(tls, (_, response) => {
    served += 1
    response.end()
  })
  await once(running.listen(0, '127.0.0.1'), 'listening')
  close.push(
    () => running.closeAllConnections(),
    () => running.close(),
  )
  host = `127.0.0.1:${(running.address() as AddressInfo).port}`
})
after(async () => {
  for (const one of close) one()
  await rm(dir, { recursive: true, force: true })
})

const run = (command: string, env: Record<string, string> = {}): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const options = {
      cwd: dir,
      timeout: 60_000,
      env: { ...env, HOME: dir, PATH: `${path}:${process.env.PATH}` },
    }
    execFile('/bin/sh', ['-c', command], options, (error, out, err) => {
      resolve({
        code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
        said: out + err,
      })
    })
  })

/** Shell commands of a page that run k6, with their continuation lines. */
const commandsIn = (page: string): string[] =>
  page
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => /^ {4}/.test(line) && /\bk6 run\b/.test(line))
    .map((line) => line.trim())

test('every k6 command of docs/distributed.md runs, and makes attempts', async () => {
  const page = readFileSync(join(root, 'docs', 'distributed.md'), 'utf8')
  const commands = commandsIn(page)
  assert.equal(commands.length, 4)
  const small = (command: string): string =>
    command
      .replaceAll('load/k6/scripts/', `${join(root, 'load', 'k6', 'scripts')}/`)
      .replace('https://origin.example/', `https://${host}/`)
      .replace('LOAD_RATE=200 LOAD_DURATION=60s', 'LOAD_RATE=6 LOAD_DURATION=1s')
  const env = { LOAD_URL: `https://${host}/`, LOAD_RATE: '6', LOAD_DURATION: '1s' }
  const ended = await Promise.all(commands.map((command) => run(small(command), env)))
  for (const [at, { code, said }] of ended.entries()) assert.equal(code, 0, `${commands[at]}: ${said}`)
  // Three segments of six, and six by themselves; one more or less at either end of each.
  assert.ok(served >= 8 && served <= 16, String(served))
  assert.match(readFileSync(join(dir, 'samples-1.json'), 'utf8'), /"outcome_status":"200"/)
  // The options that the page has in its text are those that its command has.
  for (const [option] of page.matchAll(/--log-output=\S+?(?=[`\s])/g))
    assert.equal(option, '--log-output=file=k6.log,level=error')
})

test('what a pod is told is understood; a level beside stderr is not', async () => {
  const args = podArgs.map((arg) => arg.replace('/tmp/', `${dir}/`)).join(' ')
  const env = { LOAD_URL: `https://${host}/`, LOAD_RATE: '2', LOAD_DURATION: '1s' }
  const { code, said } = await run(`k6 run --quiet ${args} ${scriptPath('valid')}`, env)
  assert.equal(code, 0, said)
  assert.ok(existsSync(join(dir, 'samples.json')))
  const wrong = await run(`k6 run --log-output=stderr,level=error ${scriptPath('valid')}`, env)
  assert.notEqual(wrong.code, 0)
  assert.match(wrong.said, /unsupported log output/)
})
