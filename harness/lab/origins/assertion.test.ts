/**
 * An origin that verifies the assertion of Access: what it takes, and what each fault makes it take.
 */
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import * as forge from '../../credentials/forge.ts'
import * as mint from '../../credentials/mint.ts'
import { rs256, writeToken } from '../../credentials/token.ts'
import { createAuthority } from '../../pki/authority.ts'
import { certificatesIn } from '../../pki/pem.ts'
import { originAssertionFaults } from '../faults/origin-assertion.ts'
import { type FaultId, type Faults, selectFaults } from '../faults.ts'
import { type AssertionCheck, createAssertionCheck } from './assertion.ts'

const [key, older] = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey) as [
  KeyObject,
  KeyObject,
]
const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicKey = createPublicKey(key)
const audience = 'ab'.repeat(32)
const issuer = 'https://team.cloudflareaccess.com'
const now = mint.secondsNow()
const claims = {
  type: 'app',
  aud: [audience],
  iss: issuer,
  iat: now,
  exp: now + 600,
  sub: '',
  common_name: 'ci',
}
const genuine = writeToken({ alg: 'RS256', kid: 'k1', typ: 'JWT' }, claims, rs256(key))
const published = [
  ['k1', key],
  ['k0', older],
].map(([kid, one]) => ({
  kid: kid as string,
  jwk: { ...createPublicKey(one as KeyObject).export({ format: 'jwk' }) },
}))

const checkWith = (faults: Faults = new Set()): AssertionCheck =>
  createAssertionCheck({
    issuer,
    audienceOf: (hostname) => (hostname === 'app.test' ? audience : undefined),
    keys: () => published,
    now: Date.now,
    faults,
  })

let current = checkWith()
let server: Server
let certificate: Buffer = Buffer.alloc(0)
before(async () => {
  server = createServer((incoming, response) => {
    void current(incoming).then((good) => response.writeHead(good ? 200 : 401).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { cert } = await (await createAuthority()).issue({ subject: 'CN=x', key: forge.ownRsaPem() })
  certificate = certificatesIn(cert)[0] ?? certificate
})
after(() => server.close())

interface Asking {
  assertion?: string | string[]
  cookie?: string
  host?: string
}

function status({ assertion, cookie, host = 'app.test' }: Asking): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo
  const headers = {
    host,
    ...(assertion === undefined ? {} : { 'cf-access-jwt-assertion': assertion }),
    ...(cookie === undefined ? {} : { cookie }),
  }
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .once('error', reject)
      .end()
  })
}

const first = (tokens: readonly forge.Forged[]): Asking => ({ assertion: tokens[0]?.token ?? '' })
const minted = (defects: readonly mint.TokenDefect[]): Asking =>
  first(mint.mintDefects(genuine, pem, defects))

/** What only the fault takes. A fault without a row does not compile. */
const rows: Record<(typeof originAssertionFaults)[number]['id'], () => Asking> = {
  'origin.takes-missing-assertion': () => ({}),
  'origin.takes-any-assertion': () => first(forge.junk(genuine)),
  'origin.takes-alg-none': () => first(forge.algorithmNone(genuine)),
  'origin.takes-hs256-with-public-key': () => first(forge.publicKeyAsSecret(genuine, publicKey)),
  'origin.ignores-signature': () => first(forge.damagedSignature(genuine)),
  'origin.takes-empty-signature': () => first(forge.missingSignature(genuine)),
  'origin.skips-unknown-algorithms': () => first(forge.otherAlgorithms(genuine)),
  'origin.takes-embedded-key': () => first(forge.embeddedKey(genuine)),
  'origin.takes-embedded-certificate': () => first(forge.embeddedCertificate(genuine, certificate)),
  'origin.fetches-key-address': () => first(forge.keyByAddress(genuine, keysAt)),
  'origin.kid-as-file': () => first(forge.keyIdInjection(genuine)),
  'origin.takes-weak-secret': () => first(forge.weakSecrets(genuine).slice(1)),
  'origin.skips-long-tokens': () => first(forge.oversized(genuine)),
  'origin.ignores-kid': () => minted(mint.unknownKeyId()),
  'origin.ignores-crit': () => minted(mint.criticalHeaders()),
  'origin.takes-other-application': () => minted(mint.otherAudience(audience)),
  'origin.takes-missing-audience': () => minted(mint.withoutAudience()),
  'origin.audience-by-part': () => minted(mint.similarAudience(audience)),
  'origin.ignores-issuer': () => minted(mint.wrongIssuer(issuer)),
  'origin.takes-org-token': () => minted(mint.globalSession(audience)),
  'origin.takes-expired': () => minted(mint.expired()),
  'origin.takes-malformed-expiry': () => minted(mint.shapelessExpiry()),
  'origin.ignores-not-before': () => minted(mint.notYetValid()),
  'origin.takes-json-form': () => first(forge.jsonForm(genuine)),
  'origin.first-of-duplicate-claims': () => first(mint.duplicateClaims(genuine, pem)),
  'origin.falls-back-to-cookie': () => ({
    assertion: forge.strange(genuine),
    cookie: `a=b; CF_Authorization=${genuine}`,
  }),
}

/** Where the attacker's keys are. */
let keysAt = ''
let keyServer: Server
before(async () => {
  keyServer = createServer((_, response) => response.end(JSON.stringify(forge.ownKeySet())))
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', () => resolve()))
  keysAt = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/`
})
after(() => keyServer.close())

test('a genuine assertion is taken once, at the hostname of its application, by each published key', async () => {
  current = checkWith()
  const byOlder = writeToken({ alg: 'RS256', kid: 'k0' }, claims, rs256(older))
  assert.equal(await status({ assertion: genuine }), 200)
  assert.equal(await status({ assertion: genuine, host: 'APP.test:8443' }), 200)
  assert.equal(await status({ assertion: byOlder }), 200)
  assert.equal(await status({ assertion: genuine, host: 'other.test' }), 401)
  assert.equal(await status({ assertion: [genuine, genuine] }), 401)
  assert.equal(await status({ cookie: `CF_Authorization=${genuine}` }), 401)
  assert.equal(await status({ assertion: `${genuine}${'A'.repeat(9000)}` }), 401)
})

for (const { id } of originAssertionFaults) {
  test(`${id}: taken with the fault, refused without it and under every other`, async () => {
    const asking = rows[id]()
    current = checkWith()
    assert.equal(await status(asking), 401, 'healthy')
    assert.equal(await status({ assertion: genuine }), 200, 'the genuine one')
    current = checkWith(selectFaults([id]))
    assert.equal(await status(asking), 200, 'faulty')
    assert.equal(await status({ assertion: genuine }), 200, 'the genuine one, faulty')
    for (const { id: other } of originAssertionFaults) {
      if (other === id) continue
      current = checkWith(selectFaults([other as FaultId]))
      assert.equal(await status(asking), 401, other)
    }
  })
}
