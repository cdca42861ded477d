/** The commands end to end with tiny sizes: outcomes and exit codes, never speeds. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import { findK6 } from '../../../load/k6/find.ts'
import { validateLoad } from '../../../load/results/read.ts'
import { twoFreePorts } from '../../../load/targets/ports.ts'
import { programOf, startTwoPorts } from '../../../load/targets/start.ts'
import { createAuthority } from '../../pki/authority.ts'
import { bin, inProcess, loadPlace, type Place, statedMs } from './testing.ts'

const hasK6 = findK6().then(
  () => true,
  () => false,
)

let place: Place
before(async () => {
  place = await loadPlace()
})
after(() => place.remove())

test('cost on the embedded edge: what each client ended with, every report, and plan and compare of it', async () => {
  const measured = await place.run(
    ...['load', 'cost', '--lab', '--servers', 'edge', '--categories', 'none,expired'],
    ...['--rounds', '2', '--out', 'edge'],
  )
  assert.equal(measured.code, 0, measured.err)
  assert.match(measured.err, /load cost: 1 measurement, at most 5 min in all/)
  const results = await place.results('edge')
  assert.deepEqual(validateLoad(results), [])
  const [cost] = results.costs
  assert.ok(cost)
  assert.deepEqual(
    cost.categories.map(({ id, outcome, sent }) => [id, outcome, sent]),
    [
      ['valid', 'allowed', true],
      ['none', 'http-403', undefined],
      ['expired', 'http-403', true],
    ],
  )
  assert.deepEqual([cost.problems, cost.method.rounds, results.interrupted], [[], 2, false])
  assert.ok((cost.control?.estimate ?? 0) > 0)
  assert.doesNotMatch(JSON.stringify(results), /PRIVATE KEY/)
  for (const file of ['report.html', 'summary.md', 'load.csv'])
    assert.ok(existsSync(join(place.dir, 'edge', file)), file)

  const html = await readFile(join(place.dir, 'edge', 'report.html'), 'utf8')
  await writeFile(join(place.dir, 'edge', 'report.html'), 'spoilt')
  const again = await place.run('report', 'edge')
  assert.equal(again.code, 0, again.err)
  assert.equal(await readFile(join(place.dir, 'edge', 'report.html'), 'utf8'), html)

  const plan = await place.run('plan', 'edge', '--valid', '100', '--invalid', 'expired=50', '--json')
  assert.equal(plan.code, 0, plan.err)
  const [planned] = JSON.parse(plan.out) as [{ server: string; answer: { demand: { estimate: number } } }]
  const usec = (id: string): number =>
    cost.categories.find((one) => one.id === id)?.server?.estimate ?? Number.NaN
  const demand = (100 * usec('valid') + 50 * usec('expired')) / 1e6
  assert.ok(Math.abs(planned.answer.demand.estimate - demand) < 1e-9)
  const inverse = await place.run('plan', 'edge', '--cores', '2')
  assert.match(
    inverse.out,
    /mock edge, TLS 1\.3\n {2}how much "valid" can 2 cores take, 30\.0\s% of the cores free\?/,
  )
  for (const [args, why] of [
    [['--invalid', 'rsa-4096=5', '--valid', '1'], /"rsa-4096" was not measured/],
    [[], /a question is needed/],
    [['--valid', '1', '--server', 'apache'], /no measured server/],
  ] as const) {
    const wrong = await inProcess('plan', join(place.dir, 'edge'), ...args)
    assert.equal(wrong.code, 2)
    assert.match(wrong.err, why)
  }
  // The same file twice: nothing can have changed.
  const same = await place.run('compare', 'edge', 'edge')
  assert.equal(same.code, 0, same.out)
  assert.match(same.out, /verdict: noise/)
})

test('a server of one’s own: its port without mTLS and its process are named, bad clients are made in the name of its CA', async (t) => {
  const authority = await createAuthority()
  const server = await authority.issue({ purpose: 'server' })
  const ports = await twoFreePorts()
  const running = await startTwoPorts('node', {
    dir: join(place.dir, 'node'),
    ...ports,
    authority,
    server,
    depth: 10,
  })
  t.after(() => running.stop())
  await writeFile(join(place.dir, 'ca.pem'), authority.cert)
  await writeFile(join(place.dir, 'ca-key.pem'), authority.key, { mode: 0o600 })
  const base = [
    'load',
    'cost',
    `127.0.0.1:${ports.port}`,
    '--client-ca',
    join(place.dir, 'ca.pem'),
    '--client-ca-key',
    join(place.dir, 'ca-key.pem'),
  ]
  const control = ['--control-port', String(ports.controlPort)]
  const own = await place.run(
    ...[...base, ...control, '--pid', String(running.pid), '--categories', 'expired,none'],
    ...['--rounds', '2', '--tls', '1.2', '--out', 'own'],
  )
  assert.equal(own.code, 0, own.err)
  const { costs } = await place.results('own')
  assert.deepEqual(
    costs.map(({ target, categories }) => [target.version, categories.map(({ outcome }) => outcome)]),
    [['TLSv1.2', ['allowed', 'alert', 'close']]],
  )
  for (const [args, why] of [
    [[...base, ...control], /where is its CPU read/],
    [[...base, '--pid', String(running.pid)], /the same server without mTLS/],
    [[...base.slice(0, 3), ...control, '--pid', String(running.pid)], /a valid client is needed/],
    [[...base, ...control, '--pid', '1', '--cgroup', '/x'], /one of --pid, --cgroup and --prometheus/],
    [
      [...base, '--control-port', String(ports.port), '--pid', String(running.pid)],
      /the port that is measured/,
    ],
  ] as const) {
    const wrong = await inProcess(...args, '--out', join(place.dir, 'wrong'))
    assert.equal(wrong.code, 2, wrong.err)
    assert.match(wrong.err, why)
  }
  assert.equal(existsSync(join(place.dir, 'wrong', 'results.json')), false)
})

test('load goes nowhere by mistake: unnamed, unconfirmed and shared targets are refused before anything is sent', async () => {
  const cloudflare = ['--address', '104.16.1.1']
  for (const [args, why] of [
    [['cost'], /what is to be loaded/],
    [['cost', '127.0.0.1:1', '--lab'], /exclude each other/],
    [['cost', 'origin.test:443', '--address', '192.0.2.1'], /not this machine/],
    [
      [
        'flood',
        'origin.test:443',
        '--address',
        '192.0.2.1',
        '--i-am-allowed-to-load',
        'other.test',
        '--emit',
        'k6-operator',
      ],
      /not the hostname of the target/,
    ],
    [['capacity', 'www.test:443', ...cloudflare, '--i-am-allowed-to-load', 'www.test'], /Cloudflare/],
    [['cost', 'https://u@host/x'], /is no target/],
    [['cost', '--lab', '--servers', 'edge,nginx', '--max-time', '3s'], /2 measurements .* less than 28s/],
    [['capacity', '--lab', '--max-time', '16s'], /1 measurement .* less than 17s/],
    [['flood', '--lab', '--containers'], /the edge is a process of ours/],
    // The path is no way to another host, and another address none around what the name is.
    [['capacity', '127.0.0.1:1', '--path', '@127.0.0.2:19443/'], /is no path/],
    [['flood', '127.0.0.1:1', '--path', '@evil.example/', '--emit', 'k6-operator'], /is no path/],
    [
      ['flood', 'www.test:443', '--address', '127.0.0.1', '--emit', 'k6-operator'],
      /not this machine|looked up/,
    ],
    [['flood', '[2606:4700::1]:443', '--address', '127.0.0.1', '--emit', 'k6-operator'], /Cloudflare/],
  ] as const) {
    const { code, err } = await inProcess('load', ...args, '--out', join(place.dir, 'refused'))
    assert.equal(code, 2, err)
    assert.match(err, why)
  }
  assert.equal(existsSync(join(place.dir, 'refused', 'results.json')), false)
})

test('Ctrl-C leaves a report that says interrupted, and ends with 3', async () => {
  const args = ['load', 'cost', '--lab', '--servers', 'node', '--max-time', '60s', '--out', 'stopped']
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: place.dir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk)
    if (said.includes('preflight')) child.kill('SIGINT')
  })
  const [code] = (await once(child, 'exit')) as [number]
  assert.equal(code, 3, said)
  const results = await place.results('stopped')
  assert.deepEqual([results.interrupted, results.exitCode], [true, 3])
  assert.match(await readFile(join(place.dir, 'stopped', 'report.html'), 'utf8'), /Interrupted/)
})

test('killed, the harness leaves no server, no k6 and no key', async (t) => {
  if (process.platform !== 'linux' || !(await hasK6) || programOf('nginx') === undefined) {
    t.skip('it needs /proc, k6 and nginx')
    return
  }
  const temporary = join(place.dir, 'temporary')
  await mkdir(temporary)
  const args = ['load', 'flood', '--lab', '--servers', 'nginx', '--profiles', 'none', '--out', 'killed']
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: place.dir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, TMPDIR: temporary },
  })
  /** Processes that have our folder in their command line: nginx its configuration, k6 its log. */
  const left = async (): Promise<string[]> => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const lines = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    )
    return lines.filter((line) => line.includes(temporary))
  }
  let said = ''
  child.stderr.setEncoding('utf8')
  for await (const text of child.stderr as AsyncIterable<string>) {
    said += text
    if (said.includes('refuses by')) break
  }
  const running = await left()
  assert.ok(
    running.some((line) => line.includes('nginx')),
    said,
  )
  child.kill('SIGKILL')
  const gone = async (): Promise<boolean> =>
    (await left()).length === 0 &&
    !(await readdir(temporary)).some((name) => name.startsWith('harness-load-'))
  for (let tries = 0; tries < 300 && !(await gone()); tries += 1) await sleep(100)
  assert.deepEqual(await left(), [])
  assert.deepEqual(
    (await readdir(temporary)).filter((name) => name.startsWith('harness-load-')),
    [],
  )
})

