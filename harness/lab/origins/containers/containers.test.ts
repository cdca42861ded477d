import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, canary, originMaterial } from '../testing.ts'
import { dockerClient } from './docker.ts'
import { startContainerOrigins } from './start.ts'
import { askTls, type Clients, makeClients, type Told, told, withoutDocker } from './testing.ts'
import { type ContainerName, type ContainerOrigin, type ContainerOrigins, containerNames } from './types.ts'

let lab: ContainerOrigins
let clients: Clients

before(async () => {
  if (withoutDocker !== false) return
  const [material, made] = await Promise.all([originMaterial(), makeClients()])
  clients = made
  const { good, expired } = material.origin
  // A key of another certificate: every server can see that for itself.
  lab = await startContainerOrigins({
    material: { origin: { ...material.origin, otherName: { cert: good.cert, key: expired.key } } },
  })
})
after(() => lab?.close())

function origin(name: ContainerName): ContainerOrigin {
  const found = lab.origins.find((one) => one.name === name)
  assert.ok(found, `${name} was started`)
  return found
}

const versions = ['TLSv1.2', 'TLSv1.3'] as const

/** How a server turns away: what it answers, or the alert it sends, by reason and version. */
type Refusals = Record<'missing' | 'bad' | 'revoked', (told: Told, version: string) => void>

const answered =
  (text: string) =>
  ({ status, body, error }: Told): void => {
    assert.equal(status, 400, error)
    assert.ok(body.includes(text), body)
    assert.ok(body.includes('nginx'), body)
  }
const alerted =
  (numbers: Record<string, number> | number) =>
  ({ status, error }: Told, version: string): void => {
    assert.equal(status, 0)
    const number = typeof numbers === 'number' ? numbers : numbers[version]
    assert.match(error ?? '', new RegExp(`alert number ${number}\\b`))
  }

const openSsl: Refusals = {
  // handshake_failure, and certificate_required where that exists.
  missing: alerted({ 'TLSv1.2': 40, 'TLSv1.3': 116 }),
  bad: alerted(48),
  revoked: alerted(44),
}
const webServers: Record<'nginx' | 'httpd' | 'haproxy' | 'caddy', Refusals> = {
  nginx: {
    missing: answered('No required SSL certificate was sent'),
    bad: answered('The SSL certificate error'),
    revoked: answered('The SSL certificate error'),
  },
  httpd: openSsl,
  haproxy: openSsl,
  // bad_certificate for everything (crypto/tls of Go before 1.21).
  caddy: { missing: alerted(42), bad: alerted(42), revoked: () => assert.fail('Caddy has no lists') },
}

const nobody = { presented: false, verified: false }
const verified = (cert: string, subject: string) => ({
  presented: true,
  verified: true,
  subject,
  fingerprint256: new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase(),
})

