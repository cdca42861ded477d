/**
 * What every request passes before its route: credential, rate limit, permission.
 * @module
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiCredential } from '../state/types.ts'
import type { ApiContext } from './context.ts'
import { authenticationError, identify, maySee } from './credentials.ts'
import { ApiError } from './errors.ts'
import { createRateLimiter } from './rate-limit.ts'

const credentials = new WeakMap<FastifyRequest, ApiCredential>()

/** The credential of a request that has passed the gate. */
export function credentialOf(request: FastifyRequest): ApiCredential {
  const credential = credentials.get(request)
  if (credential === undefined) throw new ApiError(500, 10_501, 'Internal error')
  return credential
}

/** The one path on which a credential that is no longer good learns so. */
const verifyPath = '/client/v4/user/tokens/verify'

/** Puts the gate in front of every route of `app`, and of paths without one. */
export function addGate(app: FastifyInstance, context: ApiContext): void {
  const limiter = createRateLimiter(context.limits)
  app.addHook('onRequest', (request, reply, done) => {
    const { store } = context
    const [path = ''] = request.url.split('?')
    let credential: ApiCredential | undefined
    let refusal: unknown
    try {
      credential = identify(request.headers, store.state)
    } catch (error) {
      refusal = error
    }
    // Requests without a good credential share one count. The lab's own routes are not counted: the clock among them.
    if (!path.startsWith('/lab/')) reply.headers(limiter.count(credential?.id ?? 'nobody', store.now()))
    if (credential === undefined) throw refusal
    if (credential.status !== 'active' && path !== verifyPath) throw authenticationError(401)
    if (credential.access === 'read' && request.method !== 'GET' && request.method !== 'HEAD')
      throw authenticationError(403)
    if (!maySeePath(context, credential, path)) throw authenticationError(403)
    credentials.set(request, credential)
    done()
  })
}

/** Whether the account in a path, or that of the zone in it, is one the credential may see. Unknown ids are for the route to refuse. */
function maySeePath({ store }: ApiContext, credential: ApiCredential, path: string): boolean {
  if (path.startsWith('/lab/')) return credential.accounts === undefined
  const [, kind, written = ''] = /^\/client\/v4\/(zones|accounts)\/([^/]+)/.exec(path) ?? []
  if (kind === undefined) return true
  const id = decoded(written)
  if (kind === 'accounts') return !Object.hasOwn(store.state.accounts, id) || maySee(credential, { id })
  const zone = Object.hasOwn(store.state.zones, id) ? store.state.zones[id] : undefined
  return zone === undefined || maySee(credential, { id: zone.accountId })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
