/** Every fault of this part, beside the lab without it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from '../../../pki/authority.ts'
import { authenticate } from '../../access/service-credentials.ts'
import { type AccessApiFaultId, accessApiFaults } from '../../faults/access-api.ts'
import type { TestApi } from '../testing/start.ts'
import { ids } from '../testing/state.ts'
import { account, startAccessApi } from './testing/start.ts'

const access = ({ store }: TestApi) => (store.state.accounts[ids.account] ?? assert.fail()).access
const fields = (answer: unknown) => ({ ...(answer as Record<string, unknown>) })

/** Whether a pair still authenticates at the edge. */
const works = (
  api: TestApi,
  id: string | undefined,
  secret: string | undefined,
  at = api.store.now(),
): boolean => authenticate({ id: id ?? '', secret: secret ?? '' }, [access(api)], at, new Set()) !== undefined

const day = 86_400_000
const tokens = (api: TestApi) => api.sdk.zeroTrust.access.serviceTokens
const allow = { name: 'staff', decision: 'allow' as const, include: [{ everyone: {} }] }
const app = { ...account, type: 'self_hosted' as const, domain: 'app.example.test' }

/** What is seen with the fault, and what without. */
type Shows = readonly [withFault: unknown, without: unknown]

const proofs: Record<AccessApiFaultId, { look(api: TestApi): Promise<unknown>; shows: Shows }> = {
  'access-api.rotate-keeps-old-secret': {
    async look(api) {
      const { id = '', client_id, client_secret } = await tokens(api).create({ ...account, name: 'x' })
      const fresh = await tokens(api).rotate(id, account)
      assert.ok(works(api, client_id, fresh.client_secret))
      return works(api, client_id, client_secret, api.store.now() + 300 * day)
    },
    shows: [true, false],
  },
  'access-api.rotate-ignores-grace': {
    async look(api) {
      const { id = '', client_id, client_secret } = await tokens(api).create({ ...account, name: 'x' })
      const until = new Date(api.store.now() + day).toISOString()
      await tokens(api).rotate(id, { ...account, previous_client_secret_expires_at: until })
      assert.ok(!works(api, client_id, client_secret, api.store.now() + 2 * day))
      return works(api, client_id, client_secret)
    },
    shows: [false, true],
  },
  'access-api.delete-leaves-token': {
    async look(api) {
      const { id = '', client_id, client_secret } = await tokens(api).create({ ...account, name: 'x' })
      assert.equal((await tokens(api).delete(id, account)).id, id)
      return works(api, client_id, client_secret)
    },
    shows: [true, false],
  },
  'access-api.disable-ignored': {
    async look(api) {
      const { id = '', client_id, client_secret } = await tokens(api).create({ ...account, name: 'x' })
      assert.equal((await tokens(api).update(id, { ...account, enabled: false })).enabled, false)
      return works(api, client_id, client_secret)
    },
    shows: [true, false],
  },
  'access-api.secret-readable': {
    async look(api) {
      const { id = '', client_secret } = await tokens(api).create({ ...account, name: 'x' })
      return fields(await tokens(api).get(id, account)).client_secret === client_secret
    },
    shows: [true, false],
  },
  'access-api.idp-secret-echoed': {
    async look(api) {
      const url = 'https://idp.example.test/'
      const made = await api.sdk.zeroTrust.identityProviders.create({
        ...account,
        name: 'idp',
        type: 'oidc',
        config: { client_id: 'a', client_secret: 'b', auth_url: url, token_url: url, certs_url: url },
      })
      return fields(fields(made).config).client_secret
    },
    shows: ['b', undefined],
  },
  'access-api.app-update-drops-policies': {
    async look(api) {
      const { id = '' } = await api.sdk.zeroTrust.access.policies.create({ ...account, ...allow })
      const made = fields(await api.sdk.zeroTrust.access.applications.create({ ...app, policies: [id] }))
      await api.sdk.zeroTrust.access.applications.update(String(made.id), app)
      return access(api).applications[String(made.id)]?.policies.length
    },
    shows: [0, 1],
  },
  'access-api.precedence-ignored': {
    async look(api) {
      const policies = [
        { ...allow, name: 'second', precedence: 2 },
        { ...allow, name: 'first', precedence: 1 },
      ]
      const made = fields(await api.sdk.zeroTrust.access.applications.create({ ...app, policies }))
      return (made.policies as { name: string }[]).map(({ name }) => name).join()
    },
    shows: ['second,first', 'first,second'],
  },
  'access-api.revoke-ignored': {
    async look(api) {
      const made = fields(await api.sdk.zeroTrust.access.applications.create(app))
      await api.sdk.zeroTrust.access.applications.revokeTokens(String(made.id), account)
      access(api).users = { a: { id: 'a', email: 'a@example.test', identityProviderId: 'x' } }
      assert.equal(
        await api.sdk.zeroTrust.organizations.revokeUsers({ ...account, email: 'a@example.test' }),
        true,
      )
      return access(api).revocations.length
    },
    shows: [0, 2],
  },
  'access-api.strict-not-kept': {
    async look(api) {
      const body = { strict_service_token_auth: true }
      const answer = await api.request('PATCH', `/accounts/${ids.account}/access/organizations`, { body })
      assert.equal(fields(answer.body.result).strict_service_token_auth, true)
      return access(api).organization?.strictServiceTokenAuth
    },
    shows: [false, true],
  },
  'access-api.ca-deleted-while-attached': {
    async look(api) {
      const { cert } = await createAuthority()
      const path = `/accounts/${ids.account}/access/certificates`
      const made = await api.request('POST', path, {
        body: { name: 'ca', certificate: cert, associated_hostnames: ['app.example.test'] },
      })
      return (await api.request('DELETE', `${path}/${fields(made.body.result).id}`)).status
    },
    shows: [200, 409],
  },
  'access-api.rotation-drops-previous-key': {
    async look(api) {
      const before = access(api).keys.current.kid
      await api.sdk.zeroTrust.access.keys.rotate(account)
      return access(api).keys.previous?.kid === before
    },
    shows: [false, true],
  },
}

for (const { id, sentence } of accessApiFaults) {
  const { look, shows } = proofs[id]
  test(`${id}: ${sentence}`, async () => {
    for (const [at, faults] of [[id], []].entries()) {
      const api = await startAccessApi({ faults })
      try {
        assert.deepEqual(await look(api), shows[at])
      } finally {
        await api.close()
      }
    }
  })
}
