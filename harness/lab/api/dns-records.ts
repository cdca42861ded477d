/**
 * DNS records of a zone, read only: one proxied A record per hostname, its origin's address as content. The lab's origins all
 * listen on loopback, so each has an address of the documentation range (RFC 5737) here, to tell them apart.
 * @module
 */
import { createHash } from 'node:crypto'
import { containerNames } from '../origins/containers/types.ts'
import type { HostnameState, ZoneState } from '../state/types.ts'
import { type Routes, zoneIn } from './context.ts'
import { page, success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { pathParameter, queryOf } from './query.ts'

const addresses: ReadonlyMap<string, string> = new Map([
  ['main', '192.0.2.10'],
  ['pulls', '192.0.2.20'],
  ['guarded', '192.0.2.30'],
  ...containerNames.map((name, at) => [name, `192.0.2.${41 + at}`] as const),
])

/** Adds `GET /zones/{id}/dns_records` (filters: `name`, `type`) and `GET …/{record}`. */
export const dnsRecordRoutes: Routes = (app, context) => {
  const { store } = context
  const recordsOf = (zone: ZoneState): object[] =>
    Object.values(store.state.hostnames)
      .filter(({ zoneId }) => zoneId === zone.id)
      .map((hostname) => show(hostname, zone))

  app.get('/zones/:zone_id/dns_records', (request) => {
    const query = queryOf(request)
    const name = (query.get('name') ?? query.get('name.exact'))?.toLowerCase()
    const type = query.get('type')?.toUpperCase()
    const found = recordsOf(zoneIn(context, pathParameter(request, 'zone_id'))).filter(
      (record) =>
        (name === undefined || ('name' in record && record.name === name)) &&
        (type === undefined || type === 'A'),
    )
    return page(found, request.query, { default: 100, max: 5_000_000 })
  })

  app.get('/zones/:zone_id/dns_records/:record_id', (request) => {
    const id = pathParameter(request, 'record_id')
    const found = recordsOf(zoneIn(context, pathParameter(request, 'zone_id'))).find(
      (record) => 'id' in record && record.id === id,
    )
    if (found === undefined) throw new ApiError(404, 81_044, 'Record does not exist.')
    return success(found)
  })
}

const show = ({ hostname, what, origin }: HostnameState, zone: ZoneState): object => ({
  id: createHash('sha256').update(`${zone.id} ${hostname}`).digest('hex').slice(0, 32),
  name: hostname,
  type: 'A',
  content: addresses.get(origin) ?? '192.0.2.99',
  proxiable: true,
  proxied: true,
  ttl: 1,
  settings: {},
  meta: {},
  comment: what,
  tags: [],
  created_on: zone.createdOn,
  modified_on: zone.modifiedOn,
})