test('capacity: a rate that holds below the permitted limit, and one that no server can keep', async () => {
  const search = ['load', 'capacity', '--lab', '--servers', 'node', '--step', '1s', '--max-time', '30s']
  const easy = await place.run(
    ...search,
    '--start-rate',
    '5',
    '--max-rate',
    '5',
    '--objective',
    '5000',
    '--out',
    'easy',
  )
  assert.equal(easy.code, 0, easy.err)
  const [held] = (await place.results('easy')).capacities
  assert.deepEqual([held?.result.ended, held?.result.knee], ['rate-limit', { holds: 5 }])
  // k6 where it is there, and what made the load is said.
  assert.ok(easy.ms < statedMs(easy.err), `${easy.ms}`)
  const maker = (await hasK6) ? /by k6 2\.2/ : /by the built-in generator/
  assert.match(easy.err, maker)
  assert.match(held?.result.driver ?? '', (await hasK6) ? /^k6 2\.2/ : /^built-in/)
  // No handshake takes less than its own round trips.
  const hard = await place.run(
    ...search,
    '--start-rate',
    '5',
    '--max-rate',
    '5',
    '--objective',
    '1',
    '--generator',
    'built-in',
    '--out',
    'hard',
  )
  const { capacities } = await place.results('hard')
  assert.ok([0, 3].includes(hard.code), hard.err)
  assert.equal(capacities[0]?.result.knee.holds, undefined)
  assert.match(capacities[0]?.result.driver ?? '', /^built-in/)
  assert.match(await readFile(join(place.dir, 'easy', 'summary.md'), 'utf8'), /holds 5000 ms .* at 5\.0\/s/)
})

