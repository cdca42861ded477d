/**
 * Model of origin pulls (cloudflare-facts, section 1): three switches, certificates that come and go with a delay, a
 * tombstone that comes back under its id, all-or-nothing writes of associations.
 * @module
 */
import fc from 'fast-check'
import { type AssociationModel, hostnames, type Model, type PullModel } from './model.ts'
import {
  choice,
  chosen,
  type Exchange,
  forms,
  freshId,
  iso,
  mostly,
  operation,
  type View,
  zonePath,
} from './operation.ts'

type Level = 'zone' | 'hostname'
const base = `${zonePath}/origin_tls_client_auth`
const paths: Readonly<Record<Level, string>> = { zone: base, hostname: `${base}/hostnames/certificates` }
const missing = { zone: [404, 1552], hostname: [404, 1551] } as const

const statusOf = ({ activeAt, goneAt }: PullModel, now: number): string => {
  if (goneAt !== undefined) return now >= goneAt ? 'deleted' : 'pending_deletion'
  return now >= activeAt ? 'active' : 'pending_deployment'
}

const leafView = ({ pool }: Model, { leaf, pem }: PullModel): View => ({
  certificate: pem,
  expires_on: pool.leaves[leaf]?.expiresOn,
  issuer: 'Example Inc.',
  signature: 'ECDSAWithSHA256',
})

const view = (model: Model, level: Level, one: PullModel): View => ({
  id: one.id,
  ...leafView(model, one),
  ...(level === 'hostname' ? { serial_number: model.pool.leaves[one.leaf]?.serial } : {}),
  status: statusOf(one, model.now),
  uploaded_on: iso(one.uploadedAt),
})

const associationView = (model: Model, hostname: string, one: AssociationModel, removed = false): View => {
  const certificate = model.pulls.hostname.get(one.certificate)
  if (certificate === undefined) throw new Error('the model has an association with nothing')
  return {
    hostname,
    cert_id: one.certificate,
    enabled: removed ? null : one.enabled,
    status: removed ? 'deleted' : model.now >= one.activeAt ? 'active' : 'pending_deployment',
    created_at: iso(one.createdAt),
    updated_at: iso(one.updatedAt),
    cert_status: statusOf(certificate, model.now),
    cert_updated_at: iso(certificate.updatedAt),
    cert_uploaded_on: iso(certificate.uploadedAt),
    ...leafView(model, certificate),
    serial_number: model.pool.leaves[certificate.leaf]?.serial,
  }
}

const level = fc.constantFrom<Level>('zone', 'hostname')

const upload = operation(
  'pulls.upload',
  fc.record({
    level,
    leaf: fc.nat({ max: 2 }),
    wrong: mostly(fc.constant(undefined), fc.constantFrom('key', 'no key', 'ca', 'garbage')),
    /** White space around the PEM does not make it another one. */
    padded: fc.boolean(),
  }),
  (model, { level, leaf: index, wrong, padded }): Exchange => {
    const { pool, now, pulls } = model
    const leaf = pool.leaves[index]
    const ca = pool.cas[0]
    if (leaf === undefined || ca === undefined) throw new Error('the pool is too small')
    const pem = padded ? `\n${leaf.pem}\n\n` : leaf.pem
    const request = { method: 'POST', path: paths[level] }
    switch (wrong) {
      case 'garbage':
        return {
          ...request,
          body: { certificate: 'garbage', private_key: leaf.key },
          refusals: [[400, 1408]],
        }
      case 'ca':
        return { ...request, body: { certificate: ca.pem, private_key: ca.key }, refusals: [[400, 2101]] }
      case 'key':
        return { ...request, body: { certificate: pem, private_key: ca.key }, refusals: [[400, 2106]] }
      case 'no key':
        return { ...request, body: { certificate: pem }, refusals: [[400, 2106]] }
    }
    const body = { certificate: pem, private_key: leaf.key, bundle_method: 'ubiquitous' }
    const same = [...pulls[level].values()].find((one) => one.leaf === index)
    if (same !== undefined && statusOf(same, now) !== 'deleted')
      return { ...request, body, refusals: [[400, 1406]] }
    return {
      ...request,
      body,
      result(answered) {
        const id = same?.id ?? freshId(model, answered, forms.hex)
        const activeAt = now + model.delays.deployment
        const made = { id, leaf: index, pem, uploadedAt: now, updatedAt: now, activeAt, goneAt: undefined }
        pulls[level].set(id, made)
        return view(model, level, made)
      },
    }
  },
)

const remove = operation(
  'pulls.delete',
  fc.record({ level, which: choice }),
  (model, { level, which }): Exchange => {
    const { pulls, now } = model
    const id = chosen(pulls[level], which)
    const request = { method: 'DELETE', path: `${paths[level]}/${id}` }
    const one = pulls[level].get(id)
    if (one === undefined) return { ...request, refusals: [missing[level]] }
    const refused = {
      pending_deployment: [400, 1434],
      pending_deletion: [400, 1414],
      deleted: level === 'zone' ? ([400, 1414] as const) : missing.hostname,
    } as const
    const status = statusOf(one, now)
    if (status in refused) return { ...request, refusals: [refused[status as keyof typeof refused]] }
    const used = [...pulls.associations.values()].some(
      ({ certificate, until, activeAt }) => certificate === id || (until === id && now < activeAt),
    )
    if (level === 'hostname' && used) return { ...request, refusals: [[400, 1433]] }
    return {
      ...request,
      result() {
        one.goneAt = now + model.delays.deletion
        one.updatedAt = now
        return view(model, level, one)
      },
    }
  },
)

