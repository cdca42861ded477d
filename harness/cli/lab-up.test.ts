/**
 * What `harness lab up` prints works as pasted, holds no secret, and nothing is left behind.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { bin, type Ended, finished, interruptLab, type RunningLab, startLabUp } from './testing/lab-up.ts'

let root: string
let dir: string
let lab: RunningLab
let env: NodeJS.ProcessEnv
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'harness-lab-up-'))
  // A name that a shell would take apart.
  dir = join(root, 'it’s my "lab" & it\'s $HOME')
  // `harness` on the PATH, as after an installation.
  const tools = join(root, 'tools')
  await mkdir(tools)
  await writeFile(join(tools, 'harness'), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`, {
    mode: 0o755,
  })
  env = {
    ...process.env,
    PATH: [tools, dirname(process.execPath), process.env.PATH].join(delimiter),
  }
  lab = await startLabUp(root, ['--out', dir])
})
after(async () => {
  await interruptLab(lab)
  await rm(root, { recursive: true, force: true })
})

/** What is printed below `try:`, as pairs. */
function tries(): { what: string; line: string }[] {
  const lines = (lab.text().split('\ntry:\n')[1] ?? '').split('\n')
  return lines.flatMap((what, at) =>
    /^ {2}\S/.test(what) ? [{ what: what.trim(), line: lines[at + 1]?.trim() ?? '' }] : [],
  )
}

/** How a line ended, in the words it is announced with. */
const inWords = ({ code, out }: Ended): string[] => [
  `exit code ${code}`,
  `HTTP ${/^HTTP\/[\d.]+ (\d{3})/m.exec(out)?.[1] ?? 'nothing'}`,
]

test('every line below “try:”, pasted into bash, ends as it says', async () => {
  const all = tries()
  assert.equal(all.length, 8)
  const statuses = new Set<string>()
  for (const { what, line } of all) {
    const ended = await finished('bash', ['-c', line], { cwd: root, env })
    const announced = /(?:exit code|HTTP) \d+/.exec(what)?.[0] ?? 'nothing announced'
    assert.ok(inWords(ended).includes(announced), `${what}\n${line}\n${ended.out}\n${ended.err}`)
    statuses.add(announced)
    if (announced === 'HTTP 302')
      assert.match(ended.out, /^location: https:\/\/harness-lab\.cloudflareaccess\.com:\d+\//im)
  }
  assert.deepEqual([...statuses].toSorted(), ['HTTP 200', 'HTTP 302', 'HTTP 400', 'HTTP 403', 'exit code 0'])
})

test('hostnames, ports, CA, API and team domain are printed, and no secret of lab.json', async () => {
  const file = join(dir, 'lab.json')
  const text = await readFile(file, 'utf8')
  const told = JSON.parse(text) as {
    edge: { port: number; plainPort: number; ca: string }
    hostnames: Record<string, unknown>
    api: { baseURL: string; token: string; readToken: string; key: string }
    access: {
      teamDomain: string
      serviceTokens: Record<string, { secret: string }>
      idp: { clientSecret: string; users: { password: string }[] }
    }
  }
  const { edge, api, access } = told
  const printed = lab.text()
  for (const shown of [
    ...Object.keys(told.hostnames),
    `127.0.0.1:${edge.port}`,
    String(edge.plainPort),
    edge.ca,
    api.baseURL,
    access.teamDomain,
    file,
  ])
    assert.ok(printed.includes(shown), shown)
  const secrets = [
    api.token,
    api.readToken,
    api.key,
    access.idp.clientSecret,
    ...Object.values(access.serviceTokens).map(({ secret }) => secret),
    ...access.idp.users.map(({ password }) => password),
  ]
  assert.ok(secrets.length >= 9)
  for (const secret of secrets) {
    assert.ok(secret.length >= 12)
    assert.ok(!printed.includes(secret), 'a secret was printed')
  }
  assert.doesNotMatch(printed, /PRIVATE KEY/)
})

test('SIGINT: exit code 0, ports closed, no lab.json, no keys; another lab can use the folder', async () => {
  const again = join(root, 'again')
  for (const options of [[], ['--realistic-delays', '--fault', 'edge.head-open']]) {
    const other = await startLabUp(root, ['--out', again, ...options])
    const told = JSON.parse(await readFile(join(again, 'lab.json'), 'utf8')) as {
      edge: { port: number; plainPort: number }
      api: { baseURL: string; labURL: string; token: string }
      access: { idp: { issuer: string } }
      origins: Record<string, { port: number; tlsPort: number }>
    }
    const { labURL, token } = told.api
    const response = await fetch(`${labURL}/state`, { headers: { authorization: `Bearer ${token}` } })
    const { result } = (await response.json()) as { result: { delays: { deletion: number } } }
    assert.equal(result.delays.deletion > 0, options.includes('--realistic-delays'))
    assert.equal(/^delays /m.test(other.text()), options.includes('--realistic-delays'))
    assert.equal(other.text().includes('edge.head-open'), options.includes('edge.head-open'))

    assert.equal(await interruptLab(other), 0, other.text())
    assert.match(other.text(), /lab is down\n$/)
    const left = await readdir(again)
    assert.deepEqual(
      left.filter((name) => name.startsWith('lab.json') || name.includes('key')),
      [],
    )
    for (const name of left)
      assert.doesNotMatch(await readFile(join(again, name), 'utf8'), /PRIVATE KEY/, name)
    const ports = [
      told.edge.port,
      told.edge.plainPort,
      Number(new URL(told.api.baseURL).port),
      Number(new URL(told.access.idp.issuer).port),
      ...Object.values(told.origins).flatMap(({ port, tlsPort }) => [port, tlsPort]),
    ]
    for (const port of ports) assert.ok(await isClosed(port), `port ${port} is closed`)
  }
})

test('a folder that a lab is using is left alone', async () => {
  await assert.rejects(startLabUp(root, ['--out', dir]), /a lab is using/)
  assert.ok(existsSync(join(dir, 'lab.json')))
})

test('a lab that is refused leaves no folder, and nothing in one that was there', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const there = join(root, 'there')
  await mkdir(there)
  try {
    for (const [args, message] of [
      [['--fault', 'edge.head-opn'], /there is no fault/],
      [['--port', String(port)], /is in use/],
    ] as const) {
      await assert.rejects(startLabUp(root, ['--out', 'refused/lab', ...args]), message)
      assert.ok(!existsSync(join(root, 'refused')), message.source)
      await assert.rejects(startLabUp(root, ['--out', there, ...args]), message)
      assert.deepEqual(await readdir(there), [])
    }
  } finally {
    taken.close()
  }
})

test('a crash leaves no lab.json and no key, and the folder is its owner’s', async () => {
  const crashed = join(root, 'crashed')
  const trap = `process.on('SIGUSR2', () => { throw new Error('on purpose') })`
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(trap)}`
  const other = await startLabUp(root, ['--out', crashed], { ...process.env, NODE_OPTIONS })
  assert.equal((await stat(crashed)).mode & 0o777, 0o700)
  assert.ok((await readdir(crashed)).some((name) => name.endsWith('-key.pem')))
  other.child.kill('SIGUSR2')
  assert.equal(await other.ended, 4, other.text())
  const left = await readdir(crashed)
  assert.ok(left.includes('harness.yaml'))
  const secret = left.filter((name) => /^lab\.json|key|\.secret$/.test(name))
  assert.deepEqual(secret, [], other.text())
})

const isClosed = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() === undefined))
    socket.once('error', () => resolve(true))
  })
