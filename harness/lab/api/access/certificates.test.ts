import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import Cloudflare from 'cloudflare'
import { type Authority, createAuthority } from '../../../pki/authority.ts'
import { assertRefused, assertSdkRefused, type TestApi } from '../testing/start.ts'
import { ids, secrets } from '../testing/state.ts'
import { account, all, startAccessApi, zone } from './testing/start.ts'

const wrong = { status: 400, code: 12130 }

describe('client CAs of Access through the SDK', () => {
  let api: TestApi
  let ca: Authority
  let now = Date.UTC(2026, 8, 1)
  before(async () => {
    ca = await createAuthority({ name: 'CN=Company Root' })
    api = await startAccessApi({ clock: () => now })
  })
  after(() => api.close())
  const certificates = () => api.sdk.zeroTrust.access.certificates

  it('shows the MD5 fingerprint and the end of the certificate', async () => {
    const { data, response } = await certificates()
      .create({ ...account, name: 'root', certificate: ca.cert, associated_hostnames: ['Corp.example.test'] })
      .withResponse()
    assert.equal(response.status, 201)
    const { raw, validTo } = new X509Certificate(ca.cert)
    const md5 = createHash('md5').update(raw).digest('hex').toUpperCase()
    assert.equal(data.fingerprint?.replaceAll(':', ''), md5)
    assert.match(data.fingerprint ?? '', /^([0-9A-F]{2}:){15}[0-9A-F]{2}$/)
    assert.equal(Date.parse(data.expires_on ?? ''), Date.parse(validTo))
    assert.deepEqual(data.associated_hostnames, ['corp.example.test'])
    assert.deepEqual(
      (await all(certificates().list(account))).map(({ id }) => id),
      [data.id],
    )
    assert.deepEqual(await certificates().get(data.id ?? '', account), data)
  })

  it('refuses to delete a CA while hostnames are attached', async () => {
    const [{ id = '' } = {}] = await all(certificates().list(account))
    await assertSdkRefused(certificates().delete(id, account), { status: 409, code: 12132 })
    const put = await certificates()
      .update(id, { ...account, associated_hostnames: [], name: 'old root' })
      .withResponse()
    assert.deepEqual(
      [put.response.status, put.data.name, put.data.associated_hostnames],
      [200, 'old root', []],
    )
    const gone = await certificates().delete(id, account).withResponse()
    assert.deepEqual([gone.response.status, gone.data.id], [200, id])
    await assertSdkRefused(certificates().get(id, account), { status: 404, code: 12135 })
  })

  it('refuses what is no CA and hostnames of others', async () => {
    const leaf = await ca.issue({ name: 'sensor' })
    for (const body of [
      { name: 'x', certificate: leaf.cert },
      { name: 'x', certificate: 'not a certificate' },
      { name: 'x', certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
      { name: 'x' },
      { certificate: ca.cert },
      { name: 'x', certificate: ca.cert, associated_hostnames: ['api.other.test'] },
      { name: 'x', certificate: ca.cert, associated_hostnames: ['*.example.test'] },
      { name: 'x', certificate: ca.cert, associated_hostnames: 'corp.example.test' },
    ])
      assertRefused(
        await api.request('POST', `/accounts/${ids.account}/access/certificates`, { body }),
        wrong,
      )
    assert.deepEqual(await all(certificates().list(account)), [])
  })

  it('an account has room for 50', async () => {
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        certificates().create({ ...(at === 0 ? zone : account), name: `${at}`, certificate: ca.cert }),
      ),
    )
    await assert.rejects(
      async () => await certificates().create({ ...account, name: '51', certificate: ca.cert }),
      (error) =>
        error instanceof Cloudflare.BadRequestError &&
        error.errors[0]?.code === 12130 &&
        /maximum number of certificates has been reached/.test(error.errors[0].message ?? ''),
    )
    assert.equal((await all(certificates().list({ ...account, per_page: 20 }))).length, 49)
    await Promise.all(made.map(({ id = '' }, at) => certificates().delete(id, at === 0 ? zone : account)))
  })

  it('a second write of the settings too soon conflicts, and the SDK’s own retry gets through', async () => {
    api.store.state.delays.certificateSettings = 5000
    const settings = (forwarding: boolean) => ({
      ...account,
      settings: [
        { hostname: 'corp.example.test', china_network: false, client_certificate_forwarding: forwarding },
      ],
    })
    const first = await api.request('PUT', `/accounts/${ids.account}/access/certificates/settings`, {
      body: settings(true),
    })
    assert.equal(first.status, 202)
    assert.deepEqual(first.body.result, settings(true).settings)
    await assertSdkRefused(certificates().settings.update(settings(false)), { status: 409, code: 12132 })
    assert.deepEqual(await all(certificates().settings.get(account)), settings(true).settings)
    let attempts = 0
    const patient = new Cloudflare({
      baseURL: api.api.baseURL,
      apiToken: secrets.edit,
      apiKey: null,
      apiEmail: null,
      fetch: (input, init) => {
        attempts += 1
        if (attempts === 2) now += 5000
        return fetch(input, init)
      },
    })
    await patient.zeroTrust.access.certificates.settings.update(settings(false))
    assert.equal(attempts, 2)
    assert.deepEqual(await all(certificates().settings.get(account)), settings(false).settings)
  })

  it('settings name hostnames of the account, and a zone sees its own', async () => {
    now += 10_000
    const { id = '' } = await certificates().create({
      ...zone,
      name: 'zone',
      certificate: ca.cert,
      associated_hostnames: ['zone.example.test'],
    })
    const hostnames = (await all(certificates().settings.get(zone))).map(({ hostname }) => hostname)
    assert.deepEqual(hostnames, ['corp.example.test', 'zone.example.test'])
    for (const bad of [
      {
        settings: [{ hostname: 'api.other.test', china_network: false, client_certificate_forwarding: true }],
      },
      { settings: [{ hostname: 'corp.example.test', client_certificate_forwarding: true }] },
      { settings: [] },
      { settings: {} },
    ])
      assertRefused(
        await api.request('PUT', `/zones/${ids.zone}/access/certificates/settings`, { body: bad }),
        wrong,
      )
    await certificates().update(id, { ...zone, associated_hostnames: [] })
    await certificates().delete(id, zone)
  })
})
