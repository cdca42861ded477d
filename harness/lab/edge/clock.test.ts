/**
 * The edge goes by the lab's clock, as the CA that issues its clients' certificates does.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadAuthority } from '../../pki/authority.ts'
import { createLabMaterial, startLab } from '../lab.ts'
import { inWords, send } from '../testing/client.ts'

const day = 86_400_000

test('a certificate expires when the clock of the lab has passed its end', async () => {
  const material = await createLabMaterial()
  const ca = await loadAuthority(material.clientCas.A)
  const identity = await ca.issue({ notAfter: new Date(Date.now() + day) })
  const lab = await startLab({ material })
  try {
    const to = 'telemetry.harness.test'
    assert.equal(inWords(await send(lab, { identity })), '200 valid')
    assert.equal(inWords(await send(lab, { identity, to })), '200 valid')
    lab.store.advance(2 * day)
    assert.equal(inWords(await send(lab, { identity })), '403')
    assert.equal(inWords(await send(lab, { identity, to })), '200 invalid:certificate has expired')
    const fresh = await ca.issue({ notBefore: new Date(lab.store.now()) })
    assert.equal(inWords(await send(lab, { identity: fresh })), '200 valid')
  } finally {
    await lab.close()
  }
})
