/**
 * Logging in: real HTTP to the identity provider, the rest through the gate.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Idp, startIdp } from '../idp/idp.ts'
import { loggedIn, redirectUri } from './testing/steps.ts'
import { createWorld } from './testing/world.ts'

let idp: Idp
before(async () => {
  idp = await startIdp({ redirectUris: [redirectUri] })
})
after(() => idp.close())

test('alice logs in', async () => {
  const world = await createWorld()
  world.identityProvider(idp)
  world.application({ policies: [{ decision: 'allow' }] })
  const { page } = await loggedIn(world, idp)
  assert.equal(page.decision?.kind, 'pass', page.body)
})
