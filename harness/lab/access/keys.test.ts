import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'
import type { AccessKeys } from '../state/access-types.ts'
import { createAccessState, emptyAccessObjects, strictFrom } from './initial.ts'
import {
  createKeys,
  nextRotationAt,
  previousKeyHonoured,
  rotateKeys,
  rotateWhenDue,
  verificationKeys,
} from './keys.ts'

const day = 86_400_000
const now = Date.UTC(2026, 8, 1)

describe('signing keys of Access', () => {
  let keys: AccessKeys
  before(async () => {
    keys = await createKeys(now)
  })

  it('has a kid of 64 hex digits and a certificate of the same RSA-2048 key', () => {
    assert.match(keys.current.kid, /^[0-9a-f]{64}$/)
    const certificate = new X509Certificate(keys.current.certificate)
    const own = createPublicKey(createPrivateKey(keys.current.privateKey))
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048)
    assert.equal(certificate.publicKey.export({ format: 'jwk' }).n, own.export({ format: 'jwk' }).n)
    assert.ok(certificate.verify(own))
    assert.deepEqual(verificationKeys(keys, now), [keys.current])
  })

  it('keeps the key before the rotation for seven days and not longer', async () => {
    const state = { keys: structuredClone(keys) }
    await rotateKeys(state, now)
    assert.notEqual(state.keys.current.kid, keys.current.kid)
    assert.deepEqual(
      verificationKeys(state.keys, now + previousKeyHonoured - 1).map(({ kid }) => kid),
      [state.keys.current.kid, keys.current.kid],
    )
    assert.deepEqual(verificationKeys(state.keys, now + previousKeyHonoured), [state.keys.current])
  })

  it('rotates by itself after six weeks, once, however many ask', async () => {
    const state = { keys: structuredClone(keys) }
    assert.equal(nextRotationAt(state.keys), now + 42 * day)
    assert.equal(await rotateWhenDue(state, now + 42 * day - 1), false)
    assert.equal(state.keys.current.kid, keys.current.kid)
    const rotated = await Promise.all([1, 2, 3].map(() => rotateWhenDue(state, now + 42 * day)))
    assert.deepEqual(rotated.toSorted(), [false, false, true])
    assert.equal(state.keys.previous?.kid, keys.current.kid)
  })
})

describe('Access before anything is set up', () => {
  it('counts as an organization from before strict mode was forced', async () => {
    const { organization } = await createAccessState({
      authDomain: 'x.cloudflareaccess.com',
      name: 'x',
      now: strictFrom + day,
    })
    assert.ok(Date.parse(organization?.createdAt ?? '') < strictFrom)
  })

  it('has an organization with strict mode off, or none', async () => {
    const state = await createAccessState({ authDomain: 'Lab.cloudflareaccess.com', name: 'Lab', now })
    assert.equal(state.organization?.authDomain, 'lab.cloudflareaccess.com')
    assert.equal(state.organization.strictServiceTokenAuth, false)
    assert.deepEqual({ ...state, ...emptyAccessObjects() }, state)
    const bare = await createAccessState({ authDomain: undefined, name: 'Lab', now })
    assert.equal(bare.organization, undefined)
  })
})
