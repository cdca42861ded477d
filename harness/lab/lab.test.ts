import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { HarnessError } from '../errors.ts'
import { describeCertificate } from '../pki/describe.ts'
import type { Mint } from '../pki/mint.ts'
import { certificatesIn } from '../pki/pem.ts'
import { forwardedHeaders, partner, portal, primary, telemetry, www } from './hostnames.ts'
import { createLabMaterial, type Lab, type LabMaterial, startLab } from './lab.ts'
import { inWords, originSaw, type Seen, type Sent, send } from './testing/client.ts'
import { mintFor } from './testing/mint.ts'

let material: LabMaterial
let lab: Lab
let mint: Mint

before(async () => {
  material = await createLabMaterial()
  lab = await startLab({ material })
  mint = mintFor(material)
})
after(() => lab.close())

const versions = ['TLSv1.2', 'TLSv1.3'] as const
const https = [1, 2] as const
const header = ({ headers }: Seen, name: string): string | undefined =>
  headers.find(([key]) => key === name)?.[1]
const words = async (sent: Sent): Promise<string> => inWords(await send(lab, sent))
const sensor = () => material.identities['sensor-001']

for (const version of versions) {
  for (const http of https) {
    test(`${version}, HTTP/${http}: enforce lets valid in and refuses the rest at HTTP`, async () => {
      const like = { version, http }
      assert.equal(await words({ ...like, identity: sensor() }), '200 valid')
      assert.equal(await words(like), '403')
      assert.equal(await words({ ...like, identity: material.identities['revoked-001'] }), '403')
      assert.equal(await words({ ...like, identity: await mint.get('self-signed') }), '403')
      assert.equal(await words({ ...like, identity: await mint.get('impostor-ca') }), '403')
    })

    test(`${version}, HTTP/${http}: report mode lets all pass and tells the origin`, async () => {
      const like = { version, http, to: telemetry.hostname }
      assert.equal(await words(like), '200 none')
      assert.equal(await words({ ...like, identity: sensor() }), '200 valid')
      const invalid = await mint.get('expired-day')
      assert.equal(await words({ ...like, identity: invalid }), '200 invalid:certificate has expired')
      const revoked = material.identities['revoked-001']
      assert.equal(await words({ ...like, identity: revoked }), '200 invalid:certificate revoked')
    })
  }
}

test('each hostname has its own client CAs', async () => {
  const { 'sensor-001': a, 'partner-001': b } = material.identities
  for (const [to, ofA, ofB] of [
    [primary.hostname, '200 valid', '403'],
    [partner.hostname, '403', '200 valid'],
    [portal.hostname, '200 valid', '200 valid'],
    [www.hostname, '200 -', '200 -'],
  ] as const) {
    assert.equal(await words({ to, identity: a }), ofA, `${to} with CA A`)
    assert.equal(await words({ to, identity: b }), ofB, `${to} with CA B`)
  }
})

test('the origin is told the fields of the certificate, in the formats of the edge', async () => {
  const seen = await send(lab, { identity: sensor() })
  const described = describeCertificate(sensor().cert)
  assert.ok(described.ok)
  const { facts } = described
  for (const [name, value] of [
    [forwardedHeaders.presented, '1'],
    [forwardedHeaders.ski, facts.ski],
    [forwardedHeaders.issuerSki, facts.aki],
    [forwardedHeaders.subject, 'CN=sensor-001,OU=Devices,O=Harness Lab'],
    [forwardedHeaders.issuer, 'CN=Harness Lab Client CA A,O=Harness Lab'],
    [forwardedHeaders.serial, facts.serial],
    [forwardedHeaders.fingerprint, facts.fingerprint256],
    [forwardedHeaders.notBefore, facts.notBefore],
    [forwardedHeaders.notAfter, facts.notAfter],
  ]) {
    assert.deepEqual(originSaw(seen, name ?? ''), [value], name)
  }
  assert.match(facts.ski ?? '', /^[0-9A-F]{40}$/)
  const none = await send(lab, { to: telemetry.hostname })
  assert.deepEqual(originSaw(none, forwardedHeaders.presented), ['0'])
  assert.deepEqual(originSaw(none, forwardedHeaders.subject), [])
})