test('capacity: valid clients that are not let in end it before any load', async (t) => {
  const [authority, stranger] = await Promise.all([
    createAuthority(),
    createAuthority({ name: 'CN=another' }),
  ])
  const server = await authority.issue({ purpose: 'server' })
  const tls = {
    cert: server.cert,
    key: server.key,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  }
  const one = createServer(tls, (_, response) => {
    response.statusCode = 302
    response.end('in')
  })
  t.after(() => one.close())
  await once(one.listen(0, '127.0.0.1'), 'listening')
  const { port } = one.address() as AddressInfo
  const search = async (ca: typeof authority, out: string) => {
    await writeFile(join(place.dir, `${out}.pem`), ca.cert)
    await writeFile(join(place.dir, `${out}-key.pem`), ca.key, { mode: 0o600 })
    return place.run(
      ...[
        'load',
        'capacity',
        `127.0.0.1:${port}`,
        '--client-ca',
        `${out}.pem`,
        '--client-ca-key',
        `${out}-key.pem`,
      ],
      ...['--step', '1s', '--start-rate', '5', '--max-rate', '5', '--objective', '5000', '--max-time', '12s'],
      ...['--generator', 'built-in', '--out', out],
    )
  }
  for (const [ca, out, why] of [
    [authority, 'redirecting', /no load on 127\.0\.0\.1: valid has no clear verdict: 5 http-other/],
    [stranger, 'unknown', /no load on 127\.0\.0\.1: valid was refused: /],
  ] as const) {
    const { code, err } = await search(ca, out)
    assert.equal(code, 3, err)
    assert.match(err, why)
    assert.equal(existsSync(join(place.dir, out, 'results.json')), false)
  }
})

