/**
 * Tokens that must be refused, made from a genuine one and from what everybody can know: each differs from the genuine one in
 * one thing, and each would pass a validator with one well-known mistake. Nothing here needs the key of the team.
 * @module
 */
import { constants, type KeyObject, sign } from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { ownEd25519, ownP256, ownRsa } from './own-keys.ts'
import { encodePart, hmac, type Json, readToken, rs256, type Signer, unsigned, writeToken } from './token.ts'

/** A token that must be refused. */
export interface Forged {
  /** What is wrong with it, in a few words, without any of it. */
  name: string
  token: string
}

/** The genuine claims under another header and signature. */
const reheaded = (genuine: string, header: Json, signer: Signer): string => {
  const parts = readToken(genuine)
  return writeToken({ ...parts.header, ...header }, parts.claims, signer)
}

/** Texts that are no tokens (JWT-02). */
export function junk(genuine: string): Forged[] {
  const [header, claims] = readToken(genuine).written
  return [
    { name: 'a word', token: 'harness' },
    { name: 'dots alone', token: '...' },
    { name: 'empty parts', token: '..' },
    { name: 'the header alone', token: header },
    { name: 'claims that are no JSON', token: `${header}.${encodePart('harness')}.AAAA` },
    { name: 'two parts', token: `${header}.${claims}` },
  ]
}

/** `alg` none in its spellings, and without the last dot (RFC 8725 §3.1, JWT-03). */
export function algorithmNone(genuine: string): Forged[] {
  const spelt = ['none', 'None', 'NONE', 'nOnE'].map((alg) => ({
    name: `alg ${alg}`,
    token: reheaded(genuine, { alg }, unsigned),
  }))
  const [first] = spelt
  return [
    ...spelt,
    { name: 'alg none, without the last dot', token: (first?.token ?? '').replace(/\.$/, '') },
    {
      name: 'alg none, with the genuine signature',
      token: `${(first?.token ?? '').replace(/\.$/, '')}.${readToken(genuine).written[2]}`,
    },
  ]
}

/** HMAC keyed with the public key in the forms in which libraries hold it (JWT-04). @param full all forms; else the likely ones. */
export function publicKeyAsSecret(genuine: string, publicKey: KeyObject, full = false): Forged[] {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const form = (name: string, secret: string | Buffer, bits: 256 | 384 | 512 = 256): Forged => ({
    name: `HS${bits} with ${name}`,
    token: reheaded(genuine, { alg: `HS${bits}` }, hmac(bits, secret)),
  })
  const jwk = publicKey.export({ format: 'jwk' })
  const likely = [
    form('the PEM', pem),
    form('the PEM without its last line feed', pem.trimEnd()),
    form('the PEM after a blank', ` ${pem}`),
    form('the DER', publicKey.export({ type: 'spki', format: 'der' })),
    form('the PEM', pem, 512),
  ]
  if (!full) return likely
  return [
    ...likely,
    form('the PEM', pem, 384),
    form('the JWK', JSON.stringify(jwk)),
    ...(publicKey.asymmetricKeyType === 'rsa'
      ? [
          form('the PKCS#1 PEM', publicKey.export({ type: 'pkcs1', format: 'pem' })),
          form('the modulus', Buffer.from(jwk.n ?? '', 'base64url')),
          form('the modulus as text', jwk.n ?? ''),
        ]
      : []),
  ]
}

/** A key of one's own under the genuine key's id (JWT-05). */
export const ownKey = (genuine: string): Forged[] => [
  { name: 'RS256 by another key', token: reheaded(genuine, {}, rs256(ownRsa().privateKey)) },
]

/** A token that nothing can be said for: another key, under an id that nobody published. */
export const strange = (genuine: string): string =>
  reheaded(genuine, { kid: ownRsa().kid }, rs256(ownRsa().privateKey))

