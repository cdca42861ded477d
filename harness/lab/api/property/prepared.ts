/**
 * A control plane with one of everything in it, and for every write a body that it takes.
 * @module
 */
import assert from 'node:assert/strict'
import { ids } from '../testing/start.ts'
import type { Client } from './client.ts'
import { unknownId, type View } from './operation.ts'
import type { Pool } from './pool.ts'

/** A write that succeeds. */
export interface GoodWrite {
  method: string
  /** As the OpenAPI document writes it: `/zones/{zone_id}/…`. */
  template: string
  /** From the root. */
  path: string
  body: View
}

/** Makes one of everything below an owner. */
async function fill(client: Client, owner: string, pool: Pool): Promise<Record<string, string>> {
  const make = async (path: string, body: View, parent = owner): Promise<string> => {
    const answer = await client.send('POST', `/client/v4${parent}${path}`, body)
    assert.ok(answer.status < 300, `${path}: ${answer.text}`)
    return String((answer.body?.result as View | undefined)?.id)
  }
  const isZone = owner.startsWith('/zones')
  const include = [{ everyone: {} }]
  const policy = { name: 'p', decision: 'allow', include }
  const app = await make('/access/apps', appBody(isZone ? 'zone' : 'account'))
  return {
    app_id: app,
    own_policy_id: await make(`/access/apps/${app}/policies`, policy),
    group_id: await make('/access/groups', { name: 'g', include }),
    identity_provider_id: await make('/access/identity_providers', providerBody),
    service_token_id: await make('/access/service_tokens', { name: 't' }),
    access_certificate_id: await make('/access/certificates', { name: 'c', certificate: pool.cas[0]?.pem }),
    ...(isZone
      ? {
          pull_id: await make('/origin_tls_client_auth/hostnames/certificates', {
            certificate: pool.leaves[0]?.pem,
            private_key: pool.leaves[0]?.key,
          }),
        }
      : { policy_id: await make('/access/policies', policy) }),
  }
}

const appBody = (name: string): View => ({
  ...{ type: 'self_hosted', name, session_duration: '1h' },
  destinations: [{ type: 'public', uri: `${name}.${ids.zoneName}` }],
  cors_headers: { allow_all_origins: true, max_age: 10 },
})

const url = 'https://idp.example.test/x'
const providerBody = {
  ...{ name: 'i', type: 'oidc' },
  config: {
    client_id: 'c',
    client_secret: 's',
    auth_url: url,
    token_url: url,
    certs_url: url,
    scopes: ['openid'],
  },
}

/** Fills the control plane, and says what can be written then. */
export async function prepare(client: Client, pool: Pool): Promise<GoodWrite[]> {
  const zone = `/zones/${ids.zone}`
  const account = `/accounts/${ids.account}`
  const inZone = await fill(client, zone, pool)
  const inAccount = await fill(client, account, pool)
  const at = (
    method: string,
    template: string,
    body: View,
    made: Record<string, string> = {},
  ): GoodWrite => ({
    ...{ method, template, body },
    path: `/client/v4${template.replace(/\{(\w+)\}/g, (_, name: string) => {
      const known: Record<string, string> = { zone_id: ids.zone, account_id: ids.account, ...made }
      return known[name] ?? unknownId
    })}`,
  })
  return [
    ...accessWrites(at, '/zones/{zone_id}/access', inZone, 'zone', pool),
    ...accessWrites(at, '/accounts/{account_id}/access', inAccount, 'account', pool),
    ...accountWrites(at, inAccount, pool),
    ...zoneWrites(at, inZone, pool),
  ]
}

type At = (method: string, template: string, body: View, made?: Record<string, string>) => GoodWrite