describe('origins in containers', { concurrency: 3, skip: withoutDocker }, () => {
  for (const name of containerNames) {
    // One server's settings are one thing: its tests come after each other.
    describe(name, { concurrency: false }, () => {
      it('the lab’s application on both ports, and on 127.0.0.1 only', async () => {
        const server = origin(name)
        assert.match(server.server, /\d+\.\d+/)
        for (const tls of [undefined, {}]) {
          const common = tls === undefined ? {} : { tls }
          const got = await ask(server, { ...common, path: `${canary}&marker=m${name}${tls === undefined}` })
          const answer = JSON.parse(got.body) as Record<string, unknown>
          assert.deepEqual(
            [answer.harness, answer.challenge, answer.method, answer.host, answer.marked],
            ['canary', 'abcd', 'GET', 'api.example.test', 1],
          )
          assert.match(String(answer.nonce), /^[0-9a-f]{32}$/)
          assert.equal((await ask(server, { ...common, path: '/__harness/echo' })).status, 400)
          assert.equal((await ask(server, { ...common, path: '/nothing' })).status, 404)
          const reading = JSON.stringify({ sensor: name, celsius: 3 })
          const headers = { 'content-type': 'application/json', 'content-length': String(reading.length) }
          const stored = await ask(server, {
            ...common,
            path: '/temps',
            method: 'POST',
            headers,
            body: reading,
          })
          assert.equal(stored.status, 201, stored.body)
          assert.ok((await ask(server, { ...common, path: '/temps' })).body.includes(`"sensor":"${name}"`))
        }
        const { dockerode } = (await dockerClient()).container
        const label = [`harness.lab=${lab.runId}`, `harness.lab.origin=${name}`]
        const [container] = await dockerode.listContainers({ filters: { label } })
        assert.ok(container)
        const published = container.Ports.filter(({ PublicPort }) => PublicPort !== undefined)
        assert.equal(published.length, 2)
        for (const { IP } of published) assert.equal(IP, '127.0.0.1')
      })

      it('a client’s own words about its certificate do not reach the application', async () => {
        const server = origin(name)
        const { good } = clients
        const headers = {
          'x-ssl-client-verify': name === 'haproxy' ? '0' : 'SUCCESS',
          'x-ssl-client-used': '1',
          'x-ssl-client-s-dn': 'CN=forged',
          'x-ssl-client-dn': 'CN=forged',
          'x-tls-client-subject': 'CN=forged',
          'x-tls-client-fingerprint': 'ab'.repeat(32),
          'x-amzn-mtls-clientcert-subject': 'CN=forged',
          'x-amzn-mtls-clientcert-leaf': encodeURIComponent(good.cert),
        }
        const byTls = await askTls(server, undefined, { headers })
        assert.deepEqual([byTls.status, byTls.clientCertificate], [200, nobody])
        const plain = told(await ask(server, { headers }))
        assert.equal(plain.status, 200)
        // Around the load balancer there is nobody who takes them away: what a security group is for.
        if (name === 'alb') assert.equal(plain.clientCertificate?.verified, true)
        else assert.equal(plain.clientCertificate, undefined)
      })

      it('closes and opens its plain port, and TLS 1.3', async () => {
        const server = origin(name)
        await server.configure({ plainPort: 'closed', maxVersion: 'TLSv1.2' })
        assert.equal((await ask(server)).status, 0)
        assert.equal((await ask(server, { tls: {} })).status, 200)
        assert.match((await openssl(server, ['-tls1_3'])).stderr, /alert protocol version/)
        await server.configure({ plainPort: 'open', maxVersion: 'TLSv1.3' })
        assert.equal((await ask(server)).status, 200)
        assert.doesNotMatch((await openssl(server, ['-tls1_3'])).stderr, /alert/)
      })

      it('drops no request while it is configured, and serves the new settings at once', async () => {
        const server = origin(name)
        const other = ['self-signed', 'good'] as const
        let running = true
        const failures: string[] = []
        let count = 0
        const stream = (async () => {
          while (running) {
            const { status, error } = await ask(server, { tls: {} })
            count += 1
            await sleep(10)
            if (status !== 200) failures.push(`${status} ${error}`)
          }
        })()
        try {
          for (const serverCertificate of other) {
            await server.configure({ serverCertificate })
            const { server: subject } = await ask(server, { tls: {} })
            assert.ok(subject?.includes('example.test'))
            assert.equal(server.settings.serverCertificate, serverCertificate)
            assert.equal(await isShown(server, serverCertificate), true)
          }
        } finally {
          running = false
          await stream
        }
        assert.deepEqual(failures, [])
        assert.ok(count > 4)
      })

      it('settings it cannot serve are refused, and nothing has changed', async () => {
        const server = origin(name)
        const before = server.settings
        const mode = name === 'alb' ? 'verify' : 'required'
        const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
        const cases = [
          [{ clientCertificates: name === 'alb' ? 'optional' : 'passthrough' }, /no mode/],
          [{ clientCertificates: mode, trust: '' }, /trust has to be/],
          [{ clientCertificates: mode, trust: 'no PEM' }, /trust has to be/],
          [{ clientCertificates: mode, trust: `${clients.ca.cert}${broken}` }, /trust has to be/],
          [{ crl: 'no PEM' }, name === 'caddy' ? /no revocation lists/ : /crl has to be/],
          // Its own check says so, in its own words. httpd's does not look.
          ...(name === 'httpd'
            ? []
            : [[{ serverCertificate: 'other-name' }, /refuses these settings: .*key/is] as const]),
          ...(name === 'alb' ? [] : [[{ target: 'down' }, /no target/] as const]),
        ] as const
        for (const [change, message] of cases)
          await assert.rejects(server.configure(change), { code: 'ERR_USAGE', message })
        assert.deepEqual(server.settings, before)
        assert.equal((await askTls(server, undefined)).status, 200)
      })

      it('CPU and memory are read from its control group', async () => {
        const server = origin(name)
        const first = server.cgroup()
        for (let at = 0; at < 50; at += 1) await ask(server)
        const second = server.cgroup()
        assert.ok(second.cpuUsec > first.cpuUsec)
        assert.ok(second.memoryBytes > 4 * 2 ** 20 && second.memoryBytes < 2 ** 30, `${second.memoryBytes}`)
      })

      if (name === 'alb') {
        it('off, passthrough and verify, as AWS documents them', loadBalancer)
        it(
          'openssl and curl are asked for a certificate and turned away without one, and not with one',
          guide,
        )
      } else
        it('asks for client certificates as it is told to, and refuses in its own way', () => webServer(name))
      if (name === 'httpd')
        it('says so when the server ends instead of changing over', async () => {
          const server = origin(name)
          assert.match(await server.logs(), /resuming normal operations/)
          const expected = { code: 'ERR_INTERNAL', message: /httpd ended .*key/is }
          await assert.rejects(server.configure({ serverCertificate: 'other-name' }), expected)
        })
    })
  }
})