test('the identity is the first certificate, whatever follows', async () => {
  const identity = { ...sensor(), cert: sensor().cert + material.identities['partner-001'].cert }
  const seen = await send(lab, { identity })
  assert.deepEqual(originSaw(seen, forwardedHeaders.fingerprint), [sensor().fingerprint256])
})

test('a leaf in pieces with an issuer that did not sign it reaches HTTP all the same', async () => {
  // OpenSSL leaves an error behind for such a chain; many certificates make the flight arrive in several reads.
  const tampered = await mint.get('intermediate-tampered')
  const [leaf = Buffer.alloc(0)] = certificatesIn(tampered.cert)
  assert.ok(leaf.length > 0)
  const padding = Array.from({ length: 30 }, () => material.identities['partner-001'].cert).join('')
  const identity = { ...tampered, cert: tampered.cert + padding }
  for (const version of versions) {
    assert.equal(await words({ version, identity }), '403')
    assert.equal(
      await words({ version, identity, to: telemetry.hostname }),
      '200 invalid:certificate signature failure',
    )
  }
})

for (const { hostname, mtls } of [primary, partner, portal]) {
  test(`${hostname}: the refusal is byte-exact, not cacheable and the same for every reason`, async () => {
    const bodies = new Set<string>()
    for (const http of https) {
      for (const identity of [undefined, await mint.get('self-signed'), await mint.get('expired-years')]) {
        const seen = await send(lab, { to: hostname, http, ...(identity === undefined ? {} : { identity }) })
        assert.equal(seen.status, mtls.refusal?.status ?? 403)
        assert.equal(header(seen, 'cache-control'), 'no-store')
        assert.equal(header(seen, 'content-type'), mtls.refusal?.contentType ?? 'text/html; charset=utf-8')
        assert.ok(seen.headers.every(([name]) => !name.startsWith('cf-cert')))
        bodies.add(seen.body)
      }
    }
    assert.equal(bodies.size, 1)
    if (mtls.refusal !== undefined) assert.deepEqual([...bodies], [mtls.refusal.body.toString('latin1')])
  })
}

test('every method, path and size is refused, and the origin is not contacted', async () => {
  const counted = async (): Promise<number> => (await send(lab, { identity: sensor() })).echo?.count ?? 0
  const before = await counted()
  for (const http of https) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
      assert.equal((await send(lab, { http, method, path: '/any' })).status, 403, method)
    }
    assert.equal((await send(lab, { http, method: 'POST', body: Buffer.alloc(4_000_000) })).status, 403)
  }
  assert.equal((await send(lab, { method: 'OPTIONS', path: '*' })).status, 403)
  assert.equal((await send(lab, { headers: [['Range', 'bytes=0-1']] })).status, 403)
  assert.equal(
    (
      await send(lab, {
        headers: [
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
        ],
      })
    ).status,
    403,
  )
  assert.equal(await counted(), before + 1)
})

test('HEAD gets status and headers of GET, without the body', async () => {
  const [get, head] = [await send(lab, {}), await send(lab, { method: 'HEAD' })]
  assert.equal(head.status, 403)
  assert.equal(head.body, '')
  const comparable = ({ headers }: Seen) => headers.filter(([name]) => name !== 'date' && name !== 'cf-ray')
  assert.deepEqual(comparable(head), comparable(get))
})

test('several requests on one connection are each judged', async () => {
  for (const http of https) {
    assert.equal(await words({ http, times: 3 }), '403')
    assert.equal(await words({ http, times: 3, identity: sensor() }), '200 valid')
  }
})

