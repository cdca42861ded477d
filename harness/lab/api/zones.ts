/**
 * Zones, read only: `GET /zones` with its filters, and `GET /zones/{id}`.
 * @module
 */
import type { ZoneState } from '../state/types.ts'
import { type ApiContext, type Routes, zoneIn } from './context.ts'
import { maySee } from './credentials.ts'
import { page, success } from './envelope.ts'
import { credentialOf } from './gate.ts'
import { pathParameter, queryOf } from './query.ts'

/** Operators of the name filter: `contains:example`; without one, equality. */
const operators: Readonly<Record<string, (name: string, wanted: string) => boolean>> = {
  equal: (name, wanted) => name === wanted,
  not_equal: (name, wanted) => name !== wanted,
  starts_with: (name, wanted) => name.startsWith(wanted),
  ends_with: (name, wanted) => name.endsWith(wanted),
  contains: (name, wanted) => name.includes(wanted),
}

/** Adds them. */
export const zoneRoutes: Routes = (app, context) => {
  const { store } = context

  app.get('/zones', (request) => {
    const query = queryOf(request)
    const filters = filtersOf(query, context)
    const any = query.get('match') === 'any'
    const found = Object.values(store.state.zones)
      .filter((zone) => maySee(credentialOf(request), { id: zone.accountId }))
      .filter((zone) =>
        any && filters.length > 0 ? filters.some((fits) => fits(zone)) : filters.every((fits) => fits(zone)),
      )
    if (query.get('order') === 'name') found.sort((a, b) => (a.name < b.name ? -1 : 1))
    if (query.get('direction') === 'desc') found.reverse()
    return page(
      found.map((zone) => show(zone, context)),
      request.query,
      { default: 20, max: 50 },
    )
  })

  app.get('/zones/:zone_id', (request) =>
    success(show(zoneIn(context, pathParameter(request, 'zone_id')), context)),
  )
}

function filtersOf(
  query: ReadonlyMap<string, string>,
  { store }: ApiContext,
): ((zone: ZoneState) => boolean)[] {
  const filters: ((zone: ZoneState) => boolean)[] = []
  const add = (name: string, fits: (zone: ZoneState, wanted: string) => boolean): void => {
    const wanted = query.get(name)
    if (wanted !== undefined) filters.push((zone) => fits(zone, wanted))
  }
  add('name', ({ name }, wanted) => {
    const [, operator = 'equal', text = wanted] = /^([a-z_]+):(.*)$/.exec(wanted) ?? []
    const fits = Object.hasOwn(operators, operator) ? operators[operator] : undefined
    return fits?.(name, text.toLowerCase()) === true
  })
  add('account.id', ({ accountId }, wanted) => accountId === wanted)
  add('account.name', (zone, wanted) => store.accountOf(zone).name === wanted)
  add('status', (_zone, wanted) => wanted === 'active')
  return filters
}

/** A zone as the API shows it; what the lab has no notion of is what a zone of an Enterprise plan has. */
function show(zone: ZoneState, { store }: ApiContext): object {
  const account = store.accountOf(zone)
  return {
    id: zone.id,
    name: zone.name,
    status: 'active',
    paused: false,
    type: 'full',
    development_mode: 0,
    name_servers: ['ns1.lab.invalid', 'ns2.lab.invalid'],
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    modified_on: zone.modifiedOn,
    created_on: zone.createdOn,
    activated_on: zone.createdOn,
    meta: {
      step: 2,
      custom_certificate_quota: 1,
      page_rule_quota: 125,
      phishing_detected: false,
      cdn_only: false,
      dns_only: false,
      foundation_dns: false,
    },
    owner: { id: null, type: 'user', email: null },
    account: { id: account.id, name: account.name },
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions: ['#ssl:edit', '#ssl:read', '#zone:read', '#zone_settings:edit', '#zone_settings:read'],
    plan: {
      id: '94f3b7b768b0458b56d2cac4fe5ec0f9',
      name: 'Enterprise Website',
      price: 0,
      currency: 'USD',
      frequency: 'monthly',
      is_subscribed: true,
      can_subscribe: true,
      legacy_id: 'enterprise',
      legacy_discount: false,
      externally_managed: false,
    },
  }
}