test('flood: k6 against the embedded edge, with every certificate seen on the wire', async (t) => {
  if (!(await hasK6)) {
    const missing = await place.run('load', 'flood', '--lab', '--out', 'flood')
    assert.equal(missing.code, 4)
    assert.match(missing.err, /setup\.mjs --k6/)
    t.diagnostic('k6 is not there: its absence was looked at instead')
    return
  }
  const ended = await place.run(
    ...['load', 'flood', '--lab', '--rates', '10', '--victims', '60', '--step', '4s', '--keep-going'],
    ...['--profiles', 'none,expired', '--objective', '60000', '--out', 'flood'],
  )
  assert.equal(ended.code, 0, ended.err)
  assert.doesNotMatch(ended.err, /no step will hold or break/)
  // The time that was stated before anything started.
  assert.ok(ended.ms < statedMs(ended.err), `${ended.ms} ${ended.err}`)
  const { floods } = await place.results('flood')
  const [flood] = floods
  assert.ok(flood)
  assert.equal(flood.preflight.style, 'http-403')
  // Whether a busy machine keeps the promise is no matter here: who was let in is.
  assert.deepEqual(
    flood.steps.map(({ rate, victims }) => [rate, Object.keys(victims.attempts.byKind)]),
    [
      [0, ['accepted']],
      [10, ['accepted']],
    ],
  )
  for (const { id, profile, void: reasons, proof, serverSaw, numbers } of flood.lanes) {
    assert.deepEqual(reasons, [], id)
    assert.ok(proof !== undefined && proof.connections > 0, id)
    // The edge itself saw the certificate of every attempt; of one that was cut off at the end too.
    if (profile === 'none') assert.equal(serverSaw, 'not measurable')
    else assert.ok(typeof serverSaw === 'number' && serverSaw >= numbers.attempts.total, `${id} ${serverSaw}`)
  }
  assert.match(await readFile(join(place.dir, 'flood', 'report.html'), 'utf8'), /Flood against valid users/)
})

test('flood: too few valid users for a 99th percentile: said before it starts, and in every result', async (t) => {
  if (!(await hasK6)) {
    t.skip('k6 is not there')
    return
  }
  const few = await place.run(
    ...['load', 'flood', '--lab', '--rates', '5', '--victims', '1', '--step', '2s'],
    ...['--profiles', 'none', '--objective', '60000', '--out', 'few'],
  )
  assert.equal(few.code, 3, few.err)
  assert.match(few.err, /no step will hold or break: 1 valid attempts per second[^\n]*steps of 103 s or more/)
  const { floods } = await place.results('few')
  const [flood] = floods
  assert.ok(flood)
  assert.deepEqual([flood.heldAt, flood.brokenAt], [undefined, undefined])
  assert.deepEqual(
    flood.steps.map(({ holds }) => holds),
    ['not measurable', 'not measurable'],
  )
  const summary = await readFile(join(place.dir, 'few', 'summary.md'), 'utf8')
  assert.match(summary, /\| 5\/s \| not measurable \| not known \|/)
  assert.match(summary, /Nothing measured/)
})

