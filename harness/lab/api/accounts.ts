/**
 * Accounts, read only: `GET /accounts` and `GET /accounts/{id}`.
 * @module
 */
import type { AccountState } from '../state/types.ts'
import { accountIn, type Routes } from './context.ts'
import { maySee } from './credentials.ts'
import { page, success } from './envelope.ts'
import { credentialOf } from './gate.ts'
import { pathParameter, queryOf } from './query.ts'

/** Adds them. */
export const accountRoutes: Routes = (app, context) => {
  app.get('/accounts', (request) => {
    const query = queryOf(request)
    const name = query.get('name')
    const seen = Object.values(context.store.state.accounts)
      .filter((account) => maySee(credentialOf(request), account))
      .filter((account) => name === undefined || account.name === name)
    if (query.get('direction') === 'desc') seen.reverse()
    return page(seen.map(show), request.query, { default: 20, max: 50 })
  })

  app.get('/accounts/:account_id', (request) =>
    success(show(accountIn(context, pathParameter(request, 'account_id')))),
  )
}

const show = ({ id, name, createdOn }: AccountState): object => ({
  id,
  name,
  // What only Enterprise accounts have (own client CAs) works in the lab.
  type: 'enterprise',
  settings: { enforce_twofactor: false, abuse_contact_email: null },
  created_on: createdOn,
})
