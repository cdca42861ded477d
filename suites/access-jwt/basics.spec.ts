import { type KeyObject, verify } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tokenCookie } from '../../fixtures/access.ts'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { keyByAddress, ownKeySet, strange } from '../../harness/credentials/forge.ts'
import { secondsNow } from '../../harness/credentials/mint.ts'
import { readToken } from '../../harness/credentials/token.ts'
import { readAccessAnswer } from '../../harness/deployment/access-answer.ts'
import { type Door, edgeDoor, originDoor, publicKeyOf, refuseAll } from './doors.ts'
import { edgeVerifies, originVerifies } from './remedies.ts'

check(
  'access-jwt.none',
  {
    title: 'without a token nobody is let in, and people are sent to the login of the team',
    severity: 'critical',
    kind: 'must',
    profile: 'quick',
    needs: ['access'],
    grounds: ['cloudflare-one application token', 'catalogue JWT-01'],
    killedBy: ['access.passes-without-credentials'],
    why: 'The application is not covered by Access at all: a missing application, another domain or path in it, a Bypass policy.',
    sends: 'A request without any credentials.',
    expects: 'A redirect to the login of the team, 401, or 403.',
    remediation: `Find the application that covers the hostname, and its policies in order; a Bypass policy with Everyone is the usual reason.
  curl -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" "https://api.cloudflare.com/client/v4/accounts/<account>/access/apps?domain=<hostname>"
  curl -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" https://api.cloudflare.com/client/v4/accounts/<account>/access/apps/<app>/policies

Make one where there is none:
  curl -X POST -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -H "Content-Type: application/json" https://api.cloudflare.com/client/v4/accounts/<account>/access/apps --data '{"type":"self_hosted","name":"<name>","domain":"<hostname>","policies":["<policy>"]}'`,
  },
  async (run) => {
    const { show, otherReason } = await edgeDoor(run)
    const outcome = await run.refused({ ...show(undefined), label: 'no token' }, undefined, { any: true })
    const other = otherReason(outcome)
    if (other !== undefined) run.warn(other)
    const answer = readAccessAnswer(outcome.http)
    if (answer?.certain !== true && (await run.accessTwin()) === undefined)
      run.blocked(outcome.summary, 'refused, but nothing shows that it was Access')
  },
)

check(
  'access-jwt.origin-none',
  {
    title: 'at the origin: without an assertion nobody is answered',
    severity: 'critical',
    kind: 'must',
    profile: 'default',
    needs: ['access.token', 'origin.validates'],
    grounds: ['cloudflare-one validating-json', 'catalogue JWT-01'],
    killedBy: ['origin.takes-missing-assertion'],
    why: 'An origin that verifies an assertion where there is one, and answers where there is none, verifies nothing: leaving it out is the easiest attack.',
    sends:
      'A request straight to the origin, with the certificate of the edge, without Cf-Access-Jwt-Assertion.',
    expects: '401 or 403, while a genuine assertion is answered.',
    remediation: originVerifies,
  },
  async (run) => {
    const { show, otherReason } = await originDoor(run)
    const genuine = await run.applicationToken()
    await run.control({ ...show(genuine), label: 'the good twin' })
    const outcome = await run.refused({ ...show(undefined), label: 'no assertion' }, undefined, { any: true })
    const other = otherReason(outcome)
    if (other !== undefined) run.warn(other)
  },
)

check(
  'access-jwt.genuine',
  {
    title: 'tokens of the application say what is documented, and the published key verifies them',
    severity: 'high',
    kind: 'must',
    profile: 'quick',
    needs: ['access.token'],
    grounds: ['cloudflare-one application token', 'cloudflare-one validating-json', 'catalogue JWT-16'],
    killedBy: ['access.publishes-other-key-id'],
    why: 'An origin verifies by what the team publishes. Where kid, issuer, audience or algorithm are others, it refuses everybody or has been told to verify less.',
    sends: 'Nothing but what has to be had: a genuine token, and the key set of the team.',
    expects:
      'RS256, a kid that the key set lists, a signature that its key verifies, the team as issuer, one audience, an exp in the future.',
    remediation: `Compare what is published with what tokens say; keys rotate every six weeks, and the previous one is honoured for seven days.
  curl https://<team>.cloudflareaccess.com/cdn-cgi/access/certs

Where an origin holds a copy of the keys, let it fetch them from there instead, and pick by kid.`,
  },
  async (run) => {
    const token = await run.applicationToken()
    const { access } = run.accessTarget()
    const { header, claims, written } = readToken(token)
    run.expect(header.alg === 'RS256', 'RS256', `the algorithm is ${String(header.alg)}, not RS256`)
    const { keys } = await run.keySet()
    const key = keys.find(({ kid }) => kid === header.kid)?.key
    if (key === undefined) return run.expect(false, '', 'the key set does not list the kid of the token')
    const good = verified(`${written[0]}.${written[1]}`, key, written[2])
    run.expect(good, 'the published key verifies it', 'the published key does not verify the token')
    const { iss, aud, exp } = claims
    run.expect(iss === `https://${access.team}`, 'the issuer is the team', `the issuer is ${String(iss)}`)
    const tags = [aud].flat()
    const wanted = access.audience ?? tags[0]
    run.expect(
      tags.length === 1 && tags[0] === wanted,
      'one audience',
      'the audience is another than declared',
    )
    run.expect(Number(exp) > secondsNow(), 'it has not expired', 'a fresh token has expired already')
    run.observed = 'RS256 by a published key, issuer and audience as declared, not expired'
  },
)

