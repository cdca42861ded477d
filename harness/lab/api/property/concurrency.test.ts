/**
 * Many writes to one resource at the same time: every answer is one the API has, the final state is one that some order of
 * the successful ones explains, limits hold exactly.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { LabState } from '../../state/types.ts'
import { ids, secrets, startTestApi, type TestApi } from '../testing/start.ts'
import { type Answer, type Client, createClient } from './client.ts'
import { accessPath, type View, zonePath } from './operation.ts'
import { createPool, type Pool } from './pool.ts'

const pulls = `${zonePath}/origin_tls_client_auth`
const uploads = `/client/v4/accounts/${ids.account}/mtls_certificates`

/** What answers came to: `200` or `400/1406`, with how often. */
function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, body, text } of answers) {
    assert.equal(body?.success, status < 400, text)
    const key = status < 400 ? String(status) : `${status}/${String(body?.errors?.[0]?.code)}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

const resultOf = <Result = View>({ body }: Answer): Result => body?.result as Result
const many = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index))

describe('many writes at the same time', () => {
  let t: TestApi
  let client: Client
  let pool: Pool
  let start: LabState
  const send: Client['send'] = (...request) => client.send(...request)
  const read = async <Result = View>(path: string): Promise<Result> =>
    resultOf<Result>(await send('GET', path))
  const upload = (index: number, path = `${pulls}/hostnames/certificates`): Promise<Answer> =>
    send('POST', path, { certificate: pool.leaves[index]?.pem, private_key: pool.leaves[index]?.key })

  before(async () => {
    t = await startTestApi({ limits: { requests: Number.MAX_SAFE_INTEGER, clientCertificates: 5 } })
    client = createClient(t.api.port, secrets.edit)
    pool = await createPool(12)
    start = structuredClone(t.store.state)
  })
  after(async () => {
    client.close()
    await t.close()
  })
  beforeEach(() => t.store.replace(structuredClone(start)))

  it('the same certificate twenty times: one is stored', async () => {
    for (const path of [pulls, `${pulls}/hostnames/certificates`]) {
      assert.deepEqual(tally(await Promise.all(many(20, () => upload(0, path)))), { 200: 1, '400/1406': 19 })
      assert.equal((await read<View[]>(path)).length, 1)
    }
    const ca = { ca: true, certificates: pool.cas[0]?.pem }
    const answers = await Promise.all(many(20, () => send('POST', uploads, ca)))
    assert.deepEqual(tally(answers), { 200: 1, '400/1471': 19 })
    assert.equal((await read<View[]>(uploads)).length, 1)
  })

  it('twelve certificates: ten are stored, and after one is deleted one more', async () => {
    assert.deepEqual(tally(await Promise.all(many(12, (index) => upload(index)))), { 200: 10, '400/2005': 2 })
    const stored = await read<View[]>(`${pulls}/hostnames/certificates`)
    assert.equal(stored.length, 10)
    const mixed = await Promise.all([
      send('DELETE', `${pulls}/hostnames/certificates/${String(stored[0]?.id)}`),
      ...many(12, (index) => upload(index)),
    ])
    assert.equal(mixed[0]?.status, 200)
    const count = (await read<View[]>(`${pulls}/hostnames/certificates`)).length
    const { 200: successes = 0 } = tally(mixed.slice(1))
    assert.equal(count, 9 + successes)
    assert.ok(successes <= 1)
  })

  it('a hundred hostnames per certificate: of 30 writes with 4 each, 25 succeed', async () => {
    const { id } = resultOf(await upload(0))
    const answers = await Promise.all(
      many(30, (write) =>
        send('PUT', `${pulls}/hostnames`, {
          config: many(4, (index) => ({
            ...{ hostname: `h${write}-${index}.${ids.zoneName}`, cert_id: id, enabled: true },
          })),
        }),
      ),
    )
    assert.deepEqual(tally(answers), { 200: 25, '400/2005': 5 })
    for (const [write, answer] of answers.entries()) {
      const found = await Promise.all(
        many(4, (index) => send('GET', `${pulls}/hostnames/h${write}-${index}.${ids.zoneName}`)),
      )
      assert.deepEqual(tally(found), answer.status === 200 ? { 200: 4 } : { '404/1553': 4 }, 'all or nothing')
    }
    // Moving them to another certificate makes room.
    const other = resultOf(await upload(1)).id
    const moved = { config: [{ hostname: `h99.${ids.zoneName}`, cert_id: other, enabled: true }] }
    assert.equal((await send('PUT', `${pulls}/hostnames`, moved)).status, 200)
  })

  it('associating and deleting a certificate: never is a hostname left with nothing', async () => {
    for (let round = 0; round < 20; round += 1) {
      t.store.replace(structuredClone(start))
      const { id } = resultOf(await upload(0))
      const hostname = `a.${ids.zoneName}`
      const associate = () =>
        send('PUT', `${pulls}/hostnames`, { config: [{ hostname, cert_id: id, enabled: true }] })
      const remove = () => send('DELETE', `${pulls}/hostnames/certificates/${String(id)}`)
      const order = round % 2 === 0 ? [associate, remove] : [remove, associate]
      const [first, second] = await Promise.all(order.map((act) => act()))
      assert.ok(first !== undefined && second !== undefined)
      const [associated, removed] = round % 2 === 0 ? [first, second] : [second, first]
      assert.equal((associated.status === 200) !== (removed.status === 200), true, 'one of them')
      const [there, certificate] = await Promise.all([
        send('GET', `${pulls}/hostnames/${hostname}`),
        read(`${pulls}/hostnames/certificates/${String(id)}`),
      ])
      assert.equal(there.status, associated.status === 200 ? 200 : 404)
      assert.equal(certificate.status, associated.status === 200 ? 'active' : 'deleted')
    }
  })

  it('a client CA: associating and deleting it, one of them', async () => {
    for (let round = 0; round < 20; round += 1) {
      t.store.replace(structuredClone(start))
      const { id } = resultOf(await send('POST', uploads, { ca: true, certificates: pool.cas[0]?.pem }))
      const path = `${zonePath}/certificate_authorities/hostname_associations`
      const body = { hostnames: [`a.${ids.zoneName}`], mtls_certificate_id: id }
      const answers = await Promise.all([
        ...(round % 2 === 0 ? [send('PUT', path, body)] : []),
        send('DELETE', `${uploads}/${String(id)}`),
        ...(round % 2 === 1 ? [send('PUT', path, body)] : []),
      ])
      assert.equal(tally(answers)[200], 1)
      const lists = (await read<LabState>('/lab/v1/state')).zones[ids.zone]?.hostnameAssociations ?? {}
      const there = (await send('GET', `${uploads}/${String(id)}`)).status === 200
      assert.deepEqual(Object.keys(lists), there ? [id] : [])
    }
  })

  it('PUTs of hostnames and of an entry point: the last one wins whole', async () => {
    const path = `${zonePath}/certificate_authorities/hostname_associations`
    const lists = many(20, (write) => many(3, (index) => `h${write}-${index}.${ids.zoneName}`))
    const answers = await Promise.all(lists.map((hostnames) => send('PUT', path, { hostnames })))
    assert.deepEqual(tally(answers), { 200: 20 })
    const { hostnames } = await read(path)
    assert.ok(lists.some((list) => JSON.stringify(list) === JSON.stringify(hostnames)))

    const entrypoint = `${zonePath}/rulesets/phases/http_request_firewall_custom/entrypoint`
    const rules = (write: number): View[] =>
      many(3, () => ({ action: 'block', expression: 'ssl', description: `d${write}` }))
    const written = await Promise.all(
      many(20, (write) => send('PUT', entrypoint, { description: `d${write}`, rules: rules(write) })),
    )
    assert.deepEqual(tally(written), { 200: 20 })
    const versions = written.map((answer) => Number(resultOf(answer).version)).toSorted((a, b) => a - b)
    assert.deepEqual(
      versions,
      many(20, (index) => index + 1),
      'every write has its own version',
    )
    const last = written.find((answer) => resultOf(answer).version === '20')
    assert.ok(last !== undefined)
    const final = await read(entrypoint)
    assert.deepEqual(final, resultOf(last))
    assert.equal(new Set(written.map((answer) => resultOf(answer).id)).size, 1)
    assert.deepEqual(
      (final.rules as View[]).map(({ description }) => description),
      many(3, () => final.description),
    )
  })

  it('rules added, edited and deleted one by one: none is lost, none comes back', async () => {
    const entrypoint = `${zonePath}/rulesets/phases/http_request_firewall_custom/entrypoint`
    const rule = (ref: string): View => ({ action: 'block', expression: 'ssl', ref })
    const made = resultOf(await send('PUT', entrypoint, { rules: many(10, (index) => rule(`old${index}`)) }))
    const path = `${zonePath}/rulesets/${String(made.id)}/rules`
    const answers = await Promise.all([
      ...many(20, (index) => send('POST', path, { ...rule(`new${index}`), position: { before: '' } })),
      ...(made.rules as View[]).map((old, index) =>
        index % 2 === 0
          ? send('DELETE', `${path}/${String(old.id)}`)
          : send('PATCH', `${path}/${String(old.id)}`, { ...rule(`old${index}`), enabled: false }),
      ),
    ])
    assert.deepEqual(tally(answers), { 200: 30 })
    const { rules, version } = await read(entrypoint)
    assert.equal(version, '31')
    assert.deepEqual(
      (rules as View[]).map(({ ref, enabled }) => `${String(ref)} ${String(enabled)}`).toSorted(),
      [
        ...many(20, (index) => `new${index} true`),
        ...[1, 3, 5, 7, 9].map((index) => `old${index} false`),
      ].toSorted(),
    )
  })

  it('sixty service tokens: fifty are made; twenty rotations of one: each secret was the current one once', async () => {
    const tokens = `${accessPath}/service_tokens`
    const made = await Promise.all(many(60, (index) => send('POST', tokens, { name: `t${index}` })))
    assert.deepEqual(tally(made), { 201: 50, '400/12130': 10 })
    assert.equal((await read<View[]>(`${tokens}?per_page=1000`)).length, 50)
    const one = made.find(({ status }) => status === 201)
    assert.ok(one !== undefined)
    const { id } = resultOf(one)
    const rotated = await Promise.all(many(20, () => send('POST', `${tokens}/${String(id)}/rotate`)))
    assert.deepEqual(tally(rotated), { 200: 20 })
    const given = rotated.map((answer) => String(resultOf(answer).client_secret))
    assert.equal(new Set([...given, resultOf(one).client_secret]).size, 21)
    const state = await read<LabState>('/lab/v1/state')
    const kept = state.accounts[ids.account]?.access.serviceTokens[String(id)]
    assert.equal(kept?.secretVersion, 21)
    const hashes = given.map((secret) => createHash('sha256').update(secret).digest('hex'))
    assert.ok(hashes.includes(kept?.secretHash ?? ''), 'the current secret is one that was given')
  })

  it('a service token that is deleted while a policy begins to name it: one of them', async () => {
    for (let round = 0; round < 10; round += 1) {
      t.store.replace(structuredClone(start))
      const { id } = resultOf(await send('POST', `${accessPath}/service_tokens`, { name: 't' }))
      const include = [{ service_token: { token_id: id } }]
      const acts = [
        () => send('DELETE', `${accessPath}/service_tokens/${String(id)}`),
        () => send('POST', `${accessPath}/policies`, { name: 'p', decision: 'non_identity', include }),
      ]
      const answers = await Promise.all((round % 2 === 0 ? acts : acts.toReversed()).map((act) => act()))
      assert.equal(answers.filter(({ status }) => status < 300).length, 1, JSON.stringify(tally(answers)))
    }
  })

  it('one domain for twenty applications, one organization from twenty: one each', async () => {
    const body = { type: 'self_hosted', domain: `a.${ids.zoneName}`, name: 'app' }
    const apps = await Promise.all(many(20, () => send('POST', `${accessPath}/apps`, body)))
    assert.deepEqual(tally(apps), { 201: 1, '409/11010': 19 })
    const other = `/client/v4/accounts/${ids.otherAccount}/access/organizations`
    const teams = await Promise.all(
      many(20, (index) =>
        send('POST', other, { name: 'o', auth_domain: `team${index}.cloudflareaccess.com` }),
      ),
    )
    assert.deepEqual(tally(teams), { 201: 1, '409/11002': 19 })
  })

  it('client certificates issued at once: the quota holds exactly, revoking frees a place', async () => {
    const path = `${zonePath}/client_certificates`
    const issue = () => send('POST', path, { csr: pool.csrs[0], validity_days: 1 })
    const answers = await Promise.all(many(12, issue))
    assert.deepEqual(tally(answers), { 200: 5, '400/1412': 7 })
    const [first] = await read<View[]>(path)
    const raced = await Promise.all([send('DELETE', `${path}/${String(first?.id)}`), ...many(4, issue)])
    assert.equal(raced[0]?.status, 200)
    const { 200: issued = 0 } = tally(raced.slice(1))
    assert.ok(issued <= 1)
    assert.equal((await read<View[]>(`${path}?status=active`)).length, 4 + issued)
  })

  it('a state imported while keys and certificates are made: what was being made does not undo it', async () => {
    const other = structuredClone(start)
    const zone = other.zones[ids.zone]
    assert.ok(zone !== undefined)
    zone.name = 'imported.test'
    const answers = await Promise.all([
      send('POST', `${accessPath}/keys/rotate`),
      send('POST', `${zonePath}/client_certificates`, { csr: pool.csrs[0], validity_days: 1 }),
      send('PUT', '/lab/v1/state', other),
    ])
    assert.deepEqual(tally(answers), { 200: 3 })
    assert.equal((await read(zonePath)).name, 'imported.test')
    // Made before or after: the state has what it was answered with, or is the imported one.
    const rotatedAt = String(resultOf(answers[0] ?? assert.fail()).last_key_rotation_at)
    const imported = other.accounts[ids.account]?.access.keys.lastRotationAt
    assert.ok([rotatedAt, imported].includes(String((await read(`${accessPath}/keys`)).last_key_rotation_at)))
  })
})
