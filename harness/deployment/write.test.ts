import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createAuthority } from '../pki/authority.ts'
import { loadDeployment } from './load.ts'
import type { Deployment } from './types.ts'
import { type InitInput, type ObservedFacts, renderDeployment } from './write.ts'

const facts: ObservedFacts = {
  clientCertificate: {
    'TLSv1.2': 'required',
    'TLSv1.3': 'requested',
    enforced: false,
    enforcedAt: 'none',
    caNames: ['CN=Client CA,O=Example'],
    because: 'a self-signed certificate got through',
  },
  addresses: ['203.0.113.7'],
  serverCertificate: {
    subject: 'CN=api.example.com',
    issuer: 'CN=Server CA',
    notAfter: '2027-01-31T00:00:00.000Z',
    trusted: false,
    trustError: 'self-signed certificate in certificate chain',
  },
  alpn: ['h2', 'http/1.1'],
  server: 'nginx',
}
const input: InitInput = { hostname: 'api.example.com', connect: '127.0.0.1:8443', facts }

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-write-'))
  const ca = await createAuthority()
  const client = await ca.issue({ subject: 'CN=sensor-001' })
  const files = {
    'client.pem': client.cert,
    'client-key.pem': client.key,
    'client-ca.pem': ca.cert,
    'client-ca-key.pem': ca.key,
    'server-ca.pem': ca.cert,
    'clients.crl': await ca.crl({ revoked: [] }),
    'refusal.json': '{}',
  }
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, name), text, { mode: 0o600 })
})
after(() => rm(directory, { recursive: true, force: true }))

async function load(text: string): Promise<Deployment> {
  await writeFile(join(directory, 'harness.yaml'), text)
  return loadDeployment(join(directory, 'harness.yaml'), { env: {} })
}

test('it is valid as written, and strict whatever was seen', async () => {
  const { target, siblings } = await load(renderDeployment(input))
  assert.deepEqual([target.hostname, target.address, target.port], ['api.example.com', '127.0.0.1', 8443])
  assert.equal(target.mtls?.mode, 'enforce')
  assert.deepEqual(
    [target.mtls?.identities, target.requests, target.canary, siblings],
    [[], [], undefined, []],
  )
})

test('every placeholder works when its # is removed', async () => {
  const text = renderDeployment(input).replace(/^( *)#(?=\S| {2})/gm, '$1')
  const { target, siblings, origin } = await load(text)
  assert.equal(target.access?.team, 'example.cloudflareaccess.com')
  assert.deepEqual([origin?.address, origin?.pulls], ['203.0.113.7', 'hostname'])
  assert.equal(target.canary, '/__harness/echo')
  assert.equal(target.requests[0]?.allowed.bodyContains, 'words of the application')
  assert.match(target.trust ?? '', /BEGIN CERTIFICATE/)
  const { mtls } = target
  assert.equal(mtls?.identities[0]?.name, 'valid')
  assert.deepEqual(mtls?.commonNames, ['sensor-001'])
  assert.match(mtls?.ca?.key ?? '', /BEGIN PRIVATE KEY/)
  assert.deepEqual(mtls?.refusal, { status: 403, contentType: 'application/json', body: Buffer.from('{}') })
  assert.deepEqual(mtls?.forwarded, { status: 'cf-cert-verified', ski: 'cf-cert-ski' })
  assert.match(mtls?.crl?.toString() ?? '', /BEGIN X509 CRL/)
  assert.deepEqual(
    siblings.map(({ hostname }) => hostname),
    ['www.api.example.com'],
  )
})

test('what was seen is in it, and what is to be confirmed, in order', () => {
  const text = renderDeployment({ ...input, observed: ['port 80 answers 301'] })
  for (const seen of [
    'addresses: 203.0.113.7; ALPN: h2, http/1.1; server: nginx',
    'not trusted here (self-signed certificate in certificate chain)',
    'client certificate in TLS 1.2: required; in TLS 1.3: requested',
    'CAs accepted: CN=Client CA,O=Example',
    'enforced: NO (a self-signed certificate got through)',
    'port 80 answers 301',
  ]) {
    assert(text.includes(seen), seen)
  }
  const confirm = [...text.matchAll(/# CONFIRM (\d):/g)].map(([, number]) => Number(number))
  assert.deepEqual(confirm, [1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('what was answered is written, and only that', async () => {
  const identity = { name: 'sensor #1', cert: './client.pem', key: 'client-key.pem' }
  const ca = { cert: 'client-ca.pem', key: './client-ca-key.pem' }
  const answers = { mode: 'report', canary: '/echo', trust: './server-ca.pem', identity, ca } as const
  const { target } = await load(renderDeployment({ ...input, answers }))
  assert.equal(target.mtls?.mode, 'report')
  assert.equal(target.canary, '/echo')
  assert.equal(target.mtls?.identities[0]?.name, 'sensor #1')
  assert.match(target.mtls?.ca?.key ?? '', /BEGIN PRIVATE KEY/)
  assert.match(target.trust ?? '', /BEGIN CERTIFICATE/)
})

test('Access that was seen is written down, and where none was there is none', async () => {
  const audience = 'ab'.repeat(32)
  const seen = { team: 'acme.cloudflareaccess.com', audience, because: 'sent to log in' }
  const text = renderDeployment({ ...input, facts: { ...facts, access: seen } })
  assert.match(text, /^# OBSERVED: sent to log in$/m)
  const { access } = (await load(text)).target
  assert.deepEqual(access, { team: seen.team, teamPort: 443, audience, with: 'access' })
  const unknown = await load(
    renderDeployment({ ...input, facts: { ...facts, access: { ...seen, audience: null } } }),
  )
  assert.deepEqual(unknown.target.access, { team: seen.team, teamPort: 443, with: 'access' })
  for (const access of [null, undefined]) {
    const none = renderDeployment({ ...input, facts: access === undefined ? facts : { ...facts, access } })
    assert.equal((await load(none)).target.access, undefined)
  }
})

test('a server cannot write into the file', async () => {
  const evil = 'x\nmtls: { mode: off }\r\u0085\u2028siblings: [evil.example]'
  const clientCertificate = { ...facts.clientCertificate, because: evil, caNames: [evil] }
  const serverCertificate = {
    subject: evil,
    issuer: evil,
    notAfter: evil,
    trusted: false,
    trustError: evil,
  }
  const told: ObservedFacts = { ...facts, server: evil, clientCertificate, serverCertificate }
  const { target, siblings } = await load(renderDeployment({ ...input, facts: told, observed: [evil] }))
  assert.deepEqual([target.mtls?.mode, siblings], ['enforce', []])
})

test('a host of which little is known', async () => {
  const { serverCertificate: _, server: __, ...rest } = facts
  const text = renderDeployment({ hostname: '1e3.example', facts: { ...rest, addresses: [], alpn: [] } })
  assert.match(text, /addresses: none found; ALPN: none; server: not told/)
  assert.match(text, /no server certificate was seen/)
  const { target, ports } = await load(text)
  assert.deepEqual([target.hostname, target.port, ports.plain], ['1e3.example', 443, [80]])
})
