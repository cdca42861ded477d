import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createAuthority } from '../pki/authority.ts'
import { loadDeployment } from './load.ts'
import { assertRefused, type Expected, failure, scratch } from './testing.ts'
import type { Deployment } from './types.ts'

const audience = 'ab'.repeat(32)
const zone = 'c'.repeat(32)
const signing = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()
const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl'
const env = { CLIENT_SECRET: 'f00d'.repeat(16), JWT: jwt, API_TOKEN: 'read-only-token' }

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-access-'))
  const [ca, foreign] = await Promise.all([createAuthority(), createAuthority({ name: 'CN=Foreign' })])
  const [pull, other, stranger] = await Promise.all([
    ca.issue({ subject: 'CN=edge' }),
    ca.issue({ subject: 'CN=somebody else' }),
    foreign.issue({ subject: 'CN=somebody else' }),
  ])
  const files = {
    'pull.pem': pull.cert,
    'pull-key.pem': pull.key,
    'other.pem': other.cert,
    'other-key.pem': other.key,
    'stranger.pem': stranger.cert,
    'stranger-key.pem': stranger.key,
    'ci.secret': `${env.CLIENT_SECRET}\n`,
    'jwt.txt': jwt,
  }
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, name), text, { mode: 0o600 })
})
after(() => rm(directory, { recursive: true, force: true }))

async function load(text: string): Promise<Deployment> {
  await writeFile(join(directory, 'harness.yaml'), `hostname: a.example\n${text}`)
  return loadDeployment(join(directory, 'harness.yaml'), { env })
}

const serviceToken = { id: 'ci.access', secret: env.CLIENT_SECRET }

test('access with everything, secrets by reference', async () => {
  const { access } = (
    await load(`
access:
  team: Example.cloudflareaccess.com
  connect: 127.0.0.1:8443
  audience: ${audience}
  serviceToken: { id: ci.access, secret: \${CLIENT_SECRET} }
  otherServiceToken: { id: other.access, secret: "\${CLIENT_SECRET}" }
  token: \${JWT}
  with: access-and-mtls
`)
  ).target
  assert.deepEqual(access, {
    team: 'example.cloudflareaccess.com',
    teamAddress: '127.0.0.1',
    teamPort: 8443,
    audience,
    serviceToken,
    otherServiceToken: { id: 'other.access', secret: env.CLIENT_SECRET },
    token: jwt,
    with: 'access-and-mtls',
  })
})

test('a session and the signing key', async () => {
  await writeFile(join(directory, 'signing.pem'), signing, { mode: 0o600 })
  const given = `access: { team: t.cloudflareaccess.com, session: "\${JWT}", signing: { key: ./signing.pem } }\n`
  const { access } = (await load(given)).target
  assert.equal(access?.session, jwt)
  assert.match(access?.signingKey ?? '', /^-----BEGIN PRIVATE KEY-----/)
  const file = 'access: { team: t.cloudflareaccess.com, sessionFile: ./jwt.txt }\n'
  assert.equal((await load(file)).target.access?.session, jwt)
})

test('an origin that validates: everywhere, at a path, or not', async () => {
  for (const [written, read] of [
    ['true', true],
    ['/whoami', '/whoami'],
    ['false', undefined],
  ] as const)
    assert.equal((await load(`origin: { address: "a:1", validates: ${written} }\n`)).origin?.validates, read)
})

test('a team is enough; secrets may be in files, whose last line feed does not count', async () => {
  const team = 'example.cloudflareaccess.com'
  assert.deepEqual((await load(`access: { team: ${team} }\n`)).target.access, {
    team,
    teamPort: 443,
    with: 'access',
  })
  const { access } = (
    await load(
      `access: { team: ${team}, serviceToken: { id: ci.access, secretFile: ./ci.secret }, tokenFile: ./jwt.txt }\n`,
    )
  ).target
  assert.deepEqual([access?.serviceToken, access?.token], [serviceToken, jwt])
})