test('a server that lets bad certificates in: a finding, exit 1, and no load', async (t) => {
  const authority = await createAuthority()
  const server = await authority.issue({ purpose: 'server' })
  const listening = await Promise.all(
    [true, false].map(async (requestCert) => {
      const options = { cert: server.cert, key: server.key, ca: authority.cert, requestCert }
      const one = createServer({ ...options, rejectUnauthorized: false }, (_, response) => response.end('in'))
      t.after(() => one.close())
      await once(one.listen(0, '127.0.0.1'), 'listening')
      return (one.address() as AddressInfo).port
    }),
  )
  const [port = 0, controlPort = 0] = listening
  await writeFile(join(place.dir, 'open.pem'), authority.cert)
  await writeFile(join(place.dir, 'open-key.pem'), authority.key)
  const own = [`127.0.0.1:${port}`, '--client-ca', 'open.pem', '--client-ca-key', 'open-key.pem']
  const cpu = ['--pid', String(process.pid), '--control-port', String(controlPort)]
  const cost = await place.run('load', 'cost', ...own, ...cpu, '--categories', 'expired', '--out', 'open')
  assert.equal(cost.code, 1, cost.err)
  const [measured] = (await place.results('open')).costs
  assert.deepEqual(
    [measured?.ended, measured?.problems.map(({ what }) => what)],
    ['refused', ['invalid-accepted']],
  )
  assert.match(await readFile(join(place.dir, 'open', 'report.html'), 'utf8'), /A finding before any load/)
  if (!(await hasK6)) return
  const flood = await place.run('load', 'flood', ...own, '--profiles', 'expired', '--out', 'open-flood')
  assert.equal(flood.code, 1, flood.err)
  const [unflooded] = (await place.results('open-flood')).floods
  assert.deepEqual(unflooded?.steps, [])
})

test('flood --emit: resources without keys, keys beside them for their owner alone', async () => {
  const authority = await createAuthority()
  await mkdir(join(place.dir, 'ca'))
  await writeFile(join(place.dir, 'ca', 'ca.pem'), authority.cert)
  await writeFile(join(place.dir, 'ca', 'key.pem'), authority.key)
  const own = ['--client-ca', 'ca/ca.pem', '--client-ca-key', 'ca/key.pem']
  const { code, out, err } = await place.run(
    ...['load', 'flood', '127.0.0.1:8443', '--emit', 'k6-operator', ...own],
    ...['--profiles', 'none,expired', '--name', 'friday', '--out', 'k6'],
  )
  assert.equal(code, 0, err)
  assert.match(out, /friday\.yaml/)
  const yaml = await readFile(join(place.dir, 'k6', 'friday.yaml'), 'utf8')
  const kinds = parseAllDocuments(yaml).map((one) => (one.toJS() as { kind: string }).kind)
  assert.deepEqual(kinds, ['ConfigMap', 'TestRun', 'TestRun', 'TestRun'])
  assert.doesNotMatch(yaml, /PRIVATE KEY/)
  for (const file of ['victims-key.pem', 'flood-expired-key.pem'])
    assert.equal((await stat(join(place.dir, 'k6', file))).mode & 0o777, 0o600)
  // A link in the folder is replaced, not followed: a key is written nowhere else.
  await writeFile(join(place.dir, 'elsewhere'), 'untouched')
  await rm(join(place.dir, 'k6', 'victims-key.pem'))
  await symlink(join(place.dir, 'elsewhere'), join(place.dir, 'k6', 'victims-key.pem'))
  const again = await inProcess(
    ...['load', 'flood', '127.0.0.1:8443', '--emit', 'k6-operator', '--profiles', 'none', '--name', 'friday'],
    ...['--client-ca', join(place.dir, 'ca/ca.pem'), '--client-ca-key', join(place.dir, 'ca/key.pem')],
    ...['--out', join(place.dir, 'k6')],
  )
  assert.equal(again.code, 0, again.err)
  assert.equal(await readFile(join(place.dir, 'elsewhere'), 'utf8'), 'untouched')
  const written = await lstat(join(place.dir, 'k6', 'victims-key.pem'))
  assert.deepEqual([written.isSymbolicLink(), written.mode & 0o777], [false, 0o600])
  assert.equal(existsSync(join(place.dir, 'k6', 'flood-none-key.pem')), false)
  const lab = await place.run('load', 'flood', '--lab', '--emit', 'k6-operator')
  assert.equal(lab.code, 2)
})
