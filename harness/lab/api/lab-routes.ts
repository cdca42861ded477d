/**
 * The lab's own routes below `/lab/v1`, which no real edge has: state, clock, delays, what was asked for in vain. With
 * the credentials of the API; the state holds private keys, so that even looking at it needs a credential that may edit.
 * @module
 */
import type { Delays } from '../state/types.ts'
import { delayNames, isDelay, isState, keepsIn, stateProblems } from '../state/validate.ts'
import type { Routes } from './context.ts'
import { authenticationError } from './credentials.ts'
import { success } from './envelope.ts'
import { ApiError } from './errors.ts'
import { credentialOf } from './gate.ts'

const tenYears = 315_360_000
/** The clock goes no further: a certificate of ten years made then still ends in a year of four digits. */
const lastMoment = Date.UTC(9900, 0)
/** An export of a well-used lab: thousands of certificates. */
const stateBytes = 64 * 1024 * 1024

/** Adds them. */
export const labRoutes: Routes = (app, { store, unknown }) => {
  app.get('/state', (request) => {
    if (credentialOf(request).access !== 'edit') throw authenticationError(403)
    return success(store.state)
  })

  app.put('/state', { bodyLimit: stateBytes }, (request) => {
    const problems = stateProblems(request.body)
    if (!isState(request.body))
      throw new ApiError(400, 10_001, `This is no lab state: ${problems.join('; ')}`)
    if (!keepsIn(request.body, credentialOf(request).hash))
      throw new ApiError(
        400,
        10_001,
        'This state is of another lab: your credential is not in it, nor are its certificates known to the origins here',
      )
    store.replace(request.body)
    return success({ revision: store.revision })
  })

  app.post('/clock', (request) => {
    const { advanceSeconds: seconds } = (request.body ?? {}) as { advanceSeconds?: unknown }
    if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0 || seconds > tenYears)
      throw new ApiError(400, 10_001, 'Invalid request: advanceSeconds is a number from 0 to ten years')
    if (store.now() + seconds * 1000 > lastMoment)
      throw new ApiError(400, 10_001, 'Invalid request: the clock goes to the year 9900')
    store.advance(Math.round(seconds * 1000))
    return success({ now: store.timestamp() })
  })

  app.patch('/delays', (request) => {
    const body = request.body
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new ApiError(400, 10_001, 'Invalid request: an object of delays in milliseconds')
    const wanted: Partial<Delays> = {}
    for (const [name, value] of Object.entries(body)) {
      const known = delayNames.find((delay) => delay === name)
      if (known === undefined || !isDelay(value))
        throw new ApiError(400, 10_001, `Invalid request: "${name.slice(0, 60)}" is no delay in milliseconds`)
      wanted[known] = value
    }
    Object.assign(store.state.delays, wanted)
    store.changed()
    return success(store.state.delays)
  })

  app.get('/unknown-routes', () => success(Object.fromEntries(unknown)))
}
