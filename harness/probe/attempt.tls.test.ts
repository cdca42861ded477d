import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { to, told, withHonest } from '../../fixtures/hostile/attempts.ts'
import { hostileName, material } from '../../fixtures/hostile/material.ts'
import { type Authority, createAuthority } from '../pki/authority.ts'
import type { Identity } from '../pki/types.ts'
import { attempt } from './attempt.ts'

const versions = ['TLSv1.2', 'TLSv1.3'] as const

let clients: Authority
let valid: Identity
let stranger: Identity
before(async () => {
  clients = await createAuthority({ name: 'CN=Client CA' })
  valid = await clients.issue({ name: 'valid' })
  stranger = await (await createAuthority({ name: 'CN=Other CA' })).issue({ name: 'stranger' })
})

const proof = { canary: '/c' }
let trust: string
before(async () => {
  trust = (await material()).ca
})

test('a certificate outside the CA names of the server is sent all the same, and so is a weak one', async () => {
  const weak = { ...(await clients.issue({ name: 'weak', algorithm: 'rsa-1024' })), weak: true }
  for (const version of versions) {
    const options = {
      requestCert: true,
      rejectUnauthorized: false,
      ca: clients.cert,
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT:@SECLEVEL=0',
    }
    await withHonest(options, async ({ port, seen }) => {
      for (const identity of [stranger, weak, valid]) await to(port, { identity })
      await to(port)
      const expected = [stranger.fingerprint256, weak.fingerprint256, valid.fingerprint256, undefined]
      assert.deepEqual(
        seen.map(({ client }) => client),
        expected,
      )
      const [first, , third, last] = seen.map(({ authorized }) => authorized)
      assert.deepEqual([first, third, last], [false, true, false])
    })
  }
})

test('an identity that OpenSSL does not take ends in an outcome, without its key', async () => {
  await withHonest({}, async ({ port }) => {
    const broken = { ...valid, key: stranger.key }
    const outcome = await to(port, { identity: broken })
    assert.deepEqual([outcome.verdict, outcome.code], ['inconclusive', 'client-error'])
    assert.doesNotMatch(JSON.stringify(outcome), /PRIVATE KEY/)
  })
})

describe('versions', () => {
  for (const version of versions) {
    const other = version === 'TLSv1.2' ? 'TLSv1.3' : 'TLSv1.2'
    test(`a server of ${version} only`, async () => {
      await withHonest({ minVersion: version, maxVersion: version }, async ({ port }) => {
        const pinned = await to(port, { version })
        assert.deepEqual([pinned.verdict, pinned.tls?.version], ['allowed', version])
        const best = await to(port)
        assert.deepEqual([best.verdict, best.tls?.version], ['allowed', version])
        const unsupported = await to(port, { version: other })
        assert.deepEqual(
          told(unsupported),
          ['inconclusive', 'version-unsupported', 'tls', undefined],
          unsupported.summary,
        )
      })
    })
  }

  test('a server of TLS 1.1 only', async () => {
    await withHonest(
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      async ({ port }) => {
        assert.equal((await to(port)).code, 'version-unsupported')
      },
    )
  })

  test('a server without HTTP/2', async () => {
    for (const ALPNProtocols of [['http/1.1'], undefined]) {
      await withHonest(ALPNProtocols === undefined ? {} : { ALPNProtocols }, async ({ port, seen }) => {
        assert.equal((await to(port, { alpn: 'h2' })).code, 'version-unsupported')
        assert.equal(seen.length, 0)
      })
    }
  })
})

test('SNI is sent as asked: as given, in upper case, another, none', async () => {
  await withHonest({}, async ({ port, seen }) => {
    const wanted: (string | false | undefined)[] = [undefined, 'HOSTILE.Test', 'other.test', false]
    for (const servername of wanted) {
      const outcome = await to(port, servername === undefined ? {} : { servername })
      assert.equal(outcome.verdict, 'allowed', outcome.summary)
      assert.equal(
        outcome.transcript?.serverName,
        servername === false ? undefined : (servername ?? hostileName),
      )
    }
    assert.deepEqual(
      seen.map((one) => one.servername),
      [hostileName, 'HOSTILE.Test', 'other.test', false],
    )
    // An address is not a name: none is sent (RFC 6066 §3).
    const byAddress = await attempt({ endpoint: { hostname: '127.0.0.1', port, trust }, proof })
    assert.deepEqual(
      [byAddress.verdict, byAddress.transcript?.serverName, byAddress.tls?.trusted],
      ['allowed', undefined, true],
    )
  })
})

test('the server certificate is judged, but never ends the attempt', async () => {
  await withHonest({}, async ({ port }) => {
    const endpoint = { hostname: hostileName, address: '127.0.0.1', port }
    const good = await attempt({ endpoint: { ...endpoint, trust }, proof })
    assert.deepEqual([good.verdict, good.tls?.trusted, good.tls?.trustError], ['allowed', true, undefined])
    const unknown = await attempt({ endpoint, proof })
    assert.deepEqual([unknown.verdict, unknown.tls?.trusted], ['allowed', false])
    assert.match(unknown.tls?.trustError ?? '', /UNABLE_TO|unable to/)
    const otherName = await attempt({ endpoint: { ...endpoint, hostname: 'other.test', trust }, proof })
    assert.deepEqual([otherName.verdict, otherName.tls?.trusted], ['allowed', false])
    assert.match(otherName.tls?.trustError ?? '', /ALTNAME|altnames/)
  })
})

describe('resumption', () => {
  for (const version of versions) {
    test(`${version}: only a session that is handed in is resumed`, async () => {
      await withHonest({ minVersion: version, maxVersion: version }, async ({ port, seen }) => {
        const first = await to(port, { waitForTickets: 1000 })
        const session = first.sessions.at(-1)
        assert.ok(session !== undefined)
        assert.equal(first.tls?.resumed, false)
        const again = await to(port, {})
        assert.equal(again.tls?.resumed, false)
        const resumed = await to(port, { session })
        assert.deepEqual(
          [resumed.verdict, resumed.tls?.resumed, resumed.transcript?.resumed],
          ['allowed', true, true],
        )
        assert.deepEqual(
          seen.map((one) => one.resumed),
          [false, false, true],
        )
      })
    })
  }

  test('a session of another server, and garbage for a session, are not resumed and break nothing', async () => {
    await withHonest({}, async (one) => {
      const { sessions } = await to(one.port, { waitForTickets: 1000 })
      const session = sessions.at(-1)
      assert.ok(session !== undefined)
      await withHonest({}, async (other) => {
        const foreign = await to(other.port, { session })
        assert.deepEqual([foreign.verdict, foreign.tls?.resumed], ['allowed', false])
        const garbage = await to(other.port, { session: Buffer.from('garbage') })
        assert.ok(
          garbage.verdict === 'allowed' ? garbage.tls?.resumed === false : garbage.code === 'client-error',
        )
      })
    })
  })
})