const associate = operation(
  'pulls.associate',
  fc.array(
    fc.record({
      hostname: mostly(fc.constantFrom<string>(...hostnames.own), fc.constant<string>(hostnames.foreign[1])),
      certificate: mostly<number | undefined>(choice, fc.constant(undefined)),
      enabled: fc.constantFrom(true, true, false, null),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  (model, items): Exchange => {
    const { pulls, now } = model
    const config = items.map(({ certificate, ...rest }) => ({
      ...rest,
      ...(certificate === undefined ? {} : { cert_id: chosen(pulls.hostname, certificate) }),
    }))
    const refusals: [number, number][] = config.flatMap(({ cert_id: id, hostname }): [number, number][] => {
      if (id === undefined) return [[400, 1404]]
      const certificate = pulls.hostname.get(id)
      const there = certificate !== undefined && certificate.goneAt === undefined
      return there && hostnames.own.some((own) => own === hostname) ? [] : [[400, 1415]]
    })
    const request = { method: 'PUT', path: `${base}/hostnames`, body: { config } }
    if (refusals.length > 0) return { ...request, refusals }
    return {
      ...request,
      result: () =>
        config.map(({ hostname, enabled, cert_id: certificate = '' }) => {
          const before = pulls.associations.get(hostname)
          const activeAt = Math.max(
            now + model.delays.deployment,
            pulls.hostname.get(certificate)?.activeAt ?? now,
          )
          const until =
            before === undefined ? undefined : now >= before.activeAt ? before.certificate : before.until
          const after = {
            ...{ certificate, enabled: enabled === true, createdAt: before?.createdAt ?? now },
            ...{ updatedAt: now, activeAt, until },
          }
          if (enabled === null) pulls.associations.delete(hostname)
          else pulls.associations.set(hostname, after)
          return associationView(model, hostname, after, enabled === null)
        }),
    }
  },
)

const zoneSwitch = operation(
  'pulls.settings',
  mostly<unknown>(fc.boolean(), fc.constantFrom('true', null)),
  (model, enabled) => {
    const request = { method: 'PUT', path: `${base}/settings`, body: { enabled } }
    if (typeof enabled !== 'boolean') return { ...request, refusals: [[400, 10_001]] }
    return {
      ...request,
      result() {
        model.pulls.enabled = enabled
        return { enabled }
      },
    }
  },
)

const setting = operation(
  'zone.setting',
  fc.constantFrom(
    ...(['off', 'flexible', 'full', 'strict', 'on'] as const).map((value) => ['ssl', value] as const),
    ...(['on', 'off', 'toString'] as const).map((value) => ['tls_client_auth', value] as const),
  ),
  ({ settings, now }, [id, value]) => {
    const good = id === 'ssl' ? value !== 'on' : value !== 'toString'
    const request = { method: 'PATCH', path: `${zonePath}/settings/${id}`, body: { value } }
    if (!good) return { ...request, refusals: [[400, 1007]] }
    return {
      ...request,
      result() {
        settings[id] = { value, modified_on: iso(now) }
        return { id, editable: true, ...settings[id] }
      },
    }
  },
)

/** All of them; uploads and associations more often. */
export const pullOperations = fc.oneof(
  { weight: 4, arbitrary: upload },
  { weight: 2, arbitrary: remove },
  { weight: 4, arbitrary: associate },
  { weight: 2, arbitrary: zoneSwitch },
  { weight: 1, arbitrary: setting },
)

/** What looking at everything has to give: path, and result or refusal. */
export function readPulls(model: Model): [path: string, expected: unknown][] {
  const { pulls, now, settings } = model
  return [
    [`${base}/settings`, { enabled: pulls.enabled }],
    ...(['ssl', 'tls_client_auth'] as const).map((id): [string, unknown] => [
      `${zonePath}/settings/${id}`,
      { id, editable: true, ...settings[id] },
    ]),
    ...(['zone', 'hostname'] as const).flatMap((level): [string, unknown][] => [
      [
        paths[level],
        [...pulls[level].values()]
          .filter((one) => statusOf(one, now) !== 'deleted')
          .map((one) => view(model, level, one)),
      ],
      ...[...pulls[level].values()].map((one): [string, unknown] => [
        `${paths[level]}/${one.id}`,
        view(model, level, one),
      ]),
    ]),
    ...hostnames.own.map((hostname): [string, unknown] => {
      const one = pulls.associations.get(hostname)
      return [
        `${base}/hostnames/${hostname}`,
        one === undefined ? { refused: [404, 1553] } : associationView(model, hostname, one),
      ]
    }),
  ]
}
