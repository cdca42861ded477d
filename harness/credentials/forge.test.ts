import assert from 'node:assert/strict'
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  verify,
  X509Certificate,
} from 'node:crypto'
import { before, test } from 'node:test'
import { compactDecrypt, type JWK, jwtVerify, SignJWT } from 'jose'
import { createAuthority } from '../pki/authority.ts'
import * as forge from './forge.ts'
import * as mint from './mint.ts'
import { mintDefects, mintToken, secondsNow } from './mint.ts'
import { belongsTo, readToken, rs256, writeToken } from './token.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const audience = 'ab'.repeat(32)
const issuer = 'https://team.cloudflareaccess.com'
let genuine = ''
before(async () => {
  genuine = await new SignJWT({ type: 'app', aud: [audience], sub: '', common_name: 'ci.access' })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'JWT' })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
})

const honest = (token: string): Promise<unknown> =>
  jwtVerify(token, publicKey, { algorithms: ['RS256'], issuer, audience, requiredClaims: ['exp'] })

const part = (token: string, at: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString()) as Record<string, unknown>
const signedOf = (token: string): string => token.split('.').slice(0, 2).join('.')
const signatureOf = (token: string): Buffer => Buffer.from(token.split('.')[2] ?? '', 'base64url')

/** What everybody can make of a genuine token. */
const families = (): Record<string, readonly forge.Forged[]> => ({
  junk: forge.junk(genuine),
  algorithmNone: forge.algorithmNone(genuine),
  publicKeyAsSecret: forge.publicKeyAsSecret(genuine, publicKey, true),
  ownKey: forge.ownKey(genuine),
  strange: [{ name: 'strange', token: forge.strange(genuine) }],
  otherAlgorithms: forge.otherAlgorithms(genuine),
  embeddedKey: forge.embeddedKey(genuine),
  keyByAddress: forge.keyByAddress(genuine, 'http://127.0.0.1:1/'),
  damagedSignature: forge.damagedSignature(genuine),
  missingSignature: forge.missingSignature(genuine),
  changedClaims: forge.changedClaims(genuine),
  oversized: forge.oversized(genuine),
  keyIdInjection: forge.keyIdInjection(genuine),
  weakSecrets: forge.weakSecrets(genuine),
})

test('the genuine token, written again, is good; every forged one is refused by a careful validator', async () => {
  const { header, claims } = readToken(genuine)
  assert.equal(writeToken(header, claims, rs256(key)), genuine)
  await honest(genuine)
  for (const [family, tokens] of Object.entries(families())) {
    assert(tokens.length > 0, family)
    assert.equal(new Set(tokens.map(({ name }) => name)).size, tokens.length, family)
    for (const { name, token } of tokens) {
      assert.notEqual(token, genuine, name)
      assert(!name.includes(genuine.slice(0, 12)), name)
      await assert.rejects(honest(token), `${family}: ${name}`)
    }
  }
})

test('what is not a token is not read, and not quoted', () => {
  for (const text of ['', 'a.b', 'a.b.c.d', '..', 'harness.secret.text', `${genuine}.x`])
    assert.throws(
      () => readToken(text),
      (error: Error) => text === '' || !error.message.includes(text),
    )
})

test('alg none has the genuine claims, in four spellings, with and without the last dot', () => {
  const tokens = forge.algorithmNone(genuine).map(({ token }) => token)
  assert.deepEqual(
    tokens.map((token) => part(token, 0).alg),
    ['none', 'None', 'NONE', 'nOnE', 'none', 'none'],
  )
  for (const token of tokens) assert.deepEqual(part(token, 1), part(genuine, 1))
  assert.deepEqual(
    tokens.map((token) => token.split('.').length),
    [3, 3, 3, 3, 2, 3],
  )
})

test('the public key as secret: each signature is the HMAC that a confused library works out', () => {
  const secrets = [pem, pem.trimEnd(), ` ${pem}`, publicKey.export({ type: 'spki', format: 'der' }), pem]
  const tokens = forge.publicKeyAsSecret(genuine, publicKey)
  for (const [at, { token }] of tokens.entries()) {
    const bits = part(token, 0).alg === 'HS512' ? 512 : 256
    const mac = createHmac(`sha${bits}`, secrets[at] ?? '')
      .update(signedOf(token))
      .digest()
    assert(mac.equals(signatureOf(token)), tokens[at]?.name)
  }
  assert.equal(forge.publicKeyAsSecret(genuine, publicKey, true).length, 10)
})

