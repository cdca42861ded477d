/**
 * The credential itself: `GET /user/tokens/verify` and `GET /user`.
 * @module
 */
import { hashOf } from '../state/ids.ts'
import type { Routes } from './context.ts'
import { success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { credentialOf } from './gate.ts'

/** Adds them. */
export const tokenRoutes: Routes = (app, { store }) => {
  app.get('/user/tokens/verify', (request) => {
    const { id, kind, status } = credentialOf(request)
    if (kind === 'key') throw new ApiError(400, 1001, 'Missing "Authorization" header')
    const answer = success({ id, status })
    if (status !== 'active') return answer
    return {
      ...answer,
      messages: [{ code: 10_000, message: 'This API Token is valid and active', type: null }],
    }
  })

  app.get('/user', () => {
    // Every credential of a lab belongs to its one operator, who is known by the mail address of a key.
    const keys = Object.values(store.state.credentials).flatMap(({ email }) => email ?? [])
    const email = keys[0] ?? 'operator@lab.invalid'
    return success({
      id: hashOf(`user ${email}`).slice(0, 32),
      email,
      first_name: null,
      last_name: null,
      telephone: null,
      country: null,
      zipcode: null,
      two_factor_authentication_enabled: false,
      two_factor_authentication_locked: false,
      suspended: false,
      betas: [],
      organizations: [],
      has_pro_zones: false,
      has_business_zones: false,
      has_enterprise_zones: true,
    })
  })
}
