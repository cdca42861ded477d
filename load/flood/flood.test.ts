import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { needCommand } from '../../fixtures/servers/command.ts'
import { haproxy } from '../../fixtures/servers/haproxy.ts'
import { createMaterial } from '../../fixtures/servers/material.ts'
import { nginx } from '../../fixtures/servers/nginx.ts'
import { freePort } from '../../fixtures/servers/ports.ts'
import { launch } from '../../fixtures/servers/process.ts'
import { scratchFolder } from '../../fixtures/servers/scratch.ts'
import type { Material, Mode, ServerKind, VersionSet } from '../../fixtures/servers/types.ts'
import { createAuthority } from '../../harness/pki/authority.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { loadVerdict, reservations } from '../../reports/load/verdict.ts'
import { findK6, type K6 } from '../k6/find.ts'
import { logObserver } from '../k6/proof/observer.ts'
import { type PlannedLane, runSideBySide } from '../k6/run.ts'
import { type ProfileMaker, profileMaker } from '../profiles/make.ts'
import type { ProfileId } from '../profiles/table.ts'
import { sampleLoad } from '../results/testing.ts'
import { type AllowedTarget, allowTarget } from '../safety/target.ts'
import type { FragileOptions } from '../testing/fragile-server.ts'
import type { ReadyProfile } from './preflight.ts'
import { type FloodOptions, type FloodProgress, runFlood } from './run.ts'
import { notMeasurable } from './types.ts'

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let material: Material
let maker: ProfileMaker
let k6: K6
let valid: Identity

before(async () => {
  k6 = await findK6()
  scratch = await scratchFolder()
  material = await createMaterial(join(scratch.dir, 'material'))
  const [cert, key] = [material.clientCa, material.clientCaKey].map((file) => readFileSync(file, 'utf8'))
  maker = profileMaker({ authority: { cert: cert ?? '', key: key ?? '' } })
  const made = await maker.make('valid')
  assert.ok(made)
  valid = made
})
after(() => scratch.remove())

let count = 0
async function folder(): Promise<string> {
  count += 1
  const dir = join(scratch.dir, `server-${count}`)
  await mkdir(dir)
  return dir
}

async function running(
  t: TestContext,
  kind: ServerKind,
  version: VersionSet,
  mode: Mode = 'required',
): Promise<AllowedTarget> {
  assert.equal(kind.available(), undefined)
  const port = await freePort()
  const server = await kind.start({ mode, version, port, material, dir: await folder() })
  t.after(() => server.stop())
  return targetOf(port)
}

const targetOf = (port: number): Promise<AllowedTarget> =>
  allowTarget({ host: 'mtls.test', address: '127.0.0.1', port })

