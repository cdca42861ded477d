/**
 * Model of what else Access has: service tokens, client CAs and their settings, the organization, the signing keys. Secrets
 * are shown once; what the state keeps of them is compared too.
 * @module
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { AccessServiceToken } from '../../state/access-types.ts'
import type { LabState } from '../../state/types.ts'
import { ids } from '../testing/start.ts'
import { isReferred } from './directory.ts'
import { hostnames, type Model, type TokenModel } from './model.ts'
import {
  accessPath,
  choice,
  chosen,
  defined,
  type Exchange,
  forms,
  freshId,
  iso,
  mostly,
  operation,
  type View,
} from './operation.ts'

const bad = [400, 12_130] as const
const hour = 3_600_000
const year = 365 * 24 * hour
const lengths: Readonly<Record<string, number | undefined>> = {
  '8760h': year,
  '1h': hour,
  '24h': 24 * hour,
  forever: undefined,
}

const tokenView = ({ view, expiresAt }: TokenModel): View => ({
  ...view,
  ...(expiresAt === undefined ? {} : { expires_at: iso(expiresAt) }),
})

/** The token with its secret, which the answer shows now and never again. */
function withSecret(model: Model, token: TokenModel, answered: unknown): View {
  token.secret = freshId(model, answered, /^cfast_[A-Za-z0-9]{48}$/, 'client_secret')
  return { ...token.view, client_secret: token.secret }
}

/** A new secret: the old one is good until then, or dies. */
function rotated(model: Model, token: TokenModel, until: string | undefined, answered: unknown): View {
  const alive = until !== undefined && Date.parse(until) > model.now
  token.previous = alive ? { secret: token.secret, until } : undefined
  token.view.updated_at = iso(model.now)
  return withSecret(model, token, answered)
}

/** Milliseconds from now at which an old secret ends. */
const grace = fc.constantFrom(undefined, hour, -hour)
const length = mostly<string | undefined>(
  fc.constantFrom(undefined, ...Object.keys(lengths)),
  fc.constant('soon'),
)
const tokens = `${accessPath}/service_tokens`

const createToken = operation(
  'tokens.create',
  fc.record({
    name: mostly(fc.constantFrom('t', 'u'), fc.constant('')),
    length,
    enabled: fc.constantFrom(undefined, true, false),
  }),
  (model, { name, length: duration, enabled }): Exchange => {
    const { access, now } = model
    const request = { method: 'POST', path: tokens, body: defined({ name, duration, enabled }) }
    if (name === '' || duration === 'soon') return { ...request, refusals: [bad] }
    return {
      ...request,
      status: 201,
      result(answered) {
        const client_id = freshId(model, answered, /^[0-9a-f]{32}\.access$/, 'client_id')
        const lasts = lengths[duration ?? '8760h']
        const token: TokenModel = {
          view: {
            ...{ id: freshId(model, answered, forms.uuid), name, client_id, duration: duration ?? '8760h' },
            ...{ enabled: enabled ?? true, created_at: iso(now), updated_at: iso(now) },
          },
          expiresAt: lasts === undefined ? undefined : now + lasts,
          ...{ secret: '', version: 1, previous: undefined },
        }
        access.tokens.set(String(token.view.id), token)
        return withSecret(model, token, answered)
      },
    }
  },
)

const changeToken = operation(
  'tokens.update',
  fc.record({
    which: choice,
    name: fc.constantFrom(undefined, 'renamed'),
    length,
    enabled: fc.constantFrom(undefined, true, false),
    version: fc.constantFrom(undefined, undefined, 0, 1, 2, -1),
    grace,
  }),
  (model, { which, name, length: duration, enabled, version, grace: after }): Exchange => {
    const { access, now } = model
    const id = chosen(access.tokens, which)
    const token = access.tokens.get(id)
    // Relative to the version it has.
    const wanted = version === undefined ? undefined : (token?.version ?? 1) + version
    const until = after === undefined ? undefined : iso(now + after)
    const body = defined({
      ...{ name, duration, enabled, client_secret_version: wanted },
      previous_client_secret_expires_at: until,
    })
    const request = { method: 'PUT', path: `${tokens}/${id}`, body }
    if (token === undefined) return { ...request, refusals: [[404, 12_135]] }
    if (duration === 'soon' || version === -1) return { ...request, refusals: [bad] }
    return {
      ...request,
      result(answered) {
        if (name !== undefined) token.view.name = name
        if (enabled !== undefined) token.view.enabled = enabled
        if (duration !== undefined) {
          const lasts = lengths[duration]
          token.view.duration = duration
          token.expiresAt = lasts === undefined ? undefined : now + lasts
        }
        token.view.updated_at = iso(now)
        if (wanted !== undefined && wanted > token.version) {
          token.version = wanted
          return rotated(model, token, until, answered)
        }
        if (until !== undefined && token.previous !== undefined) token.previous.until = until
        return tokenView(token)
      },
    }
  },
)

