import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createAuthority } from '../pki/authority.ts'
import { type LoadOptions, loadDeployment } from './load.ts'
import type { Deployment } from './types.ts'

let directory = ''
let caPem = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-deployment-'))
  caPem = (await createAuthority({ name: 'CN=Test CA' })).cert
  await writeFile(join(directory, 'ca.pem'), caPem)
  await writeFile(join(directory, 'other-ca.pem'), `other\n${caPem}`)
  await writeFile(join(directory, 'block.json'), '{"blocked":true}\n')
})
after(() => rm(directory, { recursive: true, force: true }))

async function load(
  text: string,
  options: LoadOptions = { env: {} },
  name = 'harness.yaml',
): Promise<Deployment> {
  await writeFile(join(directory, name), text)
  return loadDeployment(join(directory, name), options)
}

test('a hostname is enough', async () => {
  const text = 'hostname: API.example.com.\n'
  assert.deepEqual(await load(text), {
    source: join(directory, 'harness.yaml'),
    sourceHash: createHash('sha256').update(text).digest('hex'),
    target: { hostname: 'api.example.com', port: 443, requests: [] },
    siblings: [],
    ports: { plain: [80], tls: [] },
    waivers: [],
    deadline: 5000,
  })
})

const full = `
hostname: api.example.com
connect: "[::1]:8443"
trust: ./ca.pem
canary: /__harness/echo
requests:
  - { path: /temps, allowed: { status: [200, 204], bodyContains: temps, headers: { X-App: '' } } }
  - { path: /items, method: POST, allowed: { status: 201 } }
mtls:
  mode: report
  refusal: { status: 403, contentType: application/json, body: ./block.json }
  ca: { cert: ./ca.pem }
  forwarded: { status: cf-cert-verified, ski: cf-cert-ski }
  statusValues: { invalid: 'FAILED:' }
siblings:
  - www.example.com
  - hostname: two.example.com
    connect: 127.0.0.1:9443
    trust: ./other-ca.pem
    mtls: { mode: off }
ports: { plain: [8080] }
deadline: 1.5s
waivers: [{ check: resumption.after-revocation, until: 2020-01-31, reason: past its date }]
`

test('a whole file, siblings with what they take over', async () => {
  const { target, siblings, ...rest } = await load(full)
  const requests = [
    {
      path: '/temps',
      method: 'GET',
      allowed: { status: [200, 204], bodyContains: 'temps', headers: { 'x-app': '' } },
    },
    { path: '/items', method: 'POST', allowed: { status: 201 } },
  ]
  const noMtls = {
    mode: 'off',
    identities: [],
    forwarded: {},
    statusValues: { none: 'none', valid: 'valid', invalid: 'invalid' },
  }
  assert.deepEqual(target, {
    hostname: 'api.example.com',
    address: '::1',
    port: 8443,
    trust: caPem,
    canary: '/__harness/echo',
    requests,
    mtls: {
      mode: 'report',
      refusal: { status: 403, contentType: 'application/json', body: Buffer.from('{"blocked":true}\n') },
      identities: [],
      caCert: caPem,
      forwarded: { status: 'cf-cert-verified', ski: 'cf-cert-ski' },
      statusValues: { none: 'none', valid: 'valid', invalid: 'FAILED:' },
    },
  })
  const shared = { port: 8443, address: '::1', trust: caPem, canary: '/__harness/echo' }
  assert.deepEqual(siblings, [
    { ...shared, hostname: 'www.example.com', requests: [] },
    {
      ...shared,
      hostname: 'two.example.com',
      address: '127.0.0.1',
      port: 9443,
      trust: `other\n${caPem}`,
      requests,
      mtls: noMtls,
    },
  ])
  assert.deepEqual(rest.ports, { plain: [8080], tls: [] })
  assert.equal(rest.deadline, 1500)
  assert.deepEqual(rest.waivers, [
    { check: 'resumption.after-revocation', until: '2020-01-31', reason: 'past its date' },
  ])
})