/** What accounts and zones have alike. */
function accessWrites(
  at: At,
  base: string,
  made: Record<string, string>,
  name: string,
  { cas }: Pool,
): GoodWrite[] {
  const { service_token_id, group_id, identity_provider_id } = made
  const rules = {
    include: [{ group: { id: group_id } }, { service_token: { token_id: service_token_id } }],
    exclude: [{ ip: { ip: '10.0.0.0/8' } }],
    require: [
      { oidc: { claim_name: 'n', claim_value: 'v', identity_provider_id } },
      { geo: { country_code: 'PT' } },
    ],
  }
  const policy = { name: 'p', decision: 'allow', session_duration: '1h', precedence: 7, ...rules }
  const hostnames = [`a.${ids.zoneName}`]
  const policies = { policy_id: made.own_policy_id ?? '' }
  const certificate = { certificate_id: made.access_certificate_id ?? '' }
  const organization = { name: 'o', session_duration: '24h', strict_service_token_auth: false }
  const app = { ...appBody(name), policies: [{ ...policy, precedence: 1 }] }
  return [
    at('POST', `${base}/apps`, {
      ...app,
      destinations: [{ type: 'public', uri: `new-${name}.${ids.zoneName}` }],
    }),
    at('PUT', `${base}/apps/{app_id}`, app, made),
    at('POST', `${base}/apps/{app_id}/policies`, policy, made),
    at('PUT', `${base}/apps/{app_id}/policies/{policy_id}`, policy, { ...made, ...policies }),
    at('POST', `${base}/groups`, { name: 'g', ...rules }),
    at('PUT', `${base}/groups/{group_id}`, { name: 'g', ...rules, include: [{ everyone: {} }] }, made),
    at('POST', `${base}/identity_providers`, providerBody),
    at('PUT', `${base}/identity_providers/{identity_provider_id}`, providerBody, made),
    at('POST', `${base}/service_tokens`, { name: 't', duration: '1h', enabled: true }),
    at(
      'PUT',
      `${base}/service_tokens/{service_token_id}`,
      { name: 't', client_secret_version: 2, previous_client_secret_expires_at: '2030-01-01T00:00:00Z' },
      made,
    ),
    at('POST', `${base}/certificates`, {
      name: 'c',
      certificate: cas[1]?.pem,
      associated_hostnames: hostnames,
    }),
    at(
      'PUT',
      `${base}/certificates/{certificate_id}`,
      { name: 'c', associated_hostnames: hostnames },
      { ...made, ...certificate },
    ),
    at('PUT', `${base}/certificates/settings`, {
      settings: [{ hostname: hostnames[0], china_network: false, client_certificate_forwarding: true }],
    }),
    at('PUT', `${base}/organizations`, organization),
    at('PATCH', `${base}/organizations`, organization),
    at('POST', `${base}/organizations/revoke_user`, { email: 'who@example.test' }),
  ]
}

function accountWrites(at: At, made: Record<string, string>, { cas }: Pool): GoodWrite[] {
  const base = '/accounts/{account_id}'
  const policy = { name: 'p', decision: 'allow', include: [{ everyone: {} }] }
  return [
    at('POST', `${base}/access/policies`, policy),
    at('PUT', `${base}/access/policies/{policy_id}`, policy, made),
    at('PUT', `${base}/access/keys`, { key_rotation_interval_days: 42 }),
    at(
      'POST',
      `${base}/access/service_tokens/{service_token_id}/rotate`,
      { previous_client_secret_expires_at: '2030-01-01T00:00:00Z' },
      made,
    ),
    at('POST', `${base}/mtls_certificates`, { ca: true, certificates: cas[2]?.pem, name: 'ca' }),
  ]
}

function zoneWrites(at: At, { pull_id }: Record<string, string>, { leaves, csrs }: Pool): GoodWrite[] {
  const base = '/zones/{zone_id}'
  const upload = { certificate: leaves[1]?.pem, private_key: leaves[1]?.key, bundle_method: 'ubiquitous' }
  const rule = {
    ...{ action: 'block', expression: 'ssl', description: 'd', enabled: true, ref: 'r' },
    action_parameters: { response: { status_code: 403, content_type: 'text/plain', content: 'no' } },
  }
  const transform = {
    ...{ action: 'rewrite', expression: 'ssl' },
    action_parameters: {
      headers: { 'x-set': { operation: 'set', value: 'v' }, 'x-gone': { operation: 'remove' } },
    },
  }
  const entrypoint = `${base}/rulesets/phases/{ruleset_phase}/entrypoint`
  return [
    at('PATCH', `${base}/settings/ssl`, { value: 'strict' }),
    at('POST', `${base}/client_certificates`, { csr: csrs[0], validity_days: 1 }),
    at('PUT', `${base}/certificate_authorities/hostname_associations`, { hostnames: [`a.${ids.zoneName}`] }),
    at('PATCH', `${base}/managed_headers`, {
      managed_request_headers: [{ id: 'add_true_client_ip_headers', enabled: true }],
      managed_response_headers: [],
    }),
    at('POST', `${base}/origin_tls_client_auth`, upload),
    at('POST', `${base}/origin_tls_client_auth/hostnames/certificates`, upload),
    at('PUT', `${base}/origin_tls_client_auth/hostnames`, {
      config: [{ hostname: `a.${ids.zoneName}`, cert_id: pull_id, enabled: true }],
    }),
    at('PUT', `${base}/origin_tls_client_auth/settings`, { enabled: true }),
    at(
      'PUT',
      entrypoint,
      { description: 'd', rules: [rule] },
      { ruleset_phase: 'http_request_firewall_custom' },
    ),
    at('PUT', entrypoint, { rules: [transform] }, { ruleset_phase: 'http_request_late_transform' }),
    at('POST', `${base}/rulesets`, {
      ...{ kind: 'zone', name: 'default', phase: 'http_request_firewall_custom', rules: [rule] },
    }),
  ]
}
