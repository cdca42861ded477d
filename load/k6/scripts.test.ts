import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { root } from '../../bin/node.mjs'
import { createAuthority } from '../../harness/pki/authority.ts'
import { Collector } from './collect.ts'
import { findK6, type K6 } from './find.ts'
import { type K6End, type ScriptName, scriptNames, scriptPath, startK6 } from './process.ts'
import type { Sample } from './samples.ts'
import { makeScratch, type Scratch } from './scratch.ts'

const secret = {
  id: '0123.access',
  key: 'the-client-secret',
  jwt: ['aaa.bbb.ccc', 'ddd.eee.fff'],
}

let k6: K6
let server: Server
let scratch: Scratch
let port = 0
let seen: IncomingMessage['headers'][] = []

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('content-type', 'text/html')
  seen.push(request.headers)
  response.end('ok')
}

before(async () => {
  k6 = await findK6()
  scratch = await makeScratch()
  const authority = await createAuthority()
  const { cert, key } = await authority.issue({ purpose: 'server', san: { dns: ['app.test'] } })
  server = createServer({ cert, key }, (request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
})
after(() => {
  server.closeAllConnections()
  server.close()
  scratch.remove()
})
beforeEach(() => {
  seen = []
})

async function run(
  script: ScriptName,
  env: Record<string, string>,
  own: string[] = [],
): Promise<{ end: K6End; collector: Collector; own: Sample[]; visible: string }> {
  const collector = new Collector()
  const samples: Sample[] = []
  const { ended, pid } = startK6({
    k6: k6.path,
    script,
    log: join(scratch.dir, `${script}.log`),
    own: new Set(own),
    env: {
      LOAD_URL: `https://app.test:${port}/`,
      LOAD_CONNECT: `127.0.0.1:${port}`,
      LOAD_RATE: '10',
      LOAD_DURATION: '1s',
      ...env,
    },
    onSample: (sample) => {
      collector.add(sample)
      if (sample.metric === 'own') samples.push(sample)
    },
  })
  const visible =
    pid === undefined
      ? ''
      : readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8')
  return { end: await ended, collector, own: samples, visible }
}

test('a service token goes out in both headers, or in the one header; its secret is on no command line and in no environment', async () => {
  const file = await scratch.file('token', `${secret.id}\n${secret.key}\n`)
  const { end, visible } = await run('service-token', { LOAD_TOKEN_FILE: file })
  assert.ok(visible.includes('service-token.ts') && visible.includes(file))
  assert.ok(!visible.includes(secret.key) && !visible.includes(secret.id))
  assert.deepEqual([end.code, end.error], [0, undefined])
  assert.ok(seen.length >= 10)
  for (const headers of seen) {
    assert.equal(headers['cf-access-client-id'], secret.id)
    assert.equal(headers['cf-access-client-secret'], secret.key)
  }
  seen = []
  await run('service-token', { LOAD_TOKEN_FILE: file, LOAD_TOKEN_HEADER: 'authorization' })
  const sent = JSON.parse(seen[0]?.authorization ?? '{}') as unknown
  assert.deepEqual(sent, { 'cf-access-client-id': secret.id, 'cf-access-client-secret': secret.key })
  assert.equal(seen[0]?.['cf-access-client-secret'], undefined)
})

test('tokens are taken in turn, in the header that was asked for', async () => {
  const file = await scratch.file('jwt', secret.jwt.join('\n'))
  await run('jwt', { LOAD_JWT_FILE: file })
  const inHeader = new Set(seen.map((headers) => headers['cf-access-token']))
  assert.deepEqual([...inHeader].sort(), secret.jwt)
  seen = []
  await run('jwt', { LOAD_JWT_FILE: file, LOAD_JWT_HEADER: 'cookie' })
  assert.ok(seen[0]?.cookie?.startsWith('CF_Authorization='))
  seen = []
  await run('jwt', { LOAD_JWT_FILE: file, LOAD_JWT_HEADER: 'Authorization' })
  assert.match(seen[0]?.authorization ?? '', /^Bearer /)
})

test('a ramp goes up; a status that is not expected breaks the threshold', async () => {
  const ramp = await run('flood', { LOAD_RAMP: '5-60@2s' })
  assert.equal(ramp.end.code, 0)
  const first = ramp.collector.first ?? 0
  const early = ramp.collector.numbers({ from: first, to: first + 1000 }).attempts.total
  const late = ramp.collector.numbers({ from: first + 1000, to: first + 3000 }).attempts.total
  assert.ok(late > early, `${early} ${late}`)
  assert.equal((await run('valid', {})).end.code, 0)
  assert.equal((await run('valid', { LOAD_EXPECT_STATUS: '403' })).end.code, 99)
  assert.equal((await run('valid', { LOAD_P99_MS: '0.001', LOAD_DURATION: '4s' })).end.code, 99)
})

test('settings that make no sense end k6 with what is wrong, and no request', async () => {
  const wrong: [ScriptName, Record<string, string>, RegExp][] = [
    ['flood', { LOAD_URL: '' }, /set LOAD_URL/],
    ['flood', { LOAD_RATE: '1.5' }, /no rate/],
    ['flood', { LOAD_STAGES: '5' }, /not of the form/],
    ['flood', { LOAD_CERT_FILE: await scratch.file('only-cert', 'x') }, /LOAD_KEY_FILE both/],
    ['service-token', {}, /set LOAD_TOKEN_FILE/],
    ['jwt', { LOAD_JWT_FILE: await scratch.file('empty', ' ') }, /one token per line/],
  ]
  for (const [script, env, message] of wrong) {
    const { end } = await run(script, env)
    assert.notEqual(end.code, 0, script)
    assert.match(end.error ?? '', message)
  }
  assert.equal(seen.length, 0)
})

test('k6 that cannot be started, and one that is stopped, end', async () => {
  const gone = startK6({
    k6: join(scratch.dir, 'absent'),
    script: 'flood',
    env: {},
    log: join(scratch.dir, 'l'),
    onSample: () => undefined,
  })
  assert.equal((await gone.ended).code, null)
  const long = startK6({
    k6: k6.path,
    script: 'flood',
    env: {
      LOAD_URL: `https://app.test:${port}/`,
      LOAD_CONNECT: `127.0.0.1:${port}`,
      LOAD_RATE: '5',
      LOAD_DURATION: '60s',
    },
    log: join(scratch.dir, 'long.log'),
    onSample: () => long.stop(),
  })
  const { code, error } = await long.ended
  assert.notEqual(code, 0)
  assert.equal(error, undefined)
})

test('the scripts are TypeScript that the compiler accepts, and hold no secret', () => {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', join(root, 'load', 'k6')], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout)
  for (const name of scriptNames) assert.ok(existsSync(scriptPath(name)))
  assert.match(readFileSync(scriptPath('flood'), 'utf8'), /optionsFor/)
})