test('plain port 80 is looked at only beside port 443, and only when ports says nothing', async () => {
  const ports = async (lines: string) => (await load(`hostname: a.example\n${lines}`)).ports
  assert.deepEqual(await ports('connect: 127.0.0.1:443\n'), { plain: [80], tls: [] })
  assert.deepEqual(await ports('connect: 127.0.0.1:8443\n'), { plain: [], tls: [] })
  assert.deepEqual(await ports('ports: {}\n'), { plain: [], tls: [] })
})

test('JSON gives the same as YAML', async () => {
  const json = {
    $schema: './schema.json',
    hostname: 'a.example',
    trust: 'ca.pem',
    mtls: { mode: 'enforce', refusal: { bodyText: 'no\n' } },
    deadline: 250,
  }
  const yaml =
    'hostname: a.example\ntrust: ca.pem\nmtls: { mode: enforce, refusal: { bodyText: "no\\n" } }\ndeadline: 250ms\n'
  const fromJson = await load(JSON.stringify(json, null, '\t'), {}, 'harness.json')
  const fromYaml = await load(yaml)
  assert.deepEqual(fromJson.target.mtls?.refusal, { body: Buffer.from('no\n') })
  assert.deepEqual({ ...fromJson, source: '', sourceHash: '' }, { ...fromYaml, source: '', sourceHash: '' })
})

test('a byte order mark does not matter', async () => {
  assert.equal((await load('\ufeffhostname: a.example\n')).target.hostname, 'a.example')
})

test('${NAME} is read from the environment, in any text and in every YAML style', async () => {
  const text = `
hostname: \${LABEL}.example
connect: '\${HOST}:\${PORT}'
siblings: [\${LABEL}2.example, "x-\${LABEL}.example"]
requests: [{ path: /\${LABEL}, allowed: { bodyContains: \${LABEL} and $\${LABEL} } }]
trust: ./\${CA}.pem
`
  const env = { LABEL: 'api', HOST: '192.0.2.1', PORT: '444', CA: 'ca' }
  const { target, siblings } = await load(text, { env })
  assert.deepEqual(
    [target.hostname, target.address, target.port, target.trust],
    ['api.example', '192.0.2.1', 444, caPem],
  )
  assert.deepEqual(
    siblings.map(({ hostname }) => hostname),
    ['api2.example', 'x-api.example'],
  )
  assert.deepEqual(target.requests[0]?.path, '/api')
  assert.equal(target.requests[0]?.allowed.bodyContains, 'api and ${LABEL}')
})

test('references stand in comments and keys without being read', async () => {
  assert.equal((await load('# ${NOT_SET}\nhostname: a.example # ${NOT_SET}\n')).target.hostname, 'a.example')
})

test('the process environment is the default', async () => {
  process.env.HARNESS_TEST_LABEL = 'from-process'
  try {
    assert.equal(
      (await load('hostname: ${HARNESS_TEST_LABEL}.example\n', {})).target.hostname,
      'from-process.example',
    )
  } finally {
    delete process.env.HARNESS_TEST_LABEL
  }
})

test('an anchor is used where its alias stands', async () => {
  const text = `
hostname: a.example
mtls: { mode: enforce, forwarded: &headers { status: x-status } }
siblings: [{ hostname: b.example, mtls: { mode: report, forwarded: *headers } }]
`
  assert.deepEqual((await load(text)).siblings[0]?.mtls?.forwarded, { status: 'x-status' })
})

test('durations', async () => {
  for (const [written, ms] of [
    ['100ms', 100],
    ['10m', 600_000],
    ['0.5s', 500],
    ['2 s', 2000],
    ['800', 800],
  ] as const) {
    assert.equal((await load(`hostname: a.example\ndeadline: ${written}\n`)).deadline, ms)
  }
  for (const written of ['99ms', '11m', '-5s', '5h', '""']) {
    await assert.rejects(load(`hostname: a.example\ndeadline: ${written}\n`), {
      code: 'ERR_DEPLOYMENT_INVALID',
    })
  }
})
