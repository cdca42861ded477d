/**
 * Tokens that must be refused, as data: each row is a check at the edge and one at the origin.
 * @module
 */
import type { CheckMeta } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Need } from '../../fixtures/needs.ts'
import { otherAccessTarget } from '../../fixtures/targets.ts'
import * as forge from '../../harness/credentials/forge.ts'
import * as mint from '../../harness/credentials/mint.ts'
import { mintDefects, type TokenDefect } from '../../harness/credentials/mint.ts'
import { readToken } from '../../harness/credentials/token.ts'
import { createAuthority } from '../../harness/pki/authority.ts'
import { certificatesIn } from '../../harness/pki/pem.ts'
import { userToken } from '../access-session/log-in.ts'
import { publicKeyOf, signingKey } from './doors.ts'

type Told = Pick<CheckMeta, 'title' | 'severity' | 'profile' | 'grounds' | 'why' | 'sends'>

/** One attack. */
export interface Attack extends Told {
  id: string
  /** Beside a genuine token. */
  needs: readonly Need[]
  /** Faults of the edge, and of the origin, that let it in. None: no check there. */
  edge: readonly string[]
  origin: readonly string[]
  tokens(run: CheckContext, genuine: string): Promise<readonly forge.Forged[]> | readonly forge.Forged[]
  /** The good twin, where the genuine token differs in more than the one thing. */
  twin?(run: CheckContext, genuine: string): Promise<string>
}

const kidOf = (token: string): unknown => readToken(token).header.kid

