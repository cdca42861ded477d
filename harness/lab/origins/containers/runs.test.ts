import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { attempt } from '../../../probe/attempt.ts'
import { originMaterial } from '../testing.ts'
import { dockerClient } from './docker.ts'
import { cleanContainers, labelsOf } from './runs.ts'
import { startContainerOrigins } from './start.ts'
import { makeClients, withoutDocker } from './testing.ts'
import type { ContainerOrigins } from './types.ts'

const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)

/** A child that does not end in good time is ended, so that the test says so instead of waiting. */
const patience = 60_000

/** Starts one origin in a process of its own, prints the id of its run, and does what `then` says. */
async function startElsewhere(then: string, how?: 'quiet'): Promise<{ child: ChildProcess; runId: string }> {
  const script = `
    const { startContainerOrigins } = await import(${url('./start.ts')})
    const { originMaterial } = await import(${url('../testing.ts')})
    const lab = await startContainerOrigins({ names: ['nginx'], material: await originMaterial() })
    process.stdout.write(lab.runId)
    setInterval(() => undefined, 1000)
    process.stdin.once('data', () => { ${then} })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    timeout: patience,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'pipe', how === 'quiet' ? 'ignore' : 'inherit'],
  })
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data')
  return { child, runId: String(line) }
}

async function countOf(runId: string): Promise<number> {
  const { dockerode } = (await dockerClient()).container
  return (await dockerode.listContainers({ all: true, filters: { label: [`harness.lab=${runId}`] } })).length
}

let ours: ContainerOrigins | undefined
before(async () => {
  if (withoutDocker !== false) return
  ours = await startContainerOrigins({ names: ['nginx'], material: await originMaterial() })
})
after(() => ours?.close())

test('nothing is left of a run that was closed, twice if need be; one that is closed is not configured', {
  skip: withoutDocker,
}, async () => {
  const lab = await startContainerOrigins({ names: ['nginx'], material: await originMaterial() })
  const [origin] = lab.origins
  assert.ok(origin)
  assert.equal(await countOf(lab.runId), 1)
  await origin.close()
  assert.equal(await countOf(lab.runId), 0)
  await assert.rejects(origin.configure({}), { code: 'ERR_USAGE', message: /has been closed/ })
  await Promise.all([lab.close(), lab.close()])
  assert.equal(await countOf(lab.runId), 0)
})

test('killed with SIGKILL it leaves its container, which cleaning removes and ours not', {
  skip: withoutDocker,
}, async () => {
  const { child, runId } = await startElsewhere('')
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.equal(await countOf(runId), 1)
  const removed = await cleanContainers()
  assert.ok(removed.containers >= 1)
  assert.equal(await countOf(runId), 0)
  assert.equal(await countOf(ours?.runId ?? ''), 1, 'a run whose process lives is left alone')
})

test('cleaning removes networks of runs that are over, and no other', { skip: withoutDocker }, async () => {
  const { dockerode } = (await dockerClient()).container
  const owner = 'harness.lab.owner'
  const mine = labelsOf('f00d')
  const [space] = (mine[owner] ?? '').split(' ')
  const labels = [
    { name: 'harness-test-over', Labels: { ...mine, [owner]: `${space} 999999999 1` } },
    // The pid of this process, used by another before.
    { name: 'harness-test-reused', Labels: { ...mine, [owner]: `${space} ${process.pid} 1` } },
    { name: 'harness-test-alive', Labels: mine },
    { name: 'harness-test-elsewhere', Labels: { ...mine, [owner]: 'pid:[1] 999999999 1' } },
    { name: 'harness-test-foreign', Labels: {} },
  ]
  const networks = await Promise.all(
    labels.map(({ name, Labels }) => dockerode.createNetwork({ Name: name, Labels })),
  )
  try {
    await cleanContainers()
    const left = (await dockerode.listNetworks({ filters: { name: ['harness-test'] } })).map(
      ({ Name }) => Name,
    )
    assert.deepEqual(left.sort(), ['harness-test-alive', 'harness-test-elsewhere', 'harness-test-foreign'])
  } finally {
    await Promise.allSettled(networks.map((network) => network.remove()))
  }
})

for (const [how, then, signal] of [
  ['by process.exit', 'process.exit(3)', undefined],
  ['by an error nobody caught', "throw new Error('as wanted')", undefined],
  ['by SIGINT', '', 'SIGINT'],
  ['by SIGTERM', '', 'SIGTERM'],
] as const) {
  test(`a process that ends ${how} without closing leaves nothing`, { skip: withoutDocker }, async () => {
    const { child, runId } = await startElsewhere(then, 'quiet')
    const exit = once(child, 'exit')
    if (signal === undefined) child.stdin?.write('now\n')
    else child.kill(signal)
    const [code, by] = (await exit) as [number | null, string | null]
    assert.equal(await countOf(runId), 0)
    assert.deepEqual([code !== 0, by], [true, signal ?? null], 'and ends as it would have')
  })
}

test('aborting ends a start and leaves nothing; aborting later removes what was started', {
  skip: withoutDocker,
}, async () => {
  const controller = new AbortController()
  const progress: string[] = []
  const before = await allRuns()
  const starting = startContainerOrigins({
    names: ['nginx', 'haproxy'],
    material: await originMaterial(),
    signal: controller.signal,
    onProgress(line) {
      progress.push(line)
      controller.abort()
    },
  })
  await assert.rejects(starting, { code: 'ERR_INTERRUPTED' })
  assert.equal(progress.length > 0, true)
  assert.deepEqual(await allRuns(), before)
  await assert.rejects(
    startContainerOrigins({ material: await originMaterial(), signal: controller.signal }),
    { code: 'ERR_INTERRUPTED' },
  )

  const second = new AbortController()
  const lab = await startContainerOrigins({
    names: ['nginx'],
    material: await originMaterial(),
    signal: second.signal,
  })
  second.abort()
  await lab.close()
  assert.equal(await countOf(lab.runId), 0)
})

test('a start that fails leaves nothing', { skip: withoutDocker }, async () => {
  const before = await allRuns()
  const starting = startContainerOrigins({
    names: ['nginx', 'caddy'],
    material: await originMaterial(),
    settings: { caddy: { clientCertificates: 'required' } },
  })
  await assert.rejects(starting, { code: 'ERR_USAGE', message: /^caddy: trust has to be/ })
  assert.deepEqual(await allRuns(), before)
})

test('on the host’s network it listens on 127.0.0.1 itself, and is configured and counted as elsewhere', {
  skip: withoutDocker,
}, async () => {
  const { ca, good, foreign } = await makeClients()
  const lab = await startContainerOrigins({
    names: ['nginx', 'alb', 'haproxy'],
    material: await originMaterial(),
    network: 'host',
    // A server that turns everybody away has started, too.
    settings: {
      haproxy: {
        clientCertificates: 'required',
        maxVersion: 'TLSv1.2',
        trust: ca.cert,
      },
    },
  })
  try {
    for (const origin of lab.origins) {
      const answer = async () => (await fetch(`http://127.0.0.1:${origin.port}/temps`)).status
      assert.equal(await answer(), 200)
      await origin.configure({ plainPort: 'closed' })
      await assert.rejects(answer())
      assert.ok(origin.cgroup().cpuUsec > 0)
    }
    // Here the kernel says itself how the load balancer has closed: a reset, where a request was on its way (as in
    // Cloudflare's guide), or an end, which is what the port forwarder makes of both. It is the same refusal.
    const alb = lab.origins.find(({ name }) => name === 'alb')
    assert.ok(alb)
    await alb.configure({ clientCertificates: 'verify', trust: ca.cert })
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      for (const identity of [undefined, foreign, good]) {
        const { verdict, attribution, summary } = await attempt({
          endpoint: { hostname: 'api.example.test', address: '127.0.0.1', port: alb.tlsPort },
          proof: { canary: '/__harness/echo' },
          deadline: 10_000,
          version,
          ...(identity === undefined ? {} : { identity }),
        })
        const wanted = identity === good ? 'allowed' : 'refused'
        assert.equal(verdict, wanted, `${version} ${identity?.subject}: ${summary}`)
        if (verdict === 'refused') assert.equal(attribution, 'positional', summary)
      }
  } finally {
    await lab.close()
  }
})

/** Ids of the runs of this process that have a container. */
async function allRuns(): Promise<string[]> {
  const { dockerode } = (await dockerClient()).container
  const mine = labelsOf('')['harness.lab.owner']
  const found = await dockerode.listContainers({ all: true, filters: { label: ['harness.lab'] } })
  return found
    .filter(({ Labels }) => Labels['harness.lab.owner'] === mine)
    .map(({ Labels }) => Labels['harness.lab'] ?? '')
    .sort()
}
