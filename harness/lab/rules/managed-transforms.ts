/**
 * Managed request-header transforms the lab knows. Only those are listed whose effect the lab has: the real API too lists
 * only what the plan includes.
 * @module
 */

/** "Add TLS client auth headers": the `cf-cert-*` headers. */
export const clientAuthHeadersId = 'add_client_certificate_headers'
/** Adds `true-client-ip`. */
export const trueClientIpId = 'add_true_client_ip_headers'
/** Removes `cf-connecting-ip`, `true-client-ip` and the visitor from `x-forwarded-for`. */
export const removeVisitorIpId = 'remove_visitor_ip_headers'

/** One managed transform. */
export interface ManagedTransform {
  id: string
  /** Those that cannot be on at the same time. */
  conflictsWith: readonly string[]
}

/** In the order of the API. */
export const managedTransforms: readonly ManagedTransform[] = [
  { id: clientAuthHeadersId, conflictsWith: [] },
  { id: trueClientIpId, conflictsWith: [removeVisitorIpId] },
  { id: removeVisitorIpId, conflictsWith: [trueClientIpId] },
]

type Headers = readonly (readonly [name: string, value: string])[]

/**
 * The headers to the origin after the transforms about the visitor's address. `x-forwarded-for` keeps the last proxy, and
 * goes where there was none before this edge.
 * @param enabled ids that are on.
 * @param headers with `x-forwarded-for` as the edge has completed it.
 */
export function applyVisitorIpTransforms(
  enabled: readonly string[],
  remoteAddress: string,
  headers: Headers,
): Headers {
  if (enabled.includes(trueClientIpId)) {
    const others = headers.filter(([name]) => name.toLowerCase() !== 'true-client-ip')
    return [...others, ['true-client-ip', remoteAddress]]
  }
  if (!enabled.includes(removeVisitorIpId)) return headers
  return headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    if (lower === 'cf-connecting-ip' || lower === 'true-client-ip') return []
    if (lower !== 'x-forwarded-for') return [[name, value] as const]
    const addresses = value.split(',').map((address) => address.trim())
    const proxy = addresses.length > 1 ? addresses.at(-1) : undefined
    return proxy === undefined ? [] : [[name, proxy] as const]
  })
}
