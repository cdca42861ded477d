import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hostile, hostileName } from '../../fixtures/hostile/index.ts'
import { readResults } from '../../reports/read.ts'
import type { Results } from '../../reports/types.ts'

const bin = fileURLToPath(new URL('../../bin/harness.mjs', import.meta.url))
/** Milliseconds a whole run may take with `--deadline 1500`. */
const outer = 30_000

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-hostile-'))
})
after(() => rm(directory, { recursive: true, force: true }))

interface Run {
  code: number | null
  text: string
  results: Results
}

/** Runs `harness verify` as a user does, and reads what it wrote. */
async function verify(name: string, args: readonly string[]): Promise<Run> {
  const out = join(directory, name)
  const started = performance.now()
  const child = spawn(process.execPath, [bin, 'verify', ...args, '--deadline', '1500', '--out', out], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
    timeout: 2 * outer,
    killSignal: 'SIGKILL',
  })
  let text = ''
  const collect = (chunk: Buffer): void => {
    text += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  const took = performance.now() - started
  assert.ok(took < outer, `took ${Math.round(took)} ms\n${text}`)
  const results = await readResults(join(out, 'results.json'))
  return { code, text, results }
}

/** What holds for every run that verified nothing. */
function notVerified({ code, text, results }: Run, found: RegExp): void {
  assert.equal(code, 3, text)
  assert.equal(results.exitCode, 3)
  assert.equal(results.run.interrupted, false)
  // Those that were not begun are among the blocked ones.
  const { planned, pass, notBegun: _, ...others } = results.summary
  assert.equal(pass, 0, 'nothing was verified, so nothing passes')
  assert.equal(planned, pass + Object.values(others).reduce((sum, count) => sum + count, 0))
  assert.equal(results.facts.clientCertificate.enforced, 'unknown')
  // Whatever the width of the terminal, lines are wrapped.
  assert.match(text.replace(/\s+/g, ' '), found)
  assert.doesNotMatch(text, /sorry, the harness itself failed|at file:|node:internal/)
}

const cases: [id: string, found: RegExp][] = [
  ['tcp.plain-http', /plain HTTP/],
  ['tcp.ssh', /SSH-2\.0/],
  ['tcp.silent', /said nothing/],
  ['tls.stops-after-server-hello', /middle of the handshake/],
  ['tls.stops-within-certificate', /middle of the handshake/],
  ['tls.garbage-records', /bad_record_mac|bad record mac/],
  ['tls.huge-certificate', /16777215 bytes/],
  ['http1.headers-10mb', /larger than the harness reads/],
  ['http1.one-byte-a-second', /no answer came/],
  ['http1.http09', /no whole HTTP answer/],
]
for (const [id, found] of cases) {
  test(`${id}: not verified, and says what was found`, async () => {
    const server = await hostile(id).listen()
    try {
      notVerified(await verify(id, [hostileName, '--connect-to', `127.0.0.1:${server.port}`]), found)
      assert.ok(server.accepted > 0)
    } finally {
      await server.close()
    }
  })
}

test('an endless body is an answer like any other: the host lets everybody in', async () => {
  const server = await hostile('http1.endless-body').listen()
  try {
    const { code, text, results } = await verify('endless', [
      hostileName,
      '--connect-to',
      `127.0.0.1:${server.port}`,
    ])
    assert.equal(code, 1, text)
    assert.equal(results.facts.clientCertificate.enforced, false)
    assert.ok(results.checks.some(({ id, verdict }) => id === 'client-cert.none' && verdict === 'fail'))
  } finally {
    await server.close()
  }
})

test('a port where nothing listens: not verified, and says so', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  await new Promise((resolve) => server.close(resolve))
  const run = await verify('refused', [hostileName, '--connect-to', `127.0.0.1:${address.port}`])
  notVerified(run, new RegExp(`nothing listens on 127\\.0\\.0\\.1:${address.port}`))
})

test('a name that does not resolve: not verified, and says so', async () => {
  const run = await verify('unresolvable', ['no-such-host.invalid'])
  notVerified(run, /does not resolve|before the deadline/)
})