const sample: readonly Attack[] = [
  {
    id: 'junk',
    title: 'text that is no token is refused',
    severity: 'medium',
    profile: 'default',
    grounds: ['Wycheproof json_web_signature', 'catalogue JWT-02'],
    needs: [],
    edge: ['access.takes-any-text'],
    origin: ['origin.takes-any-assertion'],
    why: 'Whoever only looks whether a cookie or header is there is open to everybody. A validator that fails with a server error on text that it does not expect can be made to fail at will.',
    sends:
      'A word, dots, empty parts, a header alone, claims that are no JSON, two parts of a genuine token.',
    tokens: (_, genuine) => forge.junk(genuine),
  },
  {
    id: 'alg-none',
    title: 'an unsigned token (alg none) is refused, however it is spelt',
    severity: 'critical',
    profile: 'quick',
    grounds: ['RFC 8725 §3.1', 'RFC 8725 §3.2', 'Wycheproof AlgIsNone', 'catalogue JWT-03'],
    needs: [],
    edge: ['access.takes-alg-none'],
    origin: ['origin.takes-alg-none'],
    why: 'The oldest mistake of JWT libraries: the token itself says that it needs no signature. Everybody can write such a token for anybody.',
    sends:
      'The genuine claims with alg none, None, NONE and nOnE, with and without the last dot, and with the genuine signature.',
    tokens: (_, genuine) => forge.algorithmNone(genuine),
  },
  {
    id: 'public-key-as-secret',
    title: 'a token signed by HMAC with the public key is refused',
    severity: 'critical',
    profile: 'quick',
    grounds: [
      'hono CVE-2026-22817',
      'fast-jwt CVE-2026-34950',
      'PyJWT CVE-2026-48526',
      'Authlib CVE-2024-37568',
      'catalogue JWT-04',
    ],
    needs: [],
    edge: ['access.takes-hs256-with-public-key'],
    origin: ['origin.takes-hs256-with-public-key'],
    why: 'Where the algorithm is taken from the token, HS256 turns the public key into a shared secret, and the public key is published. Still found in 2026.',
    sends:
      'The genuine claims signed by HS256 with the key of the JWKS as PEM (as it is, without its last line feed, after a blank) and DER, and by HS512.',
    tokens: async (run, genuine) => forge.publicKeyAsSecret(genuine, await publicKeyOf(run, kidOf(genuine))),
  },
  {
    id: 'public-key-as-secret-more',
    title: 'a token signed by HMAC with the public key in a rarer form is refused',
    severity: 'critical',
    profile: 'full',
    grounds: ['jwt_tool -X k', 'catalogue JWT-04'],
    needs: [],
    edge: ['access.takes-hs256-with-public-key'],
    origin: ['origin.takes-hs256-with-public-key'],
    why: 'Libraries hold the public key in many forms: PEM, PKCS#1, JWK, the bare modulus. Each can become the secret.',
    sends: 'The genuine claims signed by HMAC with ten forms of the key of the JWKS.',
    tokens: async (run, genuine) =>
      forge.publicKeyAsSecret(genuine, await publicKeyOf(run, kidOf(genuine)), true),
  },
  {
    id: 'own-key',
    title: 'a token signed by somebody else’s key under the right key id is refused',
    severity: 'critical',
    profile: 'quick',
    grounds: ['RFC 8725 §3.1', 'catalogue JWT-05'],
    needs: [],
    edge: ['access.ignores-signature'],
    origin: ['origin.ignores-signature'],
    why: 'It is what a token looks like that is decoded and not verified.',
    sends: 'The genuine header and claims with a good RS256 signature by a fresh key.',
    tokens: (_, genuine) => forge.ownKey(genuine),
  },
  {
    id: 'other-algorithms',
    title: 'a token with an algorithm that the team does not use is refused',
    severity: 'critical',
    profile: 'default',
    grounds: ['RFC 8725 §3.1', 'CVE-2022-21449', 'catalogue JWT-05', 'catalogue JWT-09'],
    needs: [],
    edge: ['access.skips-unknown-algorithms'],
    origin: ['origin.skips-unknown-algorithms'],
    why: 'The team signs with RS256 alone. Verifiers that choose by the token’s algorithm have taken other keys, signatures of zeros, and algorithms nobody implements.',
    sends:
      'The genuine claims under ES256, PS256 and EdDSA with good signatures by fresh keys, ES256 with r and s zero, and an algorithm that does not exist.',
    tokens: (_, genuine) => forge.otherAlgorithms(genuine),
  },
  {
    id: 'embedded-key',
    title: 'a key in the token itself is not used',
    severity: 'critical',
    profile: 'quick',
    grounds: ['node-jose CVE-2018-0114', 'RFC 8725 §3.10', 'catalogue JWT-07'],
    needs: [],
    edge: ['access.takes-embedded-key'],
    origin: ['origin.takes-embedded-key'],
    why: 'Who brings the key along can sign anything.',
    sends: 'The genuine claims signed by a fresh key that is in the jwk header, with and without kid.',
    tokens: (_, genuine) => forge.embeddedKey(genuine),
  },
  {
    id: 'embedded-certificate',
    title: 'a certificate in the token itself is not used',
    severity: 'critical',
    profile: 'default',
    grounds: ['jwt_tool -X i', 'RFC 8725 §3.10', 'catalogue JWT-07'],
    needs: [],
    edge: ['access.takes-embedded-certificate'],
    origin: ['origin.takes-embedded-certificate'],
    why: 'An x5c header is worth as much as its issuer, and everybody can be an issuer.',
    sends:
      'The genuine claims signed by a fresh key whose certificate, of a CA nobody knows, is in the x5c header.',
    async tokens(_, genuine) {
      const authority = await createAuthority()
      const { cert } = await authority.issue({ subject: 'CN=harness', key: forge.ownRsaPem() })
      const [der] = certificatesIn(cert)
      return der === undefined ? [] : forge.embeddedCertificate(genuine, der)
    },
  },
  {
    id: 'damaged-signature',
    title: 'a token whose signature was damaged is refused',
    severity: 'critical',
    profile: 'quick',
    grounds: ['Wycheproof ModifiedSignature', 'catalogue JWT-08'],
    needs: [],
    edge: ['access.ignores-signature'],
    origin: ['origin.ignores-signature'],
    why: 'The signature is all that makes a token more than a claim. A verifier that does not fail here verifies nothing.',
    sends:
      'The genuine token with the first bit of its signature flipped, its last byte changed, and half of it.',
    tokens: (_, genuine) => forge.damagedSignature(genuine),
  },
  {
    id: 'missing-signature',
    title: 'a token without its signature is refused',
    severity: 'critical',
    profile: 'quick',
    grounds: ['Wycheproof, missing signature', 'catalogue JWT-08'],
    needs: [],
    edge: ['access.takes-empty-signature'],
    origin: ['origin.takes-empty-signature'],
    why: 'Some verifiers skip a signature that is not there.',
    sends: 'The genuine header and claims, a dot, and nothing behind it.',
    tokens: (_, genuine) => forge.missingSignature(genuine),
  },
  {
    id: 'changed-claims',
    title: 'other claims under a genuine signature are refused',
    severity: 'critical',
    profile: 'default',
    grounds: ['RFC 7515 §5.2', 'catalogue JWT-08'],
    needs: [],
    edge: ['access.ignores-signature'],
    origin: ['origin.ignores-signature'],
    why: 'Whoever has any token could become anybody, for ever.',
    sends: 'The genuine token with exp a day later, and with another user.',
    tokens: (_, genuine) => forge.changedClaims(genuine),
  },
  {
    id: 'key-id-injection',
    title: 'a key id that is a path, a query or a command leads nowhere',
    severity: 'high',
    profile: 'full',
    grounds: ['jwt_tool playbook', 'catalogue JWT-06'],
    needs: [],
    edge: ['access.kid-as-file'],
    origin: ['origin.kid-as-file'],
    why: 'The key id is the attacker’s text. Where it is opened as a file or put into a query, the attacker chooses the key.',
    sends:
      'HS256 tokens with kid ../../dev/null, SQL, a command, empty, and a list, each signed with what such a lookup would give.',
    tokens: (_, genuine) => forge.keyIdInjection(genuine),
  },
  {
    id: 'weak-secrets',
    title: 'a token signed by HMAC with a secret from a dictionary is refused',
    severity: 'high',
    profile: 'full',
    grounds: ['Wycheproof empty_key', 'jwt_tool -X b', 'catalogue JWT-25'],
    needs: [],
    edge: ['access.takes-weak-secret'],
    origin: ['origin.takes-weak-secret'],
    why: 'Examples in documentation become configurations in production.',
    sends: 'HS256 tokens with the empty secret, secret, changeme and your-256-bit-secret.',
    tokens: (_, genuine) => forge.weakSecrets(genuine),
  },
  {
    id: 'oversized',
    title: 'tokens far too long are refused, and not by a server error',
    severity: 'medium',
    profile: 'full',
    grounds: ['golang-jwt CVE-2025-30204', 'go-jose CVE-2025-27144', 'catalogue JWT-22'],
    needs: [],
    edge: ['access.skips-long-tokens', 'access.takes-any-text'],
    origin: ['origin.skips-long-tokens', 'origin.takes-any-assertion'],
    why: 'Limits are where parsers part: what one cuts off or passes over, the next one believes. And splitting ten thousand dots has brought servers down.',
    sends:
      'Tokens by a key that nobody knows: the claims with four thousand characters more, and three thousand lists deep; and ten thousand dots.',
    tokens: (_, genuine) => forge.oversized(genuine),
  },
  {
    id: 'encrypted',
    title: 'claims encrypted to the public key are not taken for signed ones',
    severity: 'high',
    profile: 'full',
    grounds: ['json-jwt GHSA-c8v6-786g-vjx6', 'catalogue JWT-19'],
    needs: [],
    edge: ['access.takes-encrypted'],
    origin: [],
    why: 'Everybody can encrypt to a public key. A library that decrypts first and asks for a signature later may forget to ask.',
    sends: 'JWE tokens (RSA-OAEP-256, A256GCM) with the genuine claims, and with an unsigned token inside.',
    tokens: async (run, genuine) => forge.encrypted(genuine, await publicKeyOf(run, kidOf(genuine))),
  },
  {
    id: 'json-form',
    title: 'a token written as JSON instead of three parts is refused',
    severity: 'medium',
    profile: 'full',
    grounds: [
      'RFC 7515 §7.2',
      'RFC 7519 §1 (compact only)',
      'Wycheproof JsonSerialization',
      'catalogue JWT-21',
    ],
    needs: [],
    edge: ['access.takes-json-form'],
    origin: ['origin.takes-json-form'],
    why: 'The JSON form may have several signatures, or none, and unprotected headers. Libraries that read both forms have verified one signature and used what another covered.',
    sends:
      'The genuine token as JSON with other claims, with an empty list of signatures, and with alg none.',
    tokens: (_, genuine) => forge.jsonForm(genuine),
  },
  {
    id: 'duplicate-claims',
    title: 'of an audience that stands twice the last one counts, or the token is refused',
    severity: 'high',
    profile: 'full',
    grounds: ['RFC 7519 §4', 'RFC 7515 §4', 'python-jwt CVE-2022-39227 (two parsers)', 'catalogue JWT-20'],
    needs: ['access.signing'],
    edge: ['access.first-of-duplicate-claims'],
    origin: ['origin.first-of-duplicate-claims'],
    why: 'Two components with two parsers read two tokens in one: what the edge finds expired, or meant for somebody else, is good for the application.',
    sends:
      'Well signed tokens with aud twice: first the right one, then another; first the right one, then an empty list.',
    twin: async (run, genuine) => mint.mintToken(genuine, await signingKey(run, kidOf(genuine))),
    tokens: async (run, genuine) => mint.duplicateClaims(genuine, await signingKey(run, kidOf(genuine))),
  },
  {
    id: 'other-application',
    title: 'a genuine token of another application of the team is refused',
    severity: 'critical',
    profile: 'quick',
    grounds: ['cloudflare-one application token: aud', 'lua-resty-openidc issue 399', 'catalogue JWT-12'],
    needs: ['access-other'],
    edge: ['access.takes-other-application'],
    origin: ['origin.takes-other-application'],
    why: 'All applications of a team share issuer and keys: the audience alone separates them. Where it is not compared, a login to the least important one opens all.',
    sends:
      'A genuine token of another application of the same team, had with its service token, and one of a user where a session was given.',
    async tokens(run) {
      const other = otherAccessTarget(run.deployment) ?? run.skip('needs another application')
      const service = await run.applicationToken(other)
      const user = other.access.session === undefined ? undefined : await userToken(run, other)
      return [
        { name: `token of a service at ${other.hostname}`, token: service },
        ...(user === undefined ? [] : [{ name: `token of a user at ${other.hostname}`, token: user }]),
      ]
    },
  },
  {
    id: 'global-session',
    title: 'the global session of the team is not taken for a token of the application',
    severity: 'high',
    profile: 'default',
    grounds: ['cloudflare-one application token: type', 'catalogue JWT-15'],
    needs: ['access.session'],
    edge: ['access.takes-org-token'],
    origin: ['origin.takes-org-token'],
    why: 'It has the same issuer and the same key, and belongs to somebody who may have no right to this application: policies were never asked.',
    sends: 'The CF_Authorization cookie of the team domain, as token of the application.',
    tokens: (run) => [
      {
        name: 'a global session',
        token: run.accessTarget().access.session ?? run.skip('needs access.session'),
      },
    ],
  },
]