test('a sibling has the access that it gives, and never the deployment’s', async () => {
  const { target, siblings } = await load(`
access: { team: one.cloudflareaccess.com }
siblings:
  - b.example
  - hostname: c.example
  - hostname: d.example
    access: { team: two.fed.cloudflareaccess.com }
`)
  assert.deepEqual(
    [target, ...siblings].map(({ access }) => access?.team),
    ['one.cloudflareaccess.com', undefined, undefined, 'two.fed.cloudflareaccess.com'],
  )
})

test('the origin', async () => {
  assert.deepEqual((await load('origin: { address: "[::1]:8443" }\n')).origin, {
    address: '::1',
    port: 8443,
    tls: true,
    pulls: 'none',
    plainPorts: [],
  })
  const text =
    'origin: { address: 192.0.2.1:80, tls: false, pulls: hostname, identity: { cert: pull.pem, key: pull-key.pem }, plainPorts: [8080] }\n'
  const { identity, ...origin } = (await load(text)).origin ?? {}
  assert.deepEqual(origin, {
    address: '192.0.2.1',
    port: 80,
    tls: false,
    pulls: 'hostname',
    plainPorts: [8080],
  })
  assert.deepEqual([identity?.name, identity?.subject], ['edge', 'CN=edge'])
  assert.equal((await load('')).origin, undefined)
  for (const [written, read] of [
    ['true', true],
    ['false', undefined],
  ] as const)
    assert.equal(
      (await load(`origin: { address: "a:1", allowList: ${written} }\n`)).origin?.allowList,
      read,
      written,
    )
})

test('another client of the edge’s CA: of that CA, and not the edge', async () => {
  const origin = (name: string): string =>
    `origin: { address: "a:1", pulls: zone, identity: { cert: pull.pem, key: pull-key.pem }, otherIdentity: { cert: ${name}.pem, key: ${name}-key.pem } }\n`
  assert.equal((await load(origin('other'))).origin?.otherIdentity?.subject, 'CN=somebody else')
  await assert.rejects(load(origin('pull')), /origin\.otherIdentity\.cert: is the edge’s own/)
  await assert.rejects(load(origin('stranger')), /is not of the CA that issued origin\.identity/)
})

test('the control plane', async () => {
  const ids = `zone: ${zone}, account: ${zone}`
  const token = 'token: "${API_TOKEN}"'
  assert.deepEqual((await load(`controlPlane: { ${ids}, ${token} }\n`)).controlPlane, {
    zone,
    account: zone,
    token: env.API_TOKEN,
  })
  for (const baseURL of [
    'https://api.example/client/v4',
    'http://127.0.0.1:1/client/v4',
    'http://[::1]:1/',
  ]) {
    const { controlPlane } = await load(
      `controlPlane: { ${ids}, tokenFile: ci.secret, baseURL: "${baseURL}" }\n`,
    )
    assert.deepEqual([controlPlane?.baseURL, controlPlane?.token], [baseURL, env.CLIENT_SECRET])
  }
})

test('a header named like a secret is none', async () => {
  const text = 'requests: [{ path: /, allowed: { headers: { token: "${API_TOKEN}" } } }]\n'
  assert.deepEqual((await load(text)).target.requests[0]?.allowed.headers, { token: env.API_TOKEN })
})

const bad = scratch()
function refused(what: string, lines: string, says: RegExp, expected?: Expected): void {
  test(`refused: ${what}`, () => assertRefused(bad, lines, says, expected))
}
const secret = { code: 'ERR_DEPLOYMENT_SECRET' } as const
const file = { code: 'ERR_DEPLOYMENT_FILE' } as const
const team = 'access:\n  team: t.cloudflareaccess.com\n'

