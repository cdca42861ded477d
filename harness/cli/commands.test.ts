import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Results } from '../../reports/types.ts'
import { validateResults } from '../../reports/validate.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { loadDeployment } from '../deployment/load.ts'

const bin = fileURLToPath(new URL('../../bin/harness.mjs', import.meta.url))
let dir = ''
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-commands-'))
})
after(() => rm(dir, { recursive: true, force: true }))

interface Ended {
  code: number
  out: string
  err: string
}

const harness = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: dir, timeout: 60_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err })
    })
  })

const results = async (out: string): Promise<Results> =>
  JSON.parse(await readFile(join(dir, out, 'results.json'), 'utf8')) as Results

test('exit 0: the healthy lab, every report written, the results valid', async () => {
  const { code, out } = await harness('verify', '--lab', '--profile', 'quick', '--out', 'healthy')
  assert.equal(code, 0, out)
  const read = await results('healthy')
  assert.deepEqual(validateResults(read), [])
  assert.equal(read.summary.pass, read.summary.planned)
  for (const file of ['report.html', 'junit.xml', 'summary.md', 'allure-results']) {
    assert.ok(existsSync(join(dir, 'healthy', file)), file)
  }
  assert.match(out, /May go live/)
})

test('exit 1: a fault, named by the check that is about it', async () => {
  const { code, out } = await harness(
    'verify',
    '--lab',
    '--fault',
    'edge.accepts-self-signed',
    '--profile',
    'quick',
    '--out',
    'faulty',
  )
  assert.equal(code, 1)
  assert.match(out, /client-cert\.self-signed/)
  const { checks, facts } = await results('faulty')
  const failed = checks.filter(({ verdict }) => verdict !== 'pass').map(({ id }) => id)
  assert(failed.includes('client-cert.self-signed'))
  const about = (await loadCatalogue()).filter(({ killedBy }) =>
    killedBy.includes('edge.accepts-self-signed'),
  )
  for (const id of failed)
    assert(
      about.some((check) => check.id === id),
      `${id} is not about this fault`,
    )
  assert.equal(facts.clientCertificate.enforced, false)
})

test('a run says how many connections it makes at most, before it makes them, and keeps to it', async () => {
  const { out } = await harness('verify', '--lab', '--only', 'reach.*', '--out', 'counted')
  const [, announced = ''] = /with at most ([\d,]+) connections in all/.exec(out) ?? []
  const { run } = await results('counted')
  assert.equal(run.connectionLimit, Number(announced.replaceAll(',', '')))
  assert(run.connections > 0 && run.connections <= run.connectionLimit)
  assert(out.indexOf('with at most') < out.indexOf('reach.tls'))
})

test('what could disturb a host is refused without --staging', async () => {
  const { code, err } = await harness('verify', '--lab', '--profile', 'staging', '--out', 'staging')
  assert.equal(code, 2)
  assert.match(err, /could disturb the host[\s\S]*--staging/)
})

test('exit 1 becomes 0 below --fail-on, and the finding stays', async () => {
  const only = ['--only', 'tls.signature-algorithms', 'mode.report-private']
  const { code } = await harness(
    'verify',
    '--lab',
    '--fault',
    'edge.report-leaks-status',
    ...only,
    '--fail-on',
    'high',
    '--out',
    'lenient',
  )
  assert.equal(code, 0)
  assert.equal((await results('lenient')).summary.fail, 1)
})

test('exit 2: wrong usage says what is wrong and writes nothing', async () => {
  for (const args of [
    ['--lab', '--fault', 'edge.nonsense'],
    ['--lab', '--only', 'nonsense'],
    ['--fault', 'edge.head-open', '--', 'localhost'],
    ['https://example.com/'],
    ['-d', 'missing.yaml'],
    [],
  ]) {
    const { code, err } = await harness('verify', '--out', 'never', ...args)
    assert.equal(code, 2, args.join(' '))
    assert.match(err, /harness:|error:/)
  }
  assert.equal(existsSync(join(dir, 'never')), false)
})

test('exit 3: a port that is closed, a name that does not resolve', async () => {
  for (const args of [['localhost', '--connect-to', '127.0.0.1:9'], ['no-such-host.invalid']]) {
    const { code, out } = await harness('verify', ...args, '--out', 'unreachable')
    assert.equal(code, 3)
    assert.match(out, /Not verified/)
    const { summary } = await results('unreachable')
    assert.equal(summary.pass, 0)
  }
})

test('checks --json prints the catalogue and nothing else; explain knows every check; a typo is corrected', async () => {
  const { code, out } = await harness('checks', '--json')
  assert.equal(code, 0)
  const checks = JSON.parse(out) as { id: string; why: string }[]
  assert.ok(checks.length >= 45)
  const explained = await harness('explain', 'client-cert.impostor-ca')
  assert.ok(explained.out.includes('Why it matters') && explained.out.includes('edge.accepts-impostor-ca'))
  const typo = await harness('explain', 'client-cert.imposter-ca')
  assert.equal(typo.code, 2)
  assert.match(typo.err, /did you mean client-cert\.impostor-ca/)
})

async function labUp(out: string): Promise<{ child: ChildProcess; port: number; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, [bin, 'lab', 'up', '--out', out], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.includes('try:')) break
  }
  return { child, ended, port: Number(/127\.0\.0\.1:(\d+)/.exec(text)?.[1]) }
}

test('lab up writes lab.json (0600) once everything listens; init and verify work from it; SIGINT leaves nothing', async () => {
  const { child, ended, port } = await labUp('lab')
  const labFile = join(dir, 'lab', 'lab.json')
  try {
    assert.equal((await stat(labFile)).mode & 0o777, 0o600)
    const lab = JSON.parse(await readFile(labFile, 'utf8')) as { deployment: string; edge: { port: number } }
    assert.equal(lab.edge.port, port)
    const quick = await harness('verify', '-d', lab.deployment, '--profile', 'quick', '--out', 'from-lab')
    assert.equal(quick.code, 0, quick.out)

    const init = await harness('init', 'api.harness.test', '--connect-to', `127.0.0.1:${port}`)
    assert.equal(init.code, 0, init.err)
    const written = await loadDeployment(join(dir, 'harness.yaml'))
    assert.deepEqual(
      [written.target.hostname, written.target.port, written.target.mtls?.mode],
      ['api.harness.test', port, 'enforce'],
    )
    const again = await harness('init', 'api.harness.test', '--connect-to', `127.0.0.1:${port}`)
    assert.equal(again.code, 2)
    assert.match(again.err, /--force/)
  } finally {
    child.kill('SIGINT')
  }
  await ended
  assert.equal(existsSync(labFile), false)
  const refused = await new Promise<boolean>((resolve) => {
    connect(port, '127.0.0.1', () => resolve(false)).once('error', () => resolve(true))
  })
  assert.ok(refused, 'the port is closed')
})

test('report writes every format again and exits as the run did', async () => {
  await rm(join(dir, 'faulty', 'report.html'))
  const { code } = await harness('report', 'faulty')
  assert.equal(code, 1)
  assert.ok(existsSync(join(dir, 'faulty', 'report.html')))
  await writeFile(join(dir, 'healthy', 'results.json'), '{"schemaVersion":"1.0"}')
  const broken = await harness('report', 'healthy')
  assert.equal(broken.code, 2)
  assert.match(broken.err, /results\.json/)
})