type Row = Omit<Attack, 'needs' | 'tokens'> & {
  defects: (claims: Readonly<Record<string, unknown>>) => readonly TokenDefect[]
}

const text = (value: unknown): string => String([value].flat()[0] ?? '')

const minted: readonly Row[] = [
  {
    id: 'expired',
    title: 'an expired token is refused',
    severity: 'critical',
    profile: 'default',
    grounds: ['RFC 7519 §4.1.4', 'catalogue JWT-10'],
    edge: ['access.takes-expired'],
    origin: ['origin.takes-expired'],
    why: 'A token that never ends survives the dismissal of its owner, every backup and every log that it was written to.',
    sends: 'Well signed tokens that expired an hour ago, and in 1970.',
    defects: () => mint.expired(),
  },
  {
    id: 'shapeless-expiry',
    title: 'a token whose exp is missing or no number is refused',
    severity: 'high',
    profile: 'full',
    grounds: ['RFC 7519 §4.1.4', 'catalogue JWT-10'],
    edge: ['access.takes-malformed-expiry'],
    origin: ['origin.takes-malformed-expiry'],
    why: 'Comparing with something that is no number is false in most languages, and “not expired” follows from it.',
    sends: 'Well signed tokens without exp, and with exp as text, null and list.',
    defects: () => mint.shapelessExpiry(),
  },
  {
    id: 'not-yet-valid',
    title: 'a token before its nbf is refused',
    severity: 'medium',
    profile: 'default',
    grounds: ['RFC 7519 §4.1.5', 'catalogue JWT-11'],
    edge: ['access.ignores-not-before'],
    origin: ['origin.ignores-not-before'],
    why: 'A token for later is not for now.',
    sends: 'A well signed token with nbf in an hour.',
    defects: () => mint.notYetValid(),
  },
  {
    id: 'issued-later',
    title: 'a token that was issued in the future is refused',
    severity: 'low',
    profile: 'full',
    grounds: ['RFC 7519 §4.1.6', 'catalogue JWT-11'],
    edge: ['access.ignores-issued-at'],
    origin: [],
    why: 'Revocation compares iat with the moment of the revocation: a token from the future escapes it.',
    sends: 'A well signed token with iat in an hour.',
    defects: () => mint.issuedLater(),
  },
  {
    id: 'issuer',
    title: 'a token of another issuer is refused',
    severity: 'critical',
    profile: 'default',
    grounds: ['PyJWT CVE-2024-53861', 'fast-jwt CVE-2025-30144', 'catalogue JWT-14'],
    edge: ['access.takes-other-issuer'],
    origin: ['origin.ignores-issuer'],
    why: 'Everybody can have a team. Libraries have compared the issuer by its beginning, or as a member of a list that the token brings.',
    sends:
      'Well signed tokens with the issuer of another team, with a slash, a longer one, a list, and none.',
    defects: ({ iss }) => mint.wrongIssuer(text(iss)),
  },
  {
    id: 'no-audience',
    title: 'a token without audience is refused',
    severity: 'critical',
    profile: 'default',
    grounds: ['golang jwt CVE-2020-26160', 'catalogue JWT-13'],
    edge: ['access.takes-missing-audience'],
    origin: ['origin.takes-missing-audience'],
    why: 'Some libraries compare the audience only where there is one.',
    sends: 'Well signed tokens without aud, with an empty list, and with null.',
    defects: () => mint.withoutAudience(),
  },
  {
    id: 'similar-audience',
    title: 'an audience that only resembles the right one is refused',
    severity: 'high',
    profile: 'full',
    grounds: ['catalogue JWT-13'],
    edge: ['access.audience-by-part'],
    origin: ['origin.audience-by-part'],
    why: 'A test whether one text contains another is not a comparison.',
    sends: 'Well signed tokens whose aud is a part of the right one, longer, empty, nested, or an object.',
    defects: ({ aud }) => mint.similarAudience(text(aud)),
  },
  {
    id: 'other-audience',
    title: 'a token for another application is refused, whoever it names',
    severity: 'critical',
    profile: 'full',
    grounds: ['cloudflare-one application token: aud', 'catalogue JWT-12'],
    edge: ['access.takes-other-application'],
    origin: ['origin.takes-other-application'],
    why: 'As with a genuine token of another application, but with everything else right: the audience alone differs.',
    sends: 'A well signed token with another AUD tag.',
    defects: ({ aud }) => mint.otherAudience(text(aud)),
  },
  {
    id: 'type-org',
    title: 'a token of type org is refused',
    severity: 'high',
    profile: 'full',
    grounds: ['cloudflare-one application token: type', 'catalogue JWT-15'],
    edge: ['access.takes-org-token'],
    origin: ['origin.takes-org-token'],
    why: 'A global session says who somebody is, not where they may go.',
    sends: 'A well signed token of type org with another audience.',
    defects: ({ aud }) => mint.globalSession(text(aud)),
  },
  {
    id: 'critical-headers',
    title: 'a token with critical headers that nobody knows is refused',
    severity: 'high',
    profile: 'full',
    grounds: ['RFC 7515 §4.1.11', 'PyJWT CVE-2026-32597', 'Authlib CVE-2025-59420', 'catalogue JWT-18'],
    edge: ['access.ignores-crit'],
    origin: ['origin.ignores-crit'],
    why: 'crit says: refuse what you do not understand. Four libraries of 2025 and 2026 did not.',
    sends: 'Well signed tokens whose crit names an unknown header, an absent one, and nothing.',
    defects: () => mint.criticalHeaders(),
  },
  {
    id: 'unknown-key-id',
    title: 'a token is verified with the key that it names, and with no other',
    severity: 'medium',
    profile: 'full',
    grounds: ['cloudflare-one validating-json: pick by kid', 'catalogue JWT-06'],
    edge: ['access.ignores-kid'],
    origin: ['origin.ignores-kid'],
    why: 'Trying all keys, or the first one, hides rotations until they break, and takes keys that were withdrawn.',
    sends: 'Well signed tokens with an unknown kid, none, and a number.',
    defects: () => mint.unknownKeyId(),
  },
]

/** A token like the genuine one, well signed, with these defects; the genuine one is needed to know who may in. */
const asAttack = ({ defects, ...row }: Row): Attack => ({
  ...row,
  needs: ['access.signing'],
  twin: async (run, genuine) => mint.mintToken(genuine, await signingKey(run, kidOf(genuine))),
  async tokens(run, genuine) {
    const key = await signingKey(run, kidOf(genuine))
    return mintDefects(genuine, key, defects(readToken(genuine).claims))
  },
})

/** All of them. */
export const attacks: readonly Attack[] = [...sample, ...minted.map(asAttack)]