refused('access without team', `»access: { audience: ${audience} }`, /^missing key `team` in access$/)
refused('team alone', 'access: { team: »acme }', /^access\.team: `acme` is not a team domain/)
refused('team elsewhere', 'access: { team: »login.acme.example }', /is not a team domain such as/)
refused(
  'team that only looks like one',
  'access: { team: »acme.cloudflareaccess.com.evil.example }',
  /is not a team domain/,
)
refused('team as URL', 'access: { team: »"https://acme.cloudflareaccess.com" }', /give the hostname only/)
refused('connect of a team', `${team}  connect: »127.0.0.1`, /^access\.connect: `127\.0\.0\.1` has no port$/)
refused('audience', `${team}  audience: »abc`, /^access\.audience: `abc` is not an AUD tag/)
refused('with', `${team}  with: »mtls`, /^access\.with: `mtls` is not one of access, access-and-mtls$/)
refused('unknown key in access', `${team}  »serviceTokens: x`, /in access; did you mean `serviceToken`\?$/)
refused('Client ID', `${team}  serviceToken: { id: »ci, secret: "\${SECRET}" }`, /`ci` is not a Client ID/, {
  others: 1,
})
refused(
  'service token without secret',
  `${team}  »serviceToken: { id: ci.access }`,
  /^missing key `secret` in access\.serviceToken$/,
)
refused(
  'the same token twice',
  `${team}  serviceToken: { id: a.access, secret: "\${MODE}" }\n  otherServiceToken: { id: »a.access, secret: "\${MODE}" }`,
  /^access\.otherServiceToken\.id: is the token of serviceToken/,
)
refused(
  'secret and secretFile',
  `${team}  serviceToken: { id: a.access, »secret: "\${MODE}", secretFile: text.pem }`,
  /cannot be used together with `secretFile`/,
  { others: 1 },
)
refused(
  'token and tokenFile',
  `${team}  »token: "\${MODE}"\n  tokenFile: no.txt`,
  /cannot be used together with `tokenFile`/,
  { others: 1 },
)
refused(
  'literal secret',
  `${team}  serviceToken: { id: a.access, secret: »s3cret }`,
  /^access\.serviceToken\.secret: a secret is written in the file$/,
  secret,
)
refused(
  'number as secret',
  `${team}  serviceToken: { id: a.access, secret: »12345 }`,
  /a secret is written in the file$/,
  secret,
)
refused(
  'half a reference',
  `${team}  serviceToken: { id: a.access, secret: »"s3cret\${MODE}" }`,
  /a secret is written in the file$/,
  secret,
)
refused(
  'literal token',
  `${team}  token: »eyJ.s3cret.x`,
  /^access\.token: a secret is written in the file$/,
  secret,
)
refused(
  'literal session',
  `${team}  session: »eyJ.s3cret.x`,
  /^access\.session: a secret is written in the file$/,
  secret,
)
refused(
  'session that is none',
  `${team}  session: »"\${MODE}"`,
  /^access\.session: what it refers to is not a session \(JWT\)$/,
  secret,
)
refused(
  'session and sessionFile',
  `${team}  »session: "\${MODE}"\n  sessionFile: no.txt`,
  /cannot be used together with `sessionFile`/,
  { others: 1 },
)
refused('signing key that is none', `${team}  signing: { key: »text.pem }`, /^access\.signing\.key: /, file)
refused('signing without key', `${team}  »signing: {}`, /^missing key `key` in access\.signing$/)
refused('origin that validates somewhere', 'origin: { address: "a:1", validates: »whoami }', /validates/)
refused(
  'secret that is not set',
  `${team}  token: »"\${UNSET}"`,
  /^access\.token: environment variable UNSET is not set$/,
  secret,
)
refused(
  'secret of two words',
  `${team}  serviceToken: { id: a.access, secret: »"\${SECRET}" }`,
  /is not one word of printable characters$/,
  secret,
)
refused(
  'token that is none',
  `${team}  token: »"\${MODE}"`,
  /^access\.token: what it refers to is not an application token \(JWT\)$/,
  secret,
)
refused(
  'secret in place of a path',
  `${team}  serviceToken: { id: a.access, secretFile: »${'5'.repeat(40)}s3cret }`,
  /secretFile: a secret is written in the file/,
  secret,
)
refused(
  'token in place of a path',
  `${team}  tokenFile: »eyJs3cret.x.y`,
  /tokenFile: a secret is written in the file/,
  secret,
)
refused(
  'secret file that is not there',
  `${team}  tokenFile: »./no.jwt`,
  /^access\.tokenFile: `\.\/no\.jwt` does not exist$/,
  file,
)
refused('empty secret file', `${team}  tokenFile: »empty.pem`, /is empty$/, file)
refused(
  'secret file of several words',
  `${team}  tokenFile: »text.pem`,
  /what the file holds is not one word/,
  secret,
)
refused(
  'access of a sibling',
  'siblings:\n  - hostname: b.example\n    access: { team: »x }',
  /^siblings\[0\]\.access\.team: `x` is not a team domain/,
)