/** A server that a flood of 240/s fills: every connection costs 6 ms of its one thread. */
async function fragile(t: TestContext): Promise<AllowedTarget> {
  const port = await freePort()
  const options: FragileOptions = {
    port,
    cert: material.serverCert,
    key: material.serverKey,
    ca: material.clientCa,
    cost: 6,
  }
  const script = fileURLToPath(new URL('../testing/fragile-server.ts', import.meta.url))
  const server = await launch({
    command: process.execPath,
    args: [script, JSON.stringify(options)],
    port,
    marker: '',
    dir: await folder(),
    env: { NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
  })
  t.after(() => server.stop())
  return targetOf(port)
}

const ready = (...ids: ProfileId[]): Promise<ReadyProfile[]> =>
  Promise.all(ids.map(async (id) => ({ id, identity: await maker.make(id) })))

test("the server's own count agrees with the tap's, and a server that counts none makes a lane void", async (t) => {
  const port = await freePort()
  const dir = await folder()
  const log = join(dir, 'seen.log')
  const config = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 256; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
  log_format seen '$ssl_client_verify $ssl_client_fingerprint';
  access_log ${log} seen;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${material.serverCert}; ssl_certificate_key ${material.serverKey};
    ssl_verify_client on; ssl_client_certificate ${material.clientCa};
    location / { return 200 'in'; }
  }
}`
  await writeFile(join(dir, 'nginx.conf'), config)
  const args = ['-e', join(dir, 'error.log'), '-p', dir, '-c', join(dir, 'nginx.conf')]
  const server = await launch({ command: needCommand('nginx'), args, port, marker: '', dir })
  t.after(() => server.stop())
  const bad = await ready('expired', 'unknown-ca-by-impostor-name')
  const identities = new Map(
    bad.flatMap(({ id, identity }) => (identity === undefined ? [] : [[id as string, identity]])),
  )
  const run = async (file: string) =>
    runSideBySide({
      k6,
      target: await targetOf(port),
      observer: logObserver(file, identities),
      lanes: bad.map(({ id, identity }) => ({
        id,
        profile: id,
        script: 'flood',
        rate: { rate: 20, seconds: 1 },
        identity,
        tapped: true,
        expected: ['http-400'],
      })),
    })
  const seen = await run(log)
  for (const { id, serverSaw, proof, numbers, void: reasons } of seen.lanes) {
    assert.deepEqual([serverSaw, proof?.sent], [numbers.attempts.total, numbers.attempts.total], id)
    assert.deepEqual(reasons, [], id)
  }
  const blind = await run(join(dir, 'another.log'))
  for (const lane of blind.lanes) assert.match(lane.void.join(), /the server saw the certificate 0 times/)
})

test("a certificate that Go leaves out is void, not cheap; so is an alert's name where it came", async (t) => {
  const target = await running(t, haproxy, 'TLSv1.2')
  const stranger = await (await createAuthority({ name: 'CN=somebody else' })).issue()
  const lane = (id: string, profile: ProfileId, identity: Identity | undefined): PlannedLane => ({
    id,
    profile,
    script: 'flood',
    rate: { rate: 20, seconds: 1 },
    identity,
    tapped: true,
    expected: ['alert'],
  })
  const impostor = await maker.make('unknown-ca-by-impostor-name')
  const result = await runSideBySide({
    k6,
    target,
    lanes: [
      lane('named', 'unknown-ca-by-impostor-name', impostor),
      lane('stranger', 'self-signed', stranger),
    ],
  })
  const [named, strange] = result.lanes
  assert.ok(named && strange)
  assert.equal(result.complete, true)
  assert.deepEqual(named.void, [])
  assert.equal(named.proof?.sent, named.numbers.attempts.total)
  assert.match(strange.void.join(), /sent on 0 of \d+ connections: the client sent an empty list/)
  // TLS 1.2 refusals have no handshake time, but an attempt has.
  assert.equal(named.numbers.handshake, notMeasurable)
  assert.equal(named.numbers.handshakesWithoutTime, named.numbers.attempts.total)
  assert.notEqual(named.numbers.latency, notMeasurable)
  assert.notEqual(named.cpuSeconds, 0)
  assert.ok(Object.keys(named.numbers.attempts.alerts).length > 0)
})

test('three processes by segments make what one makes', async (t) => {
  const target = await running(t, nginx, 'TLSv1.3')
  const lane = (id: string, processes: number): PlannedLane => ({
    id,
    profile: 'valid',
    script: 'valid',
    rate: {
      stages: [
        { rate: 30, seconds: 1 },
        { rate: 60, seconds: 1 },
      ],
    },
    identity: valid,
    expected: ['accepted'],
    processes,
  })
  const one = await runSideBySide({ k6, target, lanes: [lane('one', 1)] })
  const three = await runSideBySide({ k6, target, lanes: [lane('three', 3)] })
  const totals = [one, three].map(
    ({ lanes }) => (lanes[0]?.numbers.attempts.total ?? 0) + (lanes[0]?.numbers.dropped ?? 0),
  )
  const [single = 0, merged = 0] = totals
  // k6 cuts a rate exactly; at either end of a step one attempt more or less per process is its rounding.
  assert.ok(Math.abs(single - 90) <= 3, String(single))
  assert.ok(Math.abs(merged - single) <= 6, `${merged} ${single}`)
  for (const { lanes } of [one, three]) assert.deepEqual(lanes[0]?.void, [])
  assert.equal(three.lanes[0]?.processes, 3)
})

const flood = async (
  target: AllowedTarget,
  changes: Partial<FloodOptions>,
): Promise<{ options: FloodOptions; progress: FloodProgress[] }> => {
  const progress: FloodProgress[] = []
  const options: FloodOptions = {
    k6,
    target,
    valid,
    profiles: await ready('none', 'expired'),
    // 120 valid ones in what counts of a step: a 99th percentile needs a hundred.
    victimRate: 60,
    rates: [20, 240],
    stepSeconds: 2.4,
    settleSeconds: 0.4,
    objective: { p99: 400 },
    onProgress: (one) => progress.push(one),
    ...changes,
  }
  return { options, progress }
}

test('a flood beyond what the server can take breaks the objective of valid users; one below does not', async (t) => {
  const target = await fragile(t)
  const { options, progress } = await flood(target, { rates: [20, 240, 300] })
  const result = await runFlood(options)
  // A full server leaves k6 without free users: it breaks at what was delivered of 240.
  assert.ok(result.brokenAt !== undefined && result.brokenAt > 20 && result.brokenAt <= 240)
  assert.equal(result.heldAt, 20)
  // What was wanted and not delivered is the generator's limit, or the full server's: it is marked.
  if (result.brokenAt < 240) {
    assert.equal(result.generator.limited, true)
    assert.match(
      result.generator.reasons.join('\n'),
      /of the 240\/s that were wanted where the promise broke, \d+\/s were/,
    )
  }
  assert.deepEqual(
    result.steps.map((step) => step.holds),
    [true, true, false],
  )
  assert.match(result.stoppedBy ?? '', /objective broke at \d+\/s/)
  assert.equal(result.complete, false)
  const [, calm, full] = result.steps
  assert.ok(calm && full)
  assert.ok(calm.victims.latency !== notMeasurable && full.victims.latency !== notMeasurable)
  assert.ok(full.victims.latency.p99 > calm.victims.latency.p99)
  for (const lane of result.lanes.filter(({ id }) => id !== 'victims')) {
    assert.deepEqual(lane.void, [], lane.id)
    assert.equal(lane.proof?.by, 'every connection')
  }
  assert.ok(progress.some(({ stage }) => stage === 'ready') && progress.some(({ stage }) => stage === 'step'))
  assert.doesNotThrow(() => JSON.parse(JSON.stringify(result)))
  assert.doesNotMatch(JSON.stringify(result), /PRIVATE KEY/)
})

test('a server that refuses cheaply holds through the sweep, which then is complete', async (t) => {
  const target = await running(t, haproxy, 'TLSv1.3')
  const { options } = await flood(target, { rates: [40], objective: { p99: 2000 } })
  const result = await runFlood(options)
  assert.deepEqual([result.complete, result.brokenAt, result.heldAt], [true, undefined, 40])
  assert.deepEqual(
    result.steps.map(({ rate }) => rate),
    [0, 40],
  )
  const expired = result.lanes.find(({ profile }) => profile === 'expired')
  assert.deepEqual(expired?.void, [])
  assert.ok((expired?.proof?.sent ?? 0) > 0)
  assert.equal(expired?.proof?.sent, expired?.proof?.connections)
  assert.notEqual(result.steps[1]?.flood.expired?.handshake, undefined)
})

test('what was not sent is no part of the flood, and nothing is held against it', async (t) => {
  const port = await freePort()
  const dir = await folder()
  const other = await createAuthority({ name: 'CN=Other CA' })
  await writeFile(join(dir, 'other.pem'), other.cert)
  // It trusts both, and names one: Go sends nothing in the name of the other.
  const config = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 256; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
  access_log off;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${material.serverCert}; ssl_certificate_key ${material.serverKey};
    ssl_verify_client on; ssl_client_certificate ${join(dir, 'other.pem')}; ssl_trusted_certificate ${material.clientCa};
    location / { return 200 'in'; }
  }
}`
  await writeFile(join(dir, 'nginx.conf'), config)
  const args = ['-e', join(dir, 'error.log'), '-p', dir, '-c', join(dir, 'nginx.conf')]
  const server = await launch({ command: needCommand('nginx'), args, port, marker: '', dir })
  t.after(() => server.stop())
  const { options } = await flood(await targetOf(port), {
    valid: await other.issue(),
    profiles: await ready('none', 'expired', 'self-signed'),
    rates: [30],
    objective: { p99: 5000 },
    processes: 2,
  })
  const result = await runFlood(options)
  assert.deepEqual(result.preflight.caNames, ['CN=Other CA'])
  assert.deepEqual([result.profiles, result.heldAt], [['none'], 30])
  assert.deepEqual(
    result.lanes.map(({ id, processes, void: reasons }) => [id, processes, reasons]),
    [
      ['victims', 2, []],
      ['flood-none', 2, []],
    ],
  )
  const none = result.lanes.find(({ profile }) => profile === 'none')
  // Two processes by segments make what one would: 30 per second for 2.4 seconds.
  assert.ok(Math.abs((none?.numbers.attempts.total ?? 0) - 72) <= 4)
  const said = sampleLoad({ command: 'flood', floods: [result] })
  assert.equal(loadVerdict(said).tone, 'warn')
  const doubts = reservations(said).join('\n')
  for (const profile of ['expired', 'self-signed'])
    assert.match(
      doubts,
      new RegExp(`"${profile}" was not part of the flood: the certificate was sent on 0 of`),
    )
  assert.doesNotMatch(loadVerdict(said).sentence, /expired|self-signed/)
  assert.match(loadVerdict(said).sentence, /up to 30 invalid attempts per second \(none\)/)
})

