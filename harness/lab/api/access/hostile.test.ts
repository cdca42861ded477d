/** Bodies of any shape, and many writers at once. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { TestApi } from '../testing/start.ts'
import { ids } from '../testing/state.ts'
import { account, all, startAccessApi } from './testing/start.ts'

const writes = [
  ['POST', 'organizations'],
  ['PUT', 'organizations'],
  ['PATCH', 'organizations'],
  ['POST', 'organizations/revoke_user'],
  ['PUT', 'keys'],
  ['POST', 'apps'],
  ['PUT', 'apps/a'],
  ['POST', 'apps/a/policies'],
  ['PUT', 'apps/a/policies/p'],
  ['POST', 'policies'],
  ['PUT', 'policies/r'],
  ['POST', 'groups'],
  ['PUT', 'groups/g'],
  ['POST', 'identity_providers'],
  ['PUT', 'identity_providers/i'],
  ['POST', 'service_tokens'],
  ['PUT', 'service_tokens/t'],
  ['POST', 'service_tokens/t/rotate'],
  ['POST', 'certificates'],
  ['PUT', 'certificates/c'],
  ['PUT', 'certificates/settings'],
] as const

const names = [
  'name',
  'type',
  'domain',
  'destinations',
  'self_hosted_domains',
  'policies',
  'include',
  'exclude',
  'decision',
  'precedence',
  'config',
  'duration',
  'client_secret_version',
  'previous_client_secret_expires_at',
  'certificate',
  'associated_hostnames',
  'settings',
  'session_duration',
  'allowed_idps',
  'cors_headers',
  'auth_domain',
  'email',
  'key_rotation_interval_days',
]

const values = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    'self_hosted',
    'oidc',
    'onetimepin',
    'allow',
    'a.example.test',
    'forever',
    '1h',
    '2030-12-31T23:59:60Z',
  ),
  fc.array(
    fc.dictionary(
      fc.constantFrom('everyone', 'email', 'ip', 'group', 'id', 'uri', 'type', 'hostname'),
      fc.jsonValue(),
    ),
  ),
)
const bodies = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), values))

describe('the Access control plane under hostile use', () => {
  let api: TestApi
  before(async () => {
    api = await startAccessApi({ limits: { requests: 1_000_000 } })
    const { access } = api.store.state.accounts[ids.account] ?? assert.fail()
    const at = api.store.timestamp()
    const dated = { createdAt: at, updatedAt: at }
    const lists = { include: [{ everyone: {} }], exclude: [], require: [] }
    const policy = {
      name: 'p',
      decision: 'allow' as const,
      ...lists,
      sessionDuration: undefined,
      extra: {},
      ...dated,
    }
    access.policies = {
      p: { id: 'p', applicationId: 'a', ...policy },
      r: { id: 'r', applicationId: undefined, ...policy },
    }
    access.applications = {
      a: {
        id: 'a',
        aud: '0'.repeat(64),
        name: 'a',
        type: 'self_hosted',
        domains: ['example.test'],
        sessionDuration: '24h',
        policies: ['p'],
        settings: {},
        extra: {},
        ...dated,
      },
    }
    access.groups = { g: { id: 'g', name: 'g', ...lists, isDefault: false, ...dated } }
    access.identityProviders = {
      i: { id: 'i', name: 'i', type: 'onetimepin', config: {}, extra: {}, ...dated },
    }
  })
  after(() => api.close())

  it('answers every body with a success or a refusal in the envelope', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes), bodies, async ([method, path], body) => {
        const answer = await api.request(method, `/accounts/${ids.account}/access/${path}`, {
          body: JSON.stringify(body),
        })
        assert.equal(typeof answer.body.success, 'boolean', answer.text)
        assert.equal(answer.body.success, answer.status < 300, answer.text)
        assert.ok(answer.status < 500, `${method} ${path} ${JSON.stringify(body)}: ${answer.text}`)
      }),
      { numRuns: 500 },
    )
  })

  it('concurrent writers lose nothing', async () => {
    const tokens = api.sdk.zeroTrust.access.serviceTokens
    const before = (await all(tokens.list(account))).length
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => tokens.create({ ...account, name: `writer ${at}` })),
    )
    assert.equal((await all(tokens.list(account))).length, before + 20)
    const [first, ...others] = made
    const id = first?.id ?? ''
    const rotations = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        at % 2 === 0
          ? tokens.rotate(id, account)
          : tokens.update(id, { ...account, name: `renamed ${at}`, duration: '1h' }),
      ),
    )
    assert.equal(rotations.length, 10)
    const token = api.store.state.accounts[ids.account]?.access.serviceTokens[id]
    assert.deepEqual([token?.secretVersion, token?.duration], [6, '1h'])
    await Promise.all(others.map((other) => tokens.delete(other.id ?? '', account)))
    assert.equal((await all(tokens.list(account))).length, before + 1)
  })

  it('rotations of the signing key at the same time leave two different keys', async () => {
    await Promise.all([1, 2, 3].map(() => api.sdk.zeroTrust.access.keys.rotate(account)))
    const { keys } = api.store.state.accounts[ids.account]?.access ?? assert.fail()
    assert.ok(keys.previous !== undefined && keys.previous.kid !== keys.current.kid)
  })
})