test('bodies are carried both ways', async () => {
  for (const http of https) {
    const post = {
      identity: sensor(),
      http,
      method: 'POST',
      path: '/temps',
      body: Buffer.alloc(300_000, 'x'),
    }
    assert.equal((await send(lab, post)).status, 201)
    assert.equal(
      (await send(lab, { identity: sensor(), http, path: '/temps' })).body.includes('celsius'),
      true,
    )
    assert.equal((await send(lab, { identity: sensor(), http, path: '/nothing' })).status, 404)
  }
})

for (const version of versions) {
  test(`${version}: mTLS hostnames issue nothing to resume, the public one does, and only there it resumes`, async () => {
    for (const { hostname } of [primary, telemetry, partner, portal]) {
      const identity = hostname === partner.hostname ? material.identities['partner-001'] : sensor()
      assert.deepEqual((await send(lab, { to: hostname, version, identity })).sessions, [], hostname)
      assert.deepEqual((await send(lab, { to: hostname, version })).sessions, [], hostname)
    }
    const { sessions } = await send(lab, { to: www.hostname, version })
    const session = sessions.at(-1)
    assert.ok(session)
    assert.equal((await send(lab, { to: www.hostname, version, session })).resumed, true)
    const elsewhere = await send(lab, { version, session })
    assert.equal(elsewhere.resumed, false)
    assert.equal(inWords(elsewhere), '403')
  })
}

test('the plain port redirects to https without content, and knows no other names', async () => {
  const seen = await send(lab, { clear: 'plain-port', path: '/a?b=c' })
  assert.equal(seen.status, 301)
  assert.equal(header(seen, 'location'), `https://${primary.hostname}:${lab.edge.port}/a?b=c`)
  assert.equal(seen.body, '')
  assert.equal((await send(lab, { clear: 'plain-port', host: 'evil.test' })).status, 403)
})

test('HTTP without TLS on the TLS port gets a 400', async () => {
  assert.equal((await send(lab, { clear: 'tls-port' })).status, 400)
})

test('the canary repeats the challenge beside a fresh nonce, and counts', async () => {
  const path = '/__harness/echo?challenge=beef&marker=m1'
  const [first, second] = [
    await send(lab, { identity: sensor(), path }),
    await send(lab, { identity: sensor(), path }),
  ]
  assert.equal(first.echo?.challenge, 'beef')
  assert.notEqual(first.echo?.nonce, second.echo?.nonce)
  assert.equal(second.echo?.count, (first.echo?.count ?? 0) + 1)
  assert.deepEqual([first.echo?.marked, second.echo?.marked], [1, 2])
  assert.equal((await send(lab, { identity: sensor(), path: '/__harness/echo?challenge=<b>' })).status, 400)
  assert.equal((await send(lab, { identity: sensor(), path: '/__harness/echo' })).status, 400)
})

test('faults and ports that cannot be had are usage errors', async () => {
  await assert.rejects(
    startLab({ material, faults: ['edge.open-in-1.4'] }),
    (error) =>
      error instanceof HarnessError && error.code === 'ERR_USAGE' && /open-in-1/.test(error.hint ?? ''),
  )
  await assert.rejects(
    startLab({ material, port: lab.edge.port }),
    (error) =>
      error instanceof HarnessError &&
      error.code === 'ERR_USAGE' &&
      error.message.includes(String(lab.edge.port)),
  )
  await assert.rejects(startLab({ material, signal: AbortSignal.abort() }), { code: 'ERR_INTERRUPTED' })
})

test('close ends open connections at once, twice is fine, and a signal closes too', async () => {
  const controller = new AbortController()
  const other = await startLab({ material, signal: controller.signal })
  const pending = send(other, {
    to: www.hostname,
    method: 'POST',
    headers: [['Content-Length', '10']],
    path: '/temps',
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  controller.abort()
  await other.close()
  await other.close()
  assert.equal((await pending).status, 0)
  assert.equal((await send(other, { to: www.hostname })).error, 'ECONNREFUSED')
})
