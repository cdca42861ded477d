/**
 * What was asked for that the lab does not have, so that a test can say what is missing.
 * @module
 */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const identifier = /^([0-9a-f]{32,64}|\d+)$/i
/** Keeps the table small whatever is thrown at the lab. */
const mostEntries = 500

/** `GET /client/v4/zones/{id}/dns_records`: the method, and the path with identifiers taken out. */
export function routePattern(method: string, url: string): string {
  const [path = ''] = url.split('?')
  const segments = path.split('/').map((segment, index, all) => {
    const parent = all[index - 1]
    if (segment === '' || segment.length > 64) return segment === '' ? '' : '{long}'
    const underOwner = index === 4 && (parent === 'zones' || parent === 'accounts')
    return underOwner || uuid.test(segment) || identifier.test(segment) ? '{id}' : segment
  })
  return `${method.slice(0, 20)} ${segments.slice(0, 12).join('/')}`
}

/** Counts one request. */
export function countUnknown(unknown: Map<string, number>, method: string, url: string): void {
  const pattern = routePattern(method, url)
  const name = unknown.has(pattern) || unknown.size < mostEntries ? pattern : 'others'
  unknown.set(name, (unknown.get(name) ?? 0) + 1)
}