const useToken = operation(
  'tokens.act',
  fc.record({ which: choice, act: fc.constantFrom('rotate', 'rotate', 'refresh', 'delete'), grace }),
  (model, { which, act, grace: after }): Exchange => {
    const { access, now } = model
    const id = chosen(access.tokens, which)
    const token = access.tokens.get(id)
    const until = after === undefined ? undefined : iso(now + after)
    const request = {
      method: act === 'delete' ? 'DELETE' : 'POST',
      path: act === 'delete' ? `${tokens}/${id}` : `${tokens}/${id}/${act}`,
      body: act === 'rotate' ? defined({ previous_client_secret_expires_at: until }) : undefined,
    }
    if (token === undefined) return { ...request, refusals: [[404, 12_135]] }
    if (act === 'delete' && isReferred(model, id)) return { ...request, refusals: [[400, 12_139]] }
    return {
      ...request,
      result(answered) {
        if (act === 'rotate') {
          token.version += 1
          return rotated(model, token, until, answered)
        }
        if (act === 'delete') {
          access.tokens.delete(id)
          return tokenView(token)
        }
        if (token.expiresAt !== undefined) token.expiresAt = Math.max(token.expiresAt, now) + year
        token.view.updated_at = iso(now)
        return tokenView(token)
      },
    }
  },
)

const hostname = mostly(fc.constantFrom<string>(...hostnames.own), fc.constant<string>(hostnames.foreign[0]))
const names = fc.array(hostname, { maxLength: 2 })
const isForeign = (name: string): boolean => !hostnames.own.some((own) => own === name.toLowerCase())
const certificates = `${accessPath}/certificates`

const createCertificate = operation(
  'certificates.create',
  fc.record({ ca: fc.constantFrom(0, 1, 2, 'leaf', 'garbage'), names }),
  (model, { ca: which, names: given }): Exchange => {
    const { access, pool, now } = model
    const ca = typeof which === 'number' ? pool.cas[which] : undefined
    const pem = ca?.pem ?? (which === 'leaf' ? pool.leaves[0]?.pem : 'garbage')
    const request = {
      ...{ method: 'POST', path: certificates },
      body: { name: 'ca', certificate: pem, associated_hostnames: given },
    }
    if (ca === undefined || given.some(isForeign)) return { ...request, refusals: [bad] }
    return {
      ...request,
      status: 201,
      result(answered) {
        const view = {
          ...{ id: freshId(model, answered, forms.uuid), name: 'ca', fingerprint: ca.fingerprint },
          ...{ associated_hostnames: [...new Set(given)], expires_on: ca.expiresOn },
          ...{ created_at: iso(now), updated_at: iso(now) },
        }
        access.certificates.set(view.id, view)
        return view
      },
    }
  },
)

const changeCertificate = operation(
  'certificates.change',
  fc.record({ which: choice, names: fc.oneof(names, fc.constant('delete' as const)) }),
  ({ access, now }, { which, names: given }): Exchange => {
    const id = chosen(access.certificates, which)
    const before = access.certificates.get(id)
    const path = `${certificates}/${id}`
    const request =
      given === 'delete'
        ? { method: 'DELETE', path }
        : { method: 'PUT', path, body: { associated_hostnames: given } }
    if (before === undefined) return { ...request, refusals: [[404, 12_135]] }
    if (given === 'delete') {
      if ((before.associated_hostnames as string[]).length > 0)
        return { ...request, refusals: [[409, 12_132]] }
      return {
        ...request,
        result() {
          access.certificates.delete(id)
          return { id }
        },
      }
    }
    if (given.some(isForeign)) return { ...request, refusals: [bad] }
    return {
      ...request,
      result() {
        const view = { ...before, associated_hostnames: [...new Set(given)], updated_at: iso(now) }
        access.certificates.set(id, view)
        return view
      },
    }
  },
)

/** What was written, and hostnames that have a CA and nothing written. */
function settingsView({ access }: Model): View[] {
  const attached = [...access.certificates.values()].flatMap((view) => view.associated_hostnames as string[])
  return [...new Set([...access.certificateSettings.keys(), ...attached])].toSorted().map(
    (hostname) =>
      access.certificateSettings.get(hostname) ?? {
        ...{ hostname, china_network: false, client_certificate_forwarding: false },
      },
  )
}