const verified = (signed: string, key: KeyObject, signature: string): boolean =>
  verify('sha256', Buffer.from(signed), key, Buffer.from(signature, 'base64url'))

check(
  'access-jwt.keys-public-only',
  {
    title: 'the key set holds public keys only, and strong ones',
    severity: 'critical',
    kind: 'must',
    profile: 'default',
    needs: ['access'],
    grounds: ['RFC 7517 §9.2', 'RFC 7518 §3.3', 'catalogue JWT-04'],
    killedBy: ['access.publishes-private-key'],
    why: 'Everybody reads the key set. A private part in it, or a shared secret, lets everybody sign; a short key lets those with a computer.',
    sends: 'One request for the key set at the team domain.',
    expects: 'RSA keys of 2048 bits or more for RS256, without private parts and without symmetric keys.',
    remediation: `Cloudflare publishes these keys itself. Where a mock or a gateway of your own publishes them, export the public part only, and sign with fresh keys from now on: the published ones are burnt.
  curl -X POST -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" https://api.cloudflare.com/client/v4/accounts/<account>/access/keys/rotate`,
  },
  async (run) => {
    const { keys, answer } = await run.keySet()
    const { keys: raw } = JSON.parse(answer.body.toString('utf8')) as { keys: unknown[] }
    const secret = raw.filter(
      (one) => typeof one === 'object' && one !== null && privateParts(one).length > 0,
    )
    run.expect(
      secret.length === 0,
      'no private part',
      `${secret.length} of ${raw.length} keys hold private parts`,
    )
    run.expect(keys.length > 0, `${keys.length} keys`, 'the key set has no key that can be read')
    const weak = keys.filter(({ key }) => (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    run.expect(
      weak.length === 0,
      'strong keys',
      `${weak.length} of ${keys.length} keys are no RSA keys of 2048 bits`,
    )
    run.observed = `${keys.length} RSA keys of 2048 bits or more, public parts only`
  },
)

const privateParts = (jwk: object): string[] =>
  Object.keys(jwk).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name))

const byAddress = {
  severity: 'critical',
  kind: 'must',
  grounds: ['jwt_tool -X s', 'RFC 8725 §3.10', 'catalogue JWT-07'],
  why: 'Whoever says where the key is, has the key. And a server that fetches what a stranger names can be sent to places that only it can reach.',
  expects:
    'Each is refused, and nobody fetches the address. A host elsewhere cannot reach this machine’s loopback address: there the refusal alone was seen.',
} as const satisfies Partial<CheckMeta>