refused('origin without address', '»origin: { tls: true }', /^missing key `address` in origin$/)
refused(
  'origin without port',
  'origin: { address: »192.0.2.1 }',
  /^origin\.address: `192\.0\.2\.1` has no port$/,
)
refused(
  'tls of an origin',
  'origin: { address: "a:1", tls: »"yes" }',
  /^origin\.tls: `yes` is not true or false$/,
)
refused(
  'level of pulls',
  'origin: { address: "a:1", pulls: »host }',
  /^origin\.pulls: `host` is not one of hostname, zone, global, none/,
)
refused(
  'identity without pulls',
  'origin: { address: "a:1", »identity: { cert: text.pem, key: text.pem } }',
  /`identity` is of no use without `pulls`$/,
  { others: 0 },
)
refused(
  'another identity without the edge’s own',
  'origin: { address: "a:1", pulls: zone, »otherIdentity: { cert: text.pem, key: text.pem } }',
  /`otherIdentity` is of no use without `identity`$/,
  { others: 0 },
)
refused(
  'identity without key',
  'origin: { address: "a:1", pulls: zone, »identity: { cert: text.pem } }',
  /^missing key `key` in origin\.identity$/,
  { others: 1 },
)
refused(
  'identity that is none',
  'origin: { address: "a:1", pulls: zone, identity: { cert: »text.pem, key: text.pem } }',
  /^origin\.identity\.cert: /,
  { others: 1, code: 'ERR_DEPLOYMENT_FILE' },
)
refused(
  'port of an origin',
  'origin: { address: "a:1", plainPorts: [»0] }',
  /^origin\.plainPorts\[0\]: `0` is not a port/,
)

const plane = `controlPlane:\n  zone: ${zone}\n  account: ${zone}\n`
refused('control plane without token', `»${plane.trimEnd()}`, /^missing key `token` in controlPlane$/)
refused(
  'zone by name',
  `controlPlane: { zone: »a.example, account: ${zone}, token: "\${MODE}" }`,
  /^controlPlane\.zone: `a\.example` is not an id, 32 hexadecimal digits$/,
)
refused(
  'API in the clear',
  `${plane}  token: "\${MODE}"\n  baseURL: »http://api.example/`,
  /^controlPlane\.baseURL: is not an https:\/\/ address$/,
)
refused(
  'API address with a password',
  `${plane}  token: "\${MODE}"\n  baseURL: »https://me:s3cret@api.example/`,
  /leave out user, query and fragment$/,
)
refused(
  'literal API token',
  `${plane}  token: »s3cret`,
  /^controlPlane\.token: a secret is written in the file$/,
  secret,
)

test('what to do instead is said, by the name of the other key', async () => {
  const { problems } = await failure(
    bad,
    `hostname: a.example\n${team}  token: s3cret\n  serviceToken: { id: a.access }\n`,
  )
  const hints = problems.map(({ hint }) => hint ?? '').join(' | ')
  assert.match(
    hints,
    /write \$\{NAME\} here instead \(or give the path of a file that holds it in tokenFile\)/,
  )
  assert.match(hints, /secret is a reference such as \$\{NAME\}; secretFile the path of a file instead/)
  const alone = await failure(bad, 'hostname: a.example\naccess: { team: acme }\n')
  assert.equal(alone.hint, 'did you mean acme.cloudflareaccess.com?')
})