const writeSettings = operation(
  'certificates.settings',
  fc.array(
    fc.record({
      hostname,
      china_network: fc.constant(false),
      client_certificate_forwarding: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  (model, settings): Exchange => {
    const { access, now } = model
    const request = { method: 'PUT', path: `${certificates}/settings`, body: { settings } }
    const refusals: (readonly [number, number])[] = []
    if (settings.length === 0 || settings.some(({ hostname }) => isForeign(hostname))) refusals.push(bad)
    if (now < access.settingsWrittenAt + model.delays.certificateSettings) refusals.push([409, 12_132])
    if (refusals.length > 0) return { ...request, refusals }
    return {
      ...request,
      status: 202,
      result() {
        for (const setting of settings) access.certificateSettings.set(setting.hostname, setting)
        access.settingsWrittenAt = now
        return settingsView(model)
      },
    }
  },
)

const organization = operation(
  'organization.update',
  fc.record({
    method: fc.constantFrom('PUT', 'PATCH'),
    change: fc.record(
      {
        name: fc.constantFrom('Renamed', ''),
        auth_domain: fc.constantFrom(
          'First.cloudflareaccess.com',
          'new-name.cloudflareaccess.com',
          'new-name.example.test',
        ),
        session_duration: fc.constantFrom('1h', '15m', '1m', '745h'),
        strict_service_token_auth: fc.boolean(),
        is_ui_read_only: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
  ({ access, now }, { method, change }): Exchange => {
    const request = { method, path: `${accessPath}/organizations`, body: change }
    const { name, auth_domain: domain, session_duration: session } = change
    if (name === '' || domain === 'new-name.example.test' || session === '1m' || session === '745h')
      return { ...request, refusals: [bad] }
    return {
      ...request,
      result() {
        access.organization = {
          ...{ ...access.organization, ...change, updated_at: iso(now) },
          ...(domain === undefined ? {} : { auth_domain: domain.toLowerCase() }),
        }
        return access.organization
      },
    }
  },
)

const keysView = ({ access: { keys }, now }: Model): View => ({
  key_rotation_interval_days: keys.interval,
  days_until_next_rotation: Math.ceil((keys.rotatedAt - now) / (24 * hour) + keys.interval),
  last_key_rotation_at: iso(keys.rotatedAt),
})

const interval = operation(
  'keys.update',
  fc.constantFrom<unknown>(42, 365, 30, 20, 366, '30', 30.5),
  (model, days) => {
    const request = { method: 'PUT', path: `${accessPath}/keys`, body: { key_rotation_interval_days: days } }
    if (typeof days !== 'number' || days < 21 || days > 365 || !Number.isInteger(days))
      return { ...request, refusals: [bad] }
    return {
      ...request,
      result() {
        model.access.keys.interval = days
        return keysView(model)
      },
    }
  },
)

/** Makes an RSA key: kept rare. */
const rotateKeys = operation('keys.rotate', fc.constant(null), (model) => ({
  ...{ method: 'POST', path: `${accessPath}/keys/rotate` },
  result() {
    model.access.keys.rotatedAt = model.now
    model.access.keys.rotated = true
    return keysView(model)
  },
}))

/** All of them. */
export const accountOperations = fc.oneof(
  { weight: 80, arbitrary: createToken },
  { weight: 80, arbitrary: changeToken },
  { weight: 80, arbitrary: useToken },
  { weight: 60, arbitrary: createCertificate },
  { weight: 60, arbitrary: changeCertificate },
  { weight: 60, arbitrary: writeSettings },
  { weight: 60, arbitrary: organization },
  { weight: 30, arbitrary: interval },
  { weight: 1, arbitrary: rotateKeys },
)

/** What looking at everything has to give. */
export function readAccount(model: Model): [path: string, expected: unknown][] {
  const { access } = model
  const each = (path: string, views: View[]): [string, unknown][] => [
    [path, views],
    ...views.map((view): [string, unknown] => [`${path}/${String(view.id)}`, view]),
  ]
  return [
    [`${accessPath}/organizations`, access.organization],
    [`${accessPath}/keys`, keysView(model)],
    [`${certificates}/settings`, settingsView(model)],
    ...each(tokens, [...access.tokens.values()].map(tokenView)),
    ...each(certificates, [...access.certificates.values()]),
  ]
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** What the API never shows, in an exported state: secrets as hashes, the end of old ones, what was revoked, two keys. */
export function assertHidden({ access, now, delays }: Model, state: LabState): void {
  const kept = state.accounts[ids.account]?.access
  assert.ok(kept !== undefined)
  for (const [id, { secret, version, previous }] of access.tokens) {
    const token: AccessServiceToken | undefined = kept.serviceTokens[id]
    assert.deepEqual(
      [token?.secretHash, token?.secretVersion, token?.previous],
      [
        hash(secret),
        version,
        previous === undefined ? undefined : { secretHash: hash(previous.secret), until: previous.until },
      ],
      `secrets of ${id}`,
    )
  }
  const text = JSON.stringify(state)
  for (const { secret } of access.tokens.values())
    assert.ok(!text.includes(secret), 'a secret is in the state')
  for (const [aud, at] of access.revoked) {
    const held = kept.revocations.some(
      ({ who, issuedUntil, from }) =>
        'application' in who &&
        who.application === aud &&
        issuedUntil === at &&
        from === at + delays.sessionRevocation,
    )
    assert.ok(held || now < at, `tokens of ${aud} are not revoked`)
  }
  const { keys } = kept
  assert.equal(keys.previous !== undefined, access.keys.rotated, 'the key before the current one')
  assert.notEqual(keys.previous?.kid, keys.current.kid)
}