/** A key set of one's own on a loopback address, and what is done meanwhile: nobody may fetch it. */
async function withKeyAddress(run: CheckContext, door: Door): Promise<void> {
  let fetched = 0
  const server = createServer((_, response) => {
    fetched += 1
    response.setHeader('content-type', 'application/json').end(JSON.stringify(ownKeySet()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  try {
    const { port } = server.address() as AddressInfo
    const genuine = await run.applicationToken()
    await refuseAll(run, door, genuine, keyByAddress(genuine, `http://127.0.0.1:${port}/keys.json`))
    run.expect(fetched === 0, 'refused, and nothing was fetched', `the address was fetched ${fetched} times`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

check(
  'access-jwt.key-by-address',
  {
    ...byAddress,
    title: 'an address in the token does not lead to its key',
    profile: 'default',
    needs: ['access.token'],
    killedBy: ['access.fetches-key-address'],
    sends:
      'The genuine claims signed by a fresh key, with the address of its key set in jku, then in x5u; a listener of the harness counts who comes.',
    remediation: edgeVerifies,
  },
  async (run) => withKeyAddress(run, await edgeDoor(run)),
)

check(
  'access-jwt.origin-key-by-address',
  {
    ...byAddress,
    title: 'at the origin: an address in the token does not lead to its key',
    profile: 'default',
    needs: ['access.token', 'origin.validates'],
    killedBy: ['origin.fetches-key-address'],
    sends: 'The same, straight to the origin, as Cf-Access-Jwt-Assertion.',
    remediation: originVerifies,
  },
  async (run) => withKeyAddress(run, await originDoor(run)),
)

check(
  'access-jwt.bad-header-good-cookie',
  {
    title: 'a bad token in the header is not made good by the cookie',
    severity: 'high',
    kind: 'should',
    profile: 'default',
    needs: ['access.token'],
    grounds: ['cloudflare-one validating-json: prefer the header', 'catalogue JWT-23'],
    killedBy: ['access.falls-back-to-cookie'],
    why: 'Two places for one credential mean two readers: one decides by the first, the next acts on the second. An invalid one must never be passed over in silence.',
    sends: 'A token by a key that nobody knows in cf-access-token beside a genuine CF_Authorization cookie.',
    expects: 'Refused. Which of the two goes first is a choice; the genuine cookie alone is let in.',
    remediation: edgeVerifies,
  },
  async (run) => {
    const { show, otherReason } = await edgeDoor(run)
    const genuine = await run.applicationToken()
    const cookie = { ...show(undefined), headers: [tokenCookie(genuine)] }
    await run.control({ ...cookie, label: 'the good twin: the cookie alone' })
    const headers: [string, string][] = [...cookie.headers, ['cf-access-token', strange(genuine)]]
    const outcome = await run.refused({ ...cookie, headers, label: 'bad header, good cookie' }, undefined, {
      any: true,
    })
    const other = otherReason(outcome)
    if (other !== undefined) run.warn(other)
  },
)

check(
  'access-jwt.origin-bad-header-good-cookie',
  {
    title: 'at the origin: a bad assertion is not made good by the cookie',
    severity: 'high',
    kind: 'must',
    profile: 'default',
    needs: ['access.token', 'origin.validates'],
    grounds: ['cloudflare-one validating-json: prefer the header', 'catalogue JWT-23'],
    killedBy: ['origin.falls-back-to-cookie'],
    why: 'The header is the edge’s, the cookie the browser’s. An origin that takes the cookie where the header is bad lets the client decide.',
    sends:
      'A token by a key that nobody knows in Cf-Access-Jwt-Assertion beside a genuine CF_Authorization cookie, straight to the origin.',
    expects: 'Refused; the genuine assertion is answered.',
    remediation: originVerifies,
  },
  async (run) => {
    const { show, otherReason } = await originDoor(run)
    const genuine = await run.applicationToken()
    await run.control({ ...show(genuine), label: 'the good twin' })
    const bad = show(strange(genuine))
    const headers = [...(bad.headers ?? []), tokenCookie(genuine)]
    const outcome = await run.refused({ ...bad, headers, label: 'bad assertion, good cookie' }, undefined, {
      any: true,
    })
    const other = otherReason(outcome)
    if (other !== undefined) run.warn(other)
  },
)

check(
  'access-jwt.elsewhere',
  {
    title: 'a token is not read from the query or from Authorization',
    severity: 'medium',
    kind: 'should',
    profile: 'default',
    needs: ['access.token'],
    grounds: ['RFC 6750 §5.3', 'catalogue JWT-23'],
    killedBy: ['access.takes-jwt-from-elsewhere'],
    why: 'Addresses end up in logs, histories and Referer headers. Every further place is one more that other parts of the way do not protect.',
    sends: 'A genuine token as Bearer in Authorization, then as CF_Authorization in the query.',
    expects: 'Refused both times, while the same token in the cookie is let in.',
    remediation: edgeVerifies,
  },
  async (run) => {
    const { show } = await edgeDoor(run)
    const genuine = await run.applicationToken()
    await publicKeyOf(run, readToken(genuine).header.kid)
    await run.control({ ...show(genuine), label: 'the good twin' })
    const { target = run.target } = show(undefined)
    await run.onlyIfClosed(target)
    const path = target.canary === undefined ? (target.requests[0]?.path ?? '/') : '{canary}'
    const query = target.canary === undefined ? '?' : '&'
    await run.refused(
      { ...show(undefined), headers: [['Authorization', `Bearer ${genuine}`]], label: 'Authorization' },
      undefined,
      { any: true },
    )
    await run.refused(
      { ...show(undefined), path: `${path}${query}CF_Authorization=${genuine}`, label: 'query' },
      undefined,
      { any: true },
    )
  },
)