test('a server that goes away within a flood broke no promise', async (t) => {
  const port = await freePort()
  const server = await nginx.start({ mode: 'required', version: 'both', port, material, dir: await folder() })
  t.after(() => server.stop())
  const { options } = await flood(await targetOf(port), { rates: [20, 40], objective: { p99: 5000 } })
  let stopping: Promise<void> | undefined
  const result = await runFlood({
    ...options,
    onProgress: (progress) => {
      if (progress.stage === 'attempts' && progress.seconds > 3.4) stopping ??= server.stop()
    },
  })
  await stopping
  assert.deepEqual(
    result.steps.map(({ holds }) => holds),
    [true, notMeasurable],
  )
  assert.match(result.stoppedBy ?? '', /^at 20\/s: \d+ of \d+ valid attempts found nobody listening/)
  assert.deepEqual([result.complete, result.brokenAt, result.heldAt], [false, undefined, 0])
  const said = sampleLoad({ command: 'flood', floods: [result] })
  assert.deepEqual([said.exitCode, loadVerdict(said).word], [3, 'Nothing measured'])
  assert.match(loadVerdict(said).sentence, /found nobody listening/)
})

test('an interrupt leaves what there is by then, and no key on disk', async (t) => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('harness-load-'))
  const target = await running(t, nginx, 'both')
  const stop = new AbortController()
  const { options } = await flood(target, {
    rates: [20, 30, 40, 50],
    objective: { p99: 5000 },
    signal: stop.signal,
  })
  const result = await runFlood({
    ...options,
    onProgress: (progress) => {
      if (progress.stage === 'step' && progress.index === 0) stop.abort('interrupted by hand')
    },
  })
  assert.deepEqual([result.complete, result.stoppedBy], [false, 'interrupted by hand'])
  assert.ok(result.steps.length >= 1 && result.steps.length < 5)
  assert.ok(result.lanes.some(({ numbers }) => numbers.attempts.total > 0))
  const now = readdirSync(tmpdir()).filter((name) => name.startsWith('harness-load-'))
  assert.deepEqual(
    now.filter((name) => !before.includes(name) && existsSync(join(tmpdir(), name))),
    [],
  )
})

