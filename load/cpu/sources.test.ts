import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { cgroupSource, cgroupsOf } from './cgroup.ts'
import { machineContext, readMachine } from './context.ts'
import { prometheusSource } from './prometheus.ts'

async function folder(t: TestContext, files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'harness-cgroup-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  await put(dir, files)
  return dir
}

async function put(dir: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(dir, name, '..'), { recursive: true })
    await writeFile(join(dir, name), text)
  }
}

test('both cgroup versions are read in microseconds', async (t) => {
  const second = await folder(t, { 'cpu.stat': 'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n' })
  const v2 = await cgroupSource(second)
  assert.equal(v2.kind, 'cgroup v2')
  assert.equal((await v2.sample()).cpuUsec, 1500)
  const first = await folder(t, { 'cpuacct.usage': '2500000\n' })
  const v1 = await cgroupSource(first)
  assert.equal(v1.kind, 'cgroup v1')
  assert.equal((await v1.sample()).cpuUsec, 2500)
  await rm(join(first, 'cpuacct.usage'))
  await assert.rejects(v1.sample(), { code: 'ERR_PLATFORM' })
})

test('a folder that is no cgroup is refused, and so is one whose cpu.stat has no usage', async (t) => {
  const none = await folder(t, {})
  await assert.rejects(cgroupSource(none), { code: 'ERR_PLATFORM' })
  // The first version's cpu controller has a cpu.stat of its own, about throttling.
  const other = await folder(t, { 'cpu.stat': 'nr_periods 0\nnr_throttled 0\nthrottled_time 0\n' })
  await assert.rejects(cgroupSource(other), { code: 'ERR_PLATFORM' })
})

test('the groups of a process are found in plain, hybrid and first-version layouts', async (t) => {
  const root = await folder(t, {
    'proc/5/cgroup': '3:cpu,cpuacct:/lxc/a:b\n1:name=systemd:/x\n0::/edge\n',
    'cg/edge/cpu.stat': 'usage_usec 1\n',
    'cg/cpu,cpuacct/lxc/a:b/cpuacct.usage': '1\n',
  })
  const groups = (): Promise<unknown> => cgroupsOf(5, join(root, 'cg'), join(root, 'proc'))
  assert.deepEqual(await groups(), [
    { version: 2, path: join(root, 'cg/edge') },
    { version: 1, path: join(root, 'cg/cpu,cpuacct/lxc/a:b') },
  ])
  await rm(join(root, 'cg'), { recursive: true })
  assert.deepEqual(await groups(), [])
  await put(root, { 'cg/unified/edge/cpu.stat': 'usage_usec 1\n' })
  assert.deepEqual(await groups(), [{ version: 2, path: join(root, 'cg/unified/edge') }])
})

test('steal, throttling and clock are told where the machine tells them, and left out where not', async (t) => {
  const before = await folder(t, {
    'proc/stat': 'cpu  100 0 100 700 0 0 0 0 0 0\ncpu0 1 1\n',
    'proc/cpuinfo': 'cpu MHz\t\t: 2000.5\ncpu MHz\t\t: 2400\n',
    'group/cpu.stat': 'usage_usec 1\nnr_throttled 2\nthrottled_usec 5000\n',
  })
  const after = await folder(t, {
    'proc/stat': 'cpu  140 0 140 750 0 0 0 70 0 0\n',
    'proc/cpuinfo': 'cpu MHz\t\t: 3000\n',
    'group/cpu.stat': 'usage_usec 1\nnr_throttled 5\nthrottled_usec 9000\n',
  })
  const read = (root: string): ReturnType<typeof readMachine> => readMachine(join(root, 'group'), root)
  assert.deepEqual(machineContext(await read(before), await read(after)), {
    stealShare: 70 / 200,
    throttledPeriods: 3,
    throttledMs: 4,
    mhz: [2000.5, 3000],
  })
  const bare = await folder(t, {})
  assert.deepEqual(machineContext(await readMachine(undefined, bare), await readMachine(undefined, bare)), {})
  const v1 = await folder(t, { 'cpu.stat': 'nr_throttled 1\nthrottled_time 7000\n' })
  assert.equal((await readMachine(v1, bare)).throttledUsec, 7)
})

interface Answer {
  status?: number
  body: unknown
}

async function prometheus(
  t: TestContext,
  answer: (query: string, auth: string | undefined) => Answer,
): Promise<string> {
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const { status = 200, body } =
      url.pathname === '/sub/api/v1/query'
        ? answer(url.searchParams.get('query') ?? '', request.headers.authorization)
        : { status: 404, body: {} }
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/sub/`
}

const vector = (...values: string[]): Answer => ({
  body: {
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
  },
})

test('Prometheus: a vector of one and a scalar are seconds, the header is sent', async (t) => {
  const asked: unknown[] = []
  const url = await prometheus(t, (query, auth) => {
    asked.push(query, auth)
    return asked.length === 2
      ? vector('12.25')
      : { body: { data: { resultType: 'scalar', result: [1, '12.5'] } } }
  })
  const query = 'sum(container_cpu_usage_seconds_total{pod="edge+0"})'
  const source = prometheusSource({ url, query, settleMs: 0, authorization: 'Bearer secret' })
  assert.equal((await source.sample()).cpuUsec, 12_250_000)
  assert.equal((await source.sample()).cpuUsec, 12_500_000)
  assert.deepEqual(asked, [query, 'Bearer secret', query, 'Bearer secret'])
})

const bad: Record<string, [Answer, RegExp]> = {
  'no series': [vector(), /0 series instead of one/],
  'two series': [vector('1', '2'), /2 series instead of one/],
  'no number': [vector('NaN'), /no finite number/],
  'a matrix': [{ body: { data: { resultType: 'matrix', result: [] } } }, /gave matrix/],
  'an error': [{ status: 400, body: { status: 'error', error: 'parse error' } }, /answered 400: parse error/],
  'no JSON': [{ body: 'hello' }, /gave no result/],
  null: [{ body: null }, /gave no result/],
}

for (const [what, [answer, message]] of Object.entries(bad)) {
  test(`Prometheus: ${what} is refused, and the credential is not in the message`, async (t) => {
    const url = await prometheus(t, () => answer)
    const source = prometheusSource({ url, query: 'x', settleMs: 0, authorization: 'Bearer secret' })
    await assert.rejects(source.sample(), (error: Error) => {
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /secret/)
      return true
    })
  })
}

test('Prometheus: nobody there', async () => {
  const source = prometheusSource({ url: 'http://127.0.0.1:9', query: 'x', settleMs: 0 })
  await assert.rejects(source.sample(), { code: 'ERR_PLATFORM', message: 'Prometheus did not answer' })
})