async function webServer(name: keyof typeof webServers): Promise<void> {
  const server = origin(name)
  const { ca, good, chained, foreign, revoked, crl } = clients
  const refusals = webServers[name]
  const edge = verified(good.cert, 'CN=edge.example.test,O=Harness Lab')
  for (const maxVersion of versions) {
    const off = await askTls(server, good, { maxVersion })
    assert.deepEqual([off.status, off.clientCertificate], [200, nobody], 'nobody is asked')
  }

  await server.configure({ clientCertificates: 'optional', trust: ca.cert })
  for (const maxVersion of versions) {
    const none = await askTls(server, undefined, { maxVersion })
    assert.deepEqual([none.status, none.clientCertificate], [200, nobody], none.error)
    assert.deepEqual((await askTls(server, good, { maxVersion })).clientCertificate, edge)
    refusals.bad(await askTls(server, foreign, { maxVersion }), maxVersion)
  }

  await server.configure({ clientCertificates: 'required' })
  for (const maxVersion of versions) {
    refusals.missing(await askTls(server, undefined, { maxVersion }), maxVersion)
    assert.deepEqual((await askTls(server, good, { maxVersion })).clientCertificate, edge)
    assert.equal((await askTls(server, chained, { maxVersion })).status, 200)
    assert.equal((await askTls(server, revoked, { maxVersion })).status, 200, 'no list yet')
    refusals.bad(await askTls(server, foreign, { maxVersion }), maxVersion)
  }

  if (name === 'caddy') {
    await assert.rejects(server.configure({ crl }), { code: 'ERR_USAGE', message: /no revocation lists/ })
  } else {
    await server.configure({ crl })
    for (const maxVersion of versions) {
      refusals.revoked(await askTls(server, revoked, { maxVersion }), maxVersion)
      assert.equal((await askTls(server, good, { maxVersion })).status, 200, 'its sister')
    }
  }
  // The trust is replaced, not added to; of a bundle everybody is trusted.
  const others = (await makeClients()).ca.cert
  await server.configure({ trust: others, crl: '' })
  refusals.bad(await askTls(server, good), 'TLSv1.3')
  await server.configure({ trust: `${others}${ca.cert}` })
  assert.equal((await askTls(server, good)).status, 200)
}