test('keys in and behind the header verify the token, and only they do', async () => {
  const rsa = (token: string, jwk: unknown): boolean =>
    verify(
      'sha256',
      Buffer.from(signedOf(token)),
      createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }),
      signatureOf(token),
    )
  for (const { token } of forge.embeddedKey(genuine)) assert(rsa(token, part(token, 0).jwk))
  const [set] = forge.ownKeySet().keys
  for (const { token } of forge.keyByAddress(genuine, 'http://127.0.0.1:1/')) {
    assert.equal(part(token, 0).kid, set?.kid)
    assert(rsa(token, set))
    assert(!rsa(token, publicKey.export({ format: 'jwk' })))
  }
  await jwtVerify(forge.ownKey(genuine)[0]?.token ?? '', set as JWK)
  const own = await (await createAuthority()).issue({ subject: 'CN=x', key: forge.ownRsaPem() })
  const certificate = new X509Certificate(own.cert)
  const [x5c] = forge.embeddedCertificate(genuine, certificate.raw)
  const [first] = part(x5c?.token ?? '', 0).x5c as string[]
  const shown = new X509Certificate(Buffer.from(first ?? '', 'base64'))
  assert(
    verify('sha256', Buffer.from(signedOf(x5c?.token ?? '')), shown.publicKey, signatureOf(x5c?.token ?? '')),
  )
  await assert.rejects(honest(x5c?.token ?? ''))
})

test('damage: the signature alone differs, or the claims alone', () => {
  for (const { token } of [...forge.damagedSignature(genuine), ...forge.missingSignature(genuine)])
    assert.equal(signedOf(token), signedOf(genuine))
  for (const { token } of forge.changedClaims(genuine)) {
    assert.equal(token.split('.')[2], genuine.split('.')[2])
    assert.notDeepEqual(part(token, 1), part(genuine, 1))
  }
})

test('encrypted to the public key: the claims can be read with the private one', async () => {
  const [claims, nested] = await forge.encrypted(genuine, publicKey)
  const { plaintext } = await compactDecrypt(claims?.token ?? '', privateKey)
  assert.deepEqual(JSON.parse(Buffer.from(plaintext).toString()), part(genuine, 1))
  const inner = Buffer.from((await compactDecrypt(nested?.token ?? '', privateKey)).plaintext).toString()
  assert.equal(part(inner, 0).alg, 'none')
})

test('minted: the unchanged token is good, each defect is not, though its signature is', async () => {
  await honest(mintToken(genuine, key))
  const tables = {
    expired: mint.expired(),
    shapelessExpiry: mint.shapelessExpiry(),
    notYetValid: mint.notYetValid(),
    wrongIssuer: mint.wrongIssuer(issuer),
    withoutAudience: mint.withoutAudience(),
    similarAudience: mint.similarAudience(audience),
    otherAudience: mint.otherAudience(audience),
    globalSession: mint.globalSession(audience),
    criticalHeaders: mint.criticalHeaders(),
  }
  for (const [table, defects] of Object.entries(tables)) {
    for (const { name, token } of mintDefects(genuine, key, defects)) {
      assert(verify('sha256', Buffer.from(signedOf(token)), publicKey, signatureOf(token)), name)
      // jose takes a list as issuer where its only member is right, by design of the option.
      if (name === 'issuer in a list') continue
      await assert.rejects(honest(token), `${table}: ${name}`)
    }
  }
  const [later] = mintDefects(genuine, key, mint.issuedLater())
  assert(Number(part(later?.token ?? '', 1).iat) > secondsNow() + 3000)
  for (const { token } of mintDefects(genuine, key, mint.unknownKeyId()))
    assert.notEqual(part(token, 0).kid, 'k1')
})

test('a private key is matched to its public key', () => {
  assert(belongsTo(key, publicKey))
  assert(!belongsTo(key, generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey))
})
