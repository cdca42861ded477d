import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createAuthority } from '../../pki/authority.ts'
import { assertRefused, assertSdkRefused, ids, startTestApi, type TestApi } from './testing/start.ts'

const zone_id = ids.zone
const path = `/zones/${zone_id}/certificate_authorities/hostname_associations`

describe('hostname associations', () => {
  let t: TestApi
  let own: string
  before(async () => {
    t = await startTestApi()
    const { cert } = await createAuthority({ name: 'CN=Own' })
    const made = await t.sdk.mtlsCertificates.create({
      account_id: ids.account,
      ca: true,
      certificates: cert,
    })
    own = made.id ?? ''
  })
  after(() => t.close())

  const put = async (hostnames: string[], id?: string): Promise<string[] | undefined> =>
    (
      await t.sdk.certificateAuthorities.hostnameAssociations.update({
        zone_id,
        hostnames,
        ...(id === undefined ? {} : { mtls_certificate_id: id }),
      })
    ).hostnames
  const get = async (id?: string): Promise<string[] | undefined> =>
    (
      await t.sdk.certificateAuthorities.hostnameAssociations.get({
        zone_id,
        ...(id === undefined ? {} : { mtls_certificate_id: id }),
      })
    ).hostnames

  test('PUT replaces the list of one CA; without an id that of the managed CA', async () => {
    assert.deepEqual(await get(), [])
    assert.deepEqual(await put(['a.example.test', 'b.example.test']), ['a.example.test', 'b.example.test'])
    assert.deepEqual(await put(['c.example.test'], own), ['c.example.test'])
    assert.deepEqual(await put(['b.example.test', 'example.test']), ['b.example.test', 'example.test'])
    assert.deepEqual(await get(), ['b.example.test', 'example.test'])
    assert.deepEqual(await get(own), ['c.example.test'])
    assert.deepEqual(await put([], own), [])
    assert.deepEqual(await get(own), [])
    assert.deepEqual(t.store.state.zones[zone_id]?.hostnameAssociations, {
      managed: ['b.example.test', 'example.test'],
    })
  })

  test('names are kept once, in lower case', async () => {
    assert.deepEqual(await put(['A.example.test', 'a.EXAMPLE.test']), ['a.example.test'])
  })

  test('hostnames of other zones and what is no hostname are refused, and the list stays', async () => {
    await put(['kept.example.test'])
    for (const bad of [
      'a.other.test',
      'badexample.test',
      'example.test.evil.test',
      '',
      '.example.test',
      'a..example.test',
      'a b.example.test',
      'x.example.test.',
      '*.example.test',
    ])
      await assertSdkRefused(put(['fine.example.test', bad]), { status: 400, code: 1416 })
    assert.deepEqual(await get(), ['kept.example.test'])
  })

  test('a CA the account does not have is 404 / 1472, a leaf is no CA', async () => {
    const theirs = await t.sdk.mtlsCertificates.create({
      account_id: ids.otherAccount,
      ca: true,
      certificates: (await createAuthority({ name: 'CN=Theirs' })).cert,
    })
    for (const id of ['managed', '__proto__', '2458ce5a-0c35-4c7f-82c7-8e9487d3ff60', theirs.id ?? '']) {
      await assertSdkRefused(put(['a.example.test'], id), { status: 404, code: 1472 })
      await assertSdkRefused(get(id), { status: 404, code: 1472 })
    }
    const leaf = await (await createAuthority()).issue({ name: 'leaf' })
    const made = await t.sdk.mtlsCertificates.create({
      account_id: ids.account,
      ca: false,
      certificates: leaf.cert,
      private_key: leaf.key,
    })
    await assertSdkRefused(put(['a.example.test'], made.id), { status: 400, code: 1473 })
  })

  test('wrong types are refused: 400 / 10001', async () => {
    for (const body of [
      {},
      { hostnames: 'a.example.test' },
      { hostnames: [1] },
      { hostnames: null },
      { hostnames: [], mtls_certificate_id: 1 },
    ])
      assertRefused(await t.request('PUT', path, { body }), { status: 400, code: 10_001 })
  })
})
