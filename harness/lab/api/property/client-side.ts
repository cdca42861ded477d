/**
 * Model of what concerns visitors' certificates (cloudflare-facts, section 2): certificates of the managed CA that are
 * revoked and restored with a delay, uploaded CAs, and the hostnames that ask for certificates of either.
 * @module
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ids } from '../testing/start.ts'
import { hostnames, type IssuedModel, type Model } from './model.ts'
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

const issued = `${zonePath}/client_certificates`
const uploads = `/client/v4/accounts/${ids.account}/mtls_certificates`
const associations = `${zonePath}/certificate_authorities/hostname_associations`

const statusOf = ({ revoked, since }: IssuedModel, { now, delays }: Model): string => {
  if (since === undefined) return 'active'
  const pending = now < since + delays.revocation
  if (revoked) return pending ? 'pending_revocation' : 'revoked'
  return pending ? 'pending_reactivation' : 'active'
}

const issuedView = (model: Model, one: IssuedModel): View => ({ ...one.view, status: statusOf(one, model) })

const issue = operation(
  'client certificates.issue',
  fc.record({
    csr: mostly<number | undefined>(fc.nat({ max: 1 }), fc.constant(undefined)),
    days: mostly<unknown>(fc.constantFrom(1, 365), fc.constantFrom(0, '1', 1.5)),
  }),
  (model, { csr: index, days }): Exchange => {
    const csr = index === undefined ? 'garbage' : model.pool.csrs[index]
    const request = { method: 'POST', path: issued, body: { csr, validity_days: days } }
    if (typeof days !== 'number' || days < 1 || days === 1.5) return { ...request, refusals: [[400, 10_001]] }
    if (csr === undefined || index === undefined) return { ...request, refusals: [[400, 1401]] }
    return {
      ...request,
      result(answered) {
        const id = freshId(model, answered, forms.hex)
        const view = answered as View
        assert.deepEqual(
          [view.csr, view.validity_days, view.common_name, view.status],
          [csr.replaceAll('\n', '\r\n'), days, `device-${index}`, 'active'],
        )
        const length = Date.parse(String(view.expires_on)) - Date.parse(String(view.issued_on))
        assert.equal(length, days * 86_400_000)
        model.issued.set(id, { view, revoked: false, since: undefined })
        return view
      },
    }
  },
)

const revoke = operation(
  'client certificates.change',
  fc.record({ which: choice, act: fc.constantFrom('revoke', 'restore') }),
  (model, { which, act }): Exchange => {
    const id = chosen(model.issued, which)
    const one = model.issued.get(id)
    const method = act === 'revoke' ? 'DELETE' : 'PATCH'
    const body = act === 'revoke' ? undefined : { reactivate: true }
    const request = { method, path: `${issued}/${id}`, body }
    if (one === undefined) return { ...request, refusals: [[404, 1415]] }
    if (act === 'revoke' && one.revoked) return { ...request, refusals: [[400, 1407]] }
    return {
      ...request,
      result() {
        // Restoring what is not revoked changes nothing.
        if (one.revoked || act === 'revoke') {
          one.revoked = act === 'revoke'
          one.since = model.now
        }
        return issuedView(model, one)
      },
    }
  },
)

const upload = operation(
  'mtls_certificates.upload',
  mostly<number | 'leaf' | 'garbage'>(fc.nat({ max: 2 }), fc.constantFrom('leaf', 'garbage')),
  (model, which): Exchange => {
    const { pool, uploads: uploaded, now } = model
    const ca = typeof which === 'number' ? pool.cas[which] : undefined
    const certificates = ca?.pem ?? (which === 'leaf' ? pool.leaves[0]?.pem : 'garbage')
    const request = { method: 'POST', path: uploads, body: { ca: true, certificates, name: 'ca' } }
    if (ca === undefined) return { ...request, refusals: [[400, which === 'leaf' ? 1474 : 1408]] }
    if ([...uploaded.values()].some((view) => view.certificates === certificates))
      return { ...request, refusals: [[400, 1471]] }
    return {
      ...request,
      result(answered) {
        const view = {
          ...{ id: freshId(model, answered, forms.uuid), name: 'ca', ca: true, certificates },
          ...{ issuer: `CN=Client Root ${which}`, signature: 'ECDSAWithSHA256', serial_number: ca.serial },
          ...{ expires_on: ca.expiresOn, uploaded_on: iso(now), type: 'custom' },
        }
        uploaded.set(view.id, view)
        return { ...view, updated_at: iso(now) }
      },
    }
  },
)

const remove = operation(
  'mtls_certificates.delete',
  choice,
  ({ uploads: uploaded, hostnames: lists }, which) => {
    const id = chosen(uploaded, which)
    const request = { method: 'DELETE', path: `${uploads}/${id}` }
    const view = uploaded.get(id)
    if (view === undefined) return { ...request, refusals: [[404, 1472]] }
    if (lists.has(id)) return { ...request, refusals: [[400, 1433]] }
    return {
      ...request,
      result() {
        uploaded.delete(id)
        return view
      },
    }
  },
)

const associate = operation(
  'hostname_associations.put',
  fc.record({
    ca: fc.option(choice, { nil: undefined, freq: 2 }),
    names: fc.array(
      mostly<string>(fc.constantFrom(...hostnames.own), fc.constantFrom(...hostnames.foreign)),
      {
        maxLength: 3,
      },
    ),
  }),
  ({ uploads: uploaded, hostnames: lists }, { ca, names }): Exchange => {
    const id = ca === undefined ? undefined : chosen(uploaded, ca)
    const body = { hostnames: names, ...(id === undefined ? {} : { mtls_certificate_id: id }) }
    const request = { method: 'PUT', path: associations, body }
    const refusals: (readonly [number, number])[] = []
    if (id !== undefined && !uploaded.has(id)) refusals.push([404, 1472])
    if (names.some((name) => !hostnames.own.some((own) => own === name))) refusals.push([400, 1416])
    if (refusals.length > 0) return { ...request, refusals }
    return {
      ...request,
      result() {
        const list = [...new Set(names)]
        if (list.length === 0) lists.delete(id ?? '')
        else lists.set(id ?? '', list)
        return { hostnames: list }
      },
    }
  },
)

/** All of them. */
export const clientSideOperations = fc.oneof(
  { weight: 2, arbitrary: issue },
  { weight: 4, arbitrary: revoke },
  { weight: 2, arbitrary: upload },
  { weight: 2, arbitrary: remove },
  { weight: 4, arbitrary: associate },
)

/** What looking at everything has to give. */
export function readClientSide(model: Model): [path: string, expected: unknown][] {
  const { uploads: uploaded, hostnames: lists } = model
  const views = [...model.issued.values()].map((one) => issuedView(model, one))
  return [
    [issued, views.toReversed()],
    [`${issued}?status=revoked`, views.filter(({ status }) => status === 'revoked').toReversed()],
    ...views.map((view): [string, unknown] => [`${issued}/${String(view.id)}`, view]),
    [uploads, [...uploaded.values()]],
    [associations, { hostnames: lists.get('') ?? [] }],
    ...[...uploaded].flatMap(([id, view]): [string, unknown][] => [
      [`${uploads}/${id}`, view],
      [`${uploads}/${id}/associations`, lists.has(id) ? [{ service: 'api_shield', status: 'active' }] : []],
      [`${associations}?mtls_certificate_id=${id}`, { hostnames: lists.get(id) ?? [] }],
    ]),
  ]
}