/** Other algorithms, each with a good signature of one's own key; and signatures of zeros (JWT-05, JWT-09, CVE-2022-21449). */
export function otherAlgorithms(genuine: string): Forged[] {
  const p256: Signer = (signed) =>
    sign('sha256', Buffer.from(signed), { key: ownP256().privateKey, dsaEncoding: 'ieee-p1363' })
  const pss: Signer = (signed) =>
    sign('sha256', Buffer.from(signed), {
      key: ownRsa().privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    })
  const ed25519: Signer = (signed) => sign(null, Buffer.from(signed), ownEd25519().privateKey)
  const zeros: Signer = () => Buffer.alloc(64)
  return [
    { name: 'ES256 by another key', token: reheaded(genuine, { alg: 'ES256' }, p256) },
    { name: 'ES256, r and s zero', token: reheaded(genuine, { alg: 'ES256' }, zeros) },
    { name: 'PS256 by another key', token: reheaded(genuine, { alg: 'PS256' }, pss) },
    { name: 'EdDSA by another key', token: reheaded(genuine, { alg: 'EdDSA' }, ed25519) },
    { name: 'an algorithm that does not exist', token: reheaded(genuine, { alg: 'XX999' }, zeros) },
  ]
}

/** The key to verify with in the header itself (JWT-07, CVE-2018-0114). */
export function embeddedKey(genuine: string): Forged[] {
  const { privateKey, publicKey, kid } = ownRsa()
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }
  return [
    { name: 'jwk in the header', token: reheaded(genuine, { kid, jwk }, rs256(privateKey)) },
    {
      name: 'jwk in the header, no kid',
      token: reheaded(genuine, { kid: undefined, jwk }, rs256(privateKey)),
    },
  ]
}

/** A certificate of one's own in the header (JWT-07). @param certificate DER, over the key of {@link ownRsaPem}. */
export const embeddedCertificate = (genuine: string, certificate: Buffer): Forged[] => [
  {
    name: 'x5c in the header',
    token: reheaded(
      genuine,
      { kid: ownRsa().kid, x5c: [certificate.toString('base64')] },
      rs256(ownRsa().privateKey),
    ),
  },
]

/** The private key that a certificate for {@link embeddedCertificate} has to be made for, PEM. */
export const ownRsaPem = (): string => ownRsa().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Where to fetch the key, in the header (JWT-07). @param url leads to `ownKeySet`. */
export function keyByAddress(genuine: string, url: string): Forged[] {
  const { privateKey, kid } = ownRsa()
  return ['jku', 'x5u'].map((name) => ({
    name: `${name} in the header`,
    token: reheaded(genuine, { kid, [name]: url }, rs256(privateKey)),
  }))
}

/** The key set that {@link keyByAddress} wants fetched. */
export function ownKeySet(): { keys: Json[] } {
  const { publicKey, kid } = ownRsa()
  return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] }
}

/** The genuine token with its signature damaged (JWT-08). */
export function damagedSignature(genuine: string): Forged[] {
  const [header, claims, signature] = readToken(genuine).written
  const bytes = Buffer.from(signature, 'base64url')
  const flipped = Buffer.from(bytes)
  flipped[0] = (flipped[0] ?? 0) ^ 1
  const last = Buffer.from(bytes)
  last[last.length - 1] = (last.at(-1) ?? 0) ^ 128
  const signed = `${header}.${claims}`
  return [
    { name: 'first bit of the signature flipped', token: `${signed}.${flipped.toString('base64url')}` },
    { name: 'last byte of the signature changed', token: `${signed}.${last.toString('base64url')}` },
    {
      name: 'half of the signature',
      token: `${signed}.${bytes.subarray(0, bytes.length >> 1).toString('base64url')}`,
    },
  ]
}

/** The genuine token without its signature (JWT-08). */
export function missingSignature(genuine: string): Forged[] {
  const [header, claims] = readToken(genuine).written
  return [{ name: 'no signature', token: `${header}.${claims}.` }]
}

