import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { forwardedHeaders, primary, telemetry, www } from './hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from './lab.ts'
import { inWords, originSaw, type Seen, type Sent, send } from './testing/client.ts'

let material: LabMaterial
let lab: Lab

before(async () => {
  material = await createLabMaterial()
  lab = await startLab({ material })
})
after(() => lab.close())

const https = [1, 2] as const
const header = ({ headers }: Seen, name: string): string | undefined =>
  headers.find(([key]) => key === name)?.[1]
const words = async (sent: Sent): Promise<string> => inWords(await send(lab, sent))
const sensor = () => material.identities['sensor-001']

test('SNI decides: unknown and missing names end in an alert, case does not matter', async () => {
  for (const sni of ['nobody.harness.test', 'harness.test', `${primary.hostname}.`, false] as const) {
    assert.match(
      (await send(lab, { sni, host: primary.hostname })).error ?? '',
      /UNRECOGNIZED_NAME/,
      String(sni),
    )
  }
  assert.equal(await words({ sni: primary.hostname.toUpperCase() }), '403')
  assert.equal(await words({ sni: primary.hostname.toUpperCase(), identity: sensor() }), '200 valid')
})

test('a Host that differs from SNI gets a bare 403 before anything, certificate or not', async () => {
  for (const http of https) {
    for (const [to, host] of [
      [www.hostname, primary.hostname],
      [primary.hostname, www.hostname],
      [telemetry.hostname, primary.hostname],
      [primary.hostname, 'nobody.test'],
    ] as const) {
      const seen = await send(lab, { to, host, http, identity: sensor() })
      assert.equal(seen.status, 403, `${to} with Host ${host}`)
      assert.equal(seen.body, 'Forbidden\n')
    }
  }
  assert.equal(
    (await send(lab, { host: `user@${primary.hostname}`, identity: sensor() })).body,
    'Forbidden\n',
  )
})

test('spellings of the right Host are the same door', async () => {
  const own = `${primary.hostname}:${lab.edge.port}`
  for (const host of [
    primary.hostname.toUpperCase(),
    `${primary.hostname}.`,
    `${primary.hostname}:443`,
    own,
  ]) {
    assert.equal(await words({ host }), '403', host)
    assert.equal(await words({ host, identity: sensor() }), '200 valid', host)
    const seen = await send(lab, { host, identity: sensor() })
    assert.deepEqual(originSaw(seen, 'host'), [primary.hostname])
  }
  assert.equal((await send(lab, { host: `${primary.hostname}:444`, identity: sensor() })).body, 'Forbidden\n')
})

test('an absolute-form target overrides Host, and must name the SNI', async () => {
  const path = `https://${primary.hostname}/__harness/echo?challenge=ab`
  assert.equal((await send(lab, { to: www.hostname, path })).body, 'Forbidden\n')
  assert.equal(await words({ path }), '403')
  const seen = await send(lab, { path, identity: sensor(), host: primary.hostname })
  assert.equal(inWords(seen), '200 valid')
  assert.equal(seen.echo?.path, '/__harness/echo?challenge=ab')
})

test('two Host fields, or none that can be read, are malformed', async () => {
  assert.equal((await send(lab, { identity: sensor(), headers: [['Host', www.hostname]] })).status, 400)
  assert.equal((await send(lab, { identity: sensor(), path: 'nonsense' })).status, 400)
})

const spellings: [string, string][] = [
  ['cf-cert-verified', 'forged'],
  ['CF-CERT-VERIFIED', 'forged'],
  ['cf_cert_verified', 'forged'],
  ['Cf-Cert_Subject-DN', 'forged'],
  ['cf-cert-verified', 'forged'],
  ['cf-cert-anything', 'forged'],
  ['Client-Cert', 'forged'],
  ['client_cert_chain', 'forged'],
  ['X-Forwarded-Client-Cert', 'forged'],
  ['Cf-Client-Cert-Der-Base64', 'forged'],
  ['X-SSL-Client-Verify', 'forged'],
]

for (const { hostname } of [primary, telemetry, www]) {
  test(`${hostname}: no claim of the client about certificates reaches the origin, other headers do`, async () => {
    for (const http of https) {
      const headers =
        http === 1
          ? spellings
          : spellings.map(([name, value]): [string, string] => [name.toLowerCase(), value])
      const seen = await send(lab, {
        to: hostname,
        http,
        identity: sensor(),
        headers: [...headers, ['x-other', 'kept']],
      })
      assert.ok(seen.echo)
      assert.deepEqual(
        seen.echo.headers.filter(([, value]) => value.includes('forged')),
        [],
      )
      assert.deepEqual(originSaw(seen, 'x-other'), ['kept'])
      assert.equal(originSaw(seen, forwardedHeaders.status).length, hostname === www.hostname ? 0 : 1)
    }
  })
}

test('Connection cannot remove what the edge sets, and removes what the client sent', async () => {
  const headers: [string, string][] = [
    ['Connection', `close, ${forwardedHeaders.status}, X-Mine, x-forwarded-for, cf-ray`],
    ['X-Mine', 'gone'],
  ]
  const seen = await send(lab, { identity: sensor(), headers })
  assert.deepEqual(originSaw(seen, forwardedHeaders.status), ['valid'])
  assert.deepEqual(originSaw(seen, 'x-mine'), [])
  assert.deepEqual(originSaw(seen, 'x-forwarded-for'), ['127.0.0.1'])
  assert.equal(originSaw(seen, 'cf-ray').length, 1)
})

test('trailers are dropped', async () => {
  const trailer = ['5', 'hello', '0', `${forwardedHeaders.status}: forged`, '', ''].join('\r\n')
  const headers: [string, string][] = [
    ['Transfer-Encoding', 'chunked'],
    ['Trailer', forwardedHeaders.status],
    ['Connection', 'close'],
  ]
  const seen = await send(lab, {
    identity: sensor(),
    method: 'POST',
    headers,
    path: '/__harness/echo?challenge=ab',
    chunked: trailer,
  })
  assert.equal(inWords(seen), '200 valid')
  assert.deepEqual(
    seen.echo?.headers.filter(([, value]) => value.includes('forged')),
    [],
  )
})

test('answers carry the edge’s name and a request id', async () => {
  const seen = await send(lab, { identity: sensor() })
  assert.equal(header(seen, 'server'), 'cloudflare')
  assert.match(header(seen, 'cf-ray') ?? '', /^[0-9a-f]{16}-LAB$/)
  assert.deepEqual(originSaw(seen, 'cf-ray'), [header(seen, 'cf-ray')])
})
