/**
 * CORS preflight requests, which browsers send without cookies: refused, forwarded, or answered here
 * (developers.cloudflare.com cloudflare-one, "CORS").
 * @module
 */
import type { Faults } from '../faults.ts'
import type { AccessApplicationSettings } from '../state/access-types.ts'
import { type Answer, answer } from './answers.ts'
import { onlyValueOf } from './headers.ts'
import type { AccessRequest, Headers } from './types.ts'

/** OPTIONS with what a browser sends; any other OPTIONS is an ordinary request (our choice). */
export const isPreflight = ({ method, headers }: AccessRequest): boolean =>
  method === 'OPTIONS' &&
  onlyValueOf(headers, 'origin') !== undefined &&
  onlyValueOf(headers, 'access-control-request-method') !== undefined

/** What becomes of it; `answer` is undefined for the refusal. */
export type PreflightOutcome = 'forward' | Answer | 'refuse'

/** `options_preflight_bypass` excludes `cors_headers`; where a state has both, the first counts. */
export function preflight(
  request: AccessRequest,
  settings: AccessApplicationSettings,
  faults: Faults,
): PreflightOutcome {
  if (settings.options_preflight_bypass === true || faults.has('access.forwards-preflight')) return 'forward'
  const cors = settings.cors_headers
  if (cors === undefined || Object.keys(cors).length === 0) return 'refuse'
  return answer(200, [
    ['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
    ...allowed(request, cors, faults),
  ])
}

/** Without `access-control-allow-origin` for an origin that is not listed: then the browser refuses. */
function allowed(
  request: AccessRequest,
  cors: NonNullable<AccessApplicationSettings['cors_headers']>,
  faults: Faults,
): Headers {
  const origin = onlyValueOf(request.headers, 'origin') ?? ''
  const credentials = cors.allow_credentials === true
  const listed = (cors.allowed_origins ?? []).includes(origin) || faults.has('access.reflects-origin')
  if (!listed && cors.allow_all_origins !== true) return []
  const asked = onlyValueOf(request.headers, 'access-control-request-method') ?? ''
  const headers = onlyValueOf(request.headers, 'access-control-request-headers')
  const methods = cors.allow_all_methods === true ? asked : (cors.allowed_methods ?? []).join(', ')
  const names = cors.allow_all_headers === true ? headers : (cors.allowed_headers ?? []).join(', ')
  return [
    // `*` is not allowed together with credentials (Fetch standard), so the origin is named then.
    ['access-control-allow-origin', listed || credentials ? origin : '*'],
    ['access-control-allow-methods', methods],
    ...optional('access-control-allow-headers', names),
    ...optional('access-control-allow-credentials', credentials ? 'true' : undefined),
    ...optional('access-control-max-age', cors.max_age?.toString()),
  ]
}

const optional = (name: string, value: string | undefined): Headers =>
  value === undefined || value === '' ? [] : [[name, value]]