/** Other claims under the genuine signature (JWT-08). */
export function changedClaims(genuine: string): Forged[] {
  const { claims, written } = readToken(genuine)
  const later = { ...claims, exp: Number(claims.exp) + 86_400 }
  const somebody = { ...claims, email: 'admin@example.com', sub: 'admin' }
  return [
    { name: 'exp a day later', token: `${written[0]}.${encodePart(later)}.${written[2]}` },
    { name: 'another user', token: `${written[0]}.${encodePart(somebody)}.${written[2]}` },
  ]
}

/** Tokens too long to be genuine (JWT-22). All stay below 16 KiB, which common servers take in a header. */
export function oversized(genuine: string): Forged[] {
  const { header, claims } = readToken(genuine)
  const { kid, privateKey } = ownRsa()
  const long = { ...claims, padding: 'x'.repeat(4000) }
  const deep = `${'['.repeat(3000)}${']'.repeat(3000)}`
  const signed = (content: Json | string): string =>
    writeToken({ ...header, kid }, content, rs256(privateKey))
  return [
    { name: 'four thousand characters more in the claims', token: signed(long) },
    { name: 'ten thousand dots', token: '.'.repeat(10_000) },
    { name: 'claims three thousand lists deep', token: signed(deep) },
  ]
}

/** `kid` as a file, a query, a command: each with the key that such a lookup would give (JWT-06). */
export function keyIdInjection(genuine: string): Forged[] {
  const by = (name: string, kid: unknown, secret: string): Forged => ({
    name,
    token: reheaded(genuine, { alg: 'HS256', kid }, hmac(256, secret)),
  })
  return [
    by('kid leads to /dev/null', '../../../../../../../../dev/null', ''),
    by('kid is SQL', "x' UNION SELECT 'harness' -- ", 'harness'),
    by('kid is a command', '/dev/null; printf harness |', 'harness'),
    by('kid is empty', '', ''),
    by('kid is an array', ['../../dev/null'], ''),
  ]
}

/** HMAC with secrets that are known to everybody (JWT-25). */
export const weakSecrets = (genuine: string): Forged[] =>
  ['', 'secret', 'changeme', 'your-256-bit-secret'].map((secret) => ({
    name: secret === '' ? 'HS256 with an empty secret' : `HS256 with the secret “${secret}”`,
    token: reheaded(genuine, { alg: 'HS256' }, hmac(256, secret)),
  }))

/** Encrypted to the public key of the team: anybody can do that, it proves nothing (JWT-19). */
export async function encrypted(genuine: string, publicKey: KeyObject): Promise<Forged[]> {
  const { header, claims } = readToken(genuine)
  const make = async (name: string, content: string, more: Json): Promise<Forged> => ({
    name,
    token: await new CompactEncrypt(Buffer.from(content))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: String(header.kid), ...more })
      .encrypt(publicKey),
  })
  return Promise.all([
    make('claims encrypted to the public key', JSON.stringify(claims), {}),
    make('an unsigned token encrypted to the public key', reheaded(genuine, { alg: 'none' }, unsigned), {
      cty: 'JWT',
    }),
  ])
}

/** The token as JSON (RFC 7515 §7.2), which a compact one never is: with other claims, without signature, unsigned (JWT-21). */
export function jsonForm(genuine: string): Forged[] {
  const { claims, written } = readToken(genuine)
  const [header, payload, signature] = written
  const later = encodePart({ ...claims, exp: Number(claims.exp) + 86_400 })
  const none = encodePart({ alg: 'none' })
  const form = (name: string, value: Json): Forged => ({ name, token: JSON.stringify(value) })
  return [
    form('JSON with other claims', { payload: later, protected: header, signature }),
    form('JSON without signatures', { payload, signatures: [] }),
    form('JSON with alg none', { payload, signatures: [{ protected: none, signature: '' }] }),
  ]
}