async function loadBalancer(): Promise<void> {
  const alb = origin('alb')
  const { ca, good, chained, foreign, revoked, crl } = clients
  const prefix = 'x-amzn-mtls-clientcert'
  const told = (got: Told) => [...got.arrived.keys()].filter((name) => name.startsWith(prefix)).sort()
  assert.deepEqual(told(await askTls(alb, good)), [], 'nobody is asked, nothing is told')

  await alb.configure({ clientCertificates: 'passthrough' })
  for (const maxVersion of versions) {
    assert.deepEqual(told(await askTls(alb, undefined, { maxVersion })), [])
    for (const identity of [foreign, chained]) {
      const got = await askTls(alb, identity, { maxVersion })
      assert.deepEqual(told(got), [prefix])
      const value = got.arrived.get(prefix) ?? ''
      assert.match(
        value,
        /^(-----BEGIN%20CERTIFICATE-----%0A([A-Za-z0-9+/=]{1,64}%0A)+-----END%20CERTIFICATE-----%0A)+$/,
      )
      assert.equal(decodeURIComponent(value), identity.cert, 'the whole chain, the leaf first')
      assert.deepEqual([got.clientCertificate?.presented, got.clientCertificate?.verified], [true, false])
    }
  }

  await alb.configure({ clientCertificates: 'verify', trust: ca.cert })
  for (const maxVersion of versions) {
    const got = await askTls(alb, good, { maxVersion })
    assert.equal(got.arrived.get(`${prefix}-serial-number`), '03A5B1')
    assert.equal(got.arrived.get(`${prefix}-issuer`), 'CN=Pull CA,O=Harness Lab')
    assert.equal(got.arrived.get(`${prefix}-subject`), 'CN=edge.example.test,O=Harness Lab')
    assert.equal(decodeURIComponent(got.arrived.get(`${prefix}-leaf`) ?? ''), good.cert)
    const { validFromDate, validToDate } = new X509Certificate(good.cert)
    const iso = (date: Date) => date.toISOString().replace('.000', '')
    const validity = `NotBefore=${iso(validFromDate)};NotAfter=${iso(validToDate)}`
    assert.equal(got.arrived.get(`${prefix}-validity`), validity)
    assert.equal(told(got).length, 5)
    for (const identity of [undefined, foreign]) {
      const refused = await askTls(alb, identity, { maxVersion })
      assert.deepEqual([refused.status, refused.connected], [0, true], 'the handshake is completed')
      assert.match(refused.error ?? '', /ECONNRESET/, 'and the connection closed without a word')
    }
    assert.equal((await askTls(alb, chained, { maxVersion })).status, 200)
    assert.equal((await askTls(alb, revoked, { maxVersion })).status, 200, 'no list yet')
  }
  await alb.configure({ crl })
  assert.match((await askTls(alb, revoked)).error ?? '', /ECONNRESET/)
  assert.equal((await askTls(alb, good)).status, 200)

  for (const [target, status] of [
    ['down', 502],
    ['unregistered', 503],
    ['up', 200],
  ] as const) {
    await alb.configure({ target })
    assert.equal((await untilStatus(alb, status)).status, status)
    assert.match((await askTls(alb, undefined)).error ?? '', /ECONNRESET/, 'the listener is what it was')
  }
  await alb.configure({ clientCertificates: 'off', crl: '' })
}

/** The load balancer notices its target's coming and going by its checks. */
async function untilStatus(alb: ContainerOrigin, status: number): Promise<Told> {
  for (const end = Date.now() + 20_000; ; ) {
    const got = await askTls(alb, clients.good)
    if (got.status === status || Date.now() > end) return got
  }
}

/** The checks of Cloudflare's guide for AWS load balancers. */
async function guide(): Promise<void> {
  const alb = origin('alb')
  await alb.configure({ clientCertificates: 'verify', trust: clients.ca.cert })
  const { stderr } = await openssl(alb, ['-verify', '5', '-state', '-quiet'])
  assert.match(stderr, /read server certificate request|read server certificate/)
  assert.match(stderr, /unexpected eof|errno/)
  const refused = await curl(alb, [])
  assert.match(refused.stderr, /Request CERT \(13\)/)
  assert.notEqual(refused.code, 0)
  await alb.configure({ clientCertificates: 'passthrough' })
  // Over and over with the same session: it is not taken, as nginx takes it.
  const again = ['-tls1_2', '-reconnect']
  const { stdout } = await openssl(alb, again)
  assert.match(stdout, /No client certificate CA names sent/)
  assert.doesNotMatch(stdout, /^Reused/m)
  assert.match((await openssl(origin('nginx'), again)).stdout, /^Reused/m)
  await alb.configure({ clientCertificates: 'off' })
  const open = await curl(alb, [])
  assert.doesNotMatch(open.stderr, /Request CERT/)
  assert.deepEqual([open.code, JSON.parse(open.stdout).harness], [0, 'canary'])
}

async function isShown(server: ContainerOrigin, name: 'good' | 'self-signed' | 'expired'): Promise<boolean> {
  const { origin: made } = await originMaterial()
  const wanted = { good: made.good, 'self-signed': made.selfSigned, expired: made.expired }[name]
  const { stdout } = await openssl(server, [])
  const shown = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(stdout)?.[0] ?? ''
  return new X509Certificate(shown).fingerprint256 === new X509Certificate(wanted.cert).fingerprint256
}

interface Ran {
  code: number
  stdout: string
  stderr: string
}

function run(command: string, args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
      })
    })
    child.stdin?.end()
  })
}

const openssl = (server: ContainerOrigin, args: string[]): Promise<Ran> =>
  run('openssl', [
    ...['s_client', '-connect', `127.0.0.1:${server.tlsPort}`, '-servername', 'api.example.test', ...args],
  ])

const curl = (server: ContainerOrigin, args: string[]): Promise<Ran> => {
  const url = `https://api.example.test:${server.tlsPort}${canary}`
  const resolve = ['--resolve', `api.example.test:${server.tlsPort}:127.0.0.1`]
  return run('curl', ['--silent', '--insecure', '--verbose', '--http1.1', ...resolve, ...args, url])
}