test('on a target that is not ours alone the canary ends the run when good requests fail', async (t) => {
  const port = await freePort()
  const server = await nginx.start({ mode: 'required', version: 'both', port, material, dir: await folder() })
  t.after(() => server.stop())
  // This machine, watched as another one would be.
  const target = { ...(await targetOf(port)), canary: true }
  const { options } = await flood(target, { rates: [10], stepSeconds: 8, keepGoing: true })
  let stopping: Promise<void> | undefined
  const result = await runFlood({
    ...options,
    onProgress: (progress) => {
      if (progress.stage === 'attempts' && progress.seconds > 0.5) stopping ??= server.stop()
    },
  })
  await stopping
  assert.match(result.stoppedBy ?? '', /^the canary: 3 good requests in a row failed/)
  assert.equal(result.complete, false)
  const [, expired] = await ready('none', 'expired')
  const lane: PlannedLane = {
    id: 'a',
    profile: 'expired',
    script: 'flood',
    rate: { rate: 1, seconds: 1 },
    identity: expired?.identity,
  }
  await assert.rejects(runSideBySide({ k6, target, lanes: [lane] }), { code: 'ERR_USAGE', message: /canary/ })
})

test('nothing is flooded when valid users do not get in, nor beyond the limits of the target', async (t) => {
  const target = await running(t, nginx, 'both')
  const expired = await maker.make('expired')
  assert.ok(expired)
  const { options } = await flood(target, { valid: expired, profiles: await ready('none') })
  await assert.rejects(runFlood(options), {
    code: 'ERR_UNREACHABLE',
    message: /valid certificate is not let in/,
  })
  const tooMuch = { ...options, rates: [target.caps.rate + 1] }
  await assert.rejects(runFlood(tooMuch), { code: 'ERR_USAGE', message: /more than mtls\.test may get/ })
})

test('a server that lets everybody in is a finding, and no load', async (t) => {
  const target = await running(t, nginx, 'both', 'optional-no-ca')
  const { options } = await flood(target, { profiles: await ready('self-signed') })
  await assert.rejects(runFlood(options), {
    code: 'ERR_UNREACHABLE',
    message: /vouches for itself was let in/,
  })
})
