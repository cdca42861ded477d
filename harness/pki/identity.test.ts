import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from './authority.ts'
import { loadIdentity } from './identity.ts'
import { keyToEncryptedPem, readPrivateKey } from './keys.ts'

const root = await createAuthority({ name: 'CN=Root' })
const issuing = await createAuthority({ name: 'CN=Issuing', issuer: root })
const leaf = await issuing.issue({ name: 'sensor', subject: 'CN=sensor,O=Example' })

const failure = (source: Partial<Parameters<typeof loadIdentity>[0]>): string => {
  try {
    loadIdentity({ name: 'x', cert: leaf.cert, key: leaf.key, ...source })
  } catch (error) {
    const { code, message, hint } = error as Error & { code: string; hint?: string }
    assert.doesNotMatch(`${message} ${hint}`, /correct horse|battery/)
    return `${code}: ${message} (${hint})`
  }
  assert.fail('loaded')
}

test('an identity is loaded with its chain, whatever form the key has', () => {
  const key = readPrivateKey(leaf.key)
  const forms = [leaf.key, key.export({ type: 'sec1', format: 'pem' }).toString(), `${leaf.cert}${leaf.key}`]
  for (const form of forms) {
    const loaded = loadIdentity({ name: 'sensor', cert: `comment\n${leaf.cert}`, key: form })
    assert.deepEqual(loaded, leaf)
  }
  const encrypted = keyToEncryptedPem(key, 'correct horse')
  assert.deepEqual(
    loadIdentity({ name: 'sensor', cert: leaf.cert, key: encrypted, passphrase: 'correct horse' }),
    leaf,
  )
  assert.deepEqual(
    loadIdentity({ name: 'sensor', cert: leaf.cert, key: leaf.key, passphrase: 'not needed' }),
    leaf,
  )
  const oldForm = key
    .export({ type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'old' })
    .toString()
  assert.match(oldForm, /Proc-Type/)
  assert.deepEqual(loadIdentity({ name: 'sensor', cert: leaf.cert, key: oldForm, passphrase: 'old' }), leaf)
})

test('what does not load says why', async () => {
  const other = await root.issue()
  const encrypted = keyToEncryptedPem(readPrivateKey(leaf.key), 'correct horse')
  assert.match(failure({ key: other.key }), /ERR_CERTIFICATE: certificate and private key do not match/)
  assert.match(failure({ cert: issuing.cert + leaf.cert }), /the key belongs to certificate 2 of the file/)
  assert.match(failure({ key: encrypted }), /ERR_PASSPHRASE: .*no passphrase was given/)
  assert.match(failure({ key: encrypted, passphrase: 'battery' }), /ERR_PASSPHRASE: .*is wrong/)
  assert.match(failure({ cert: '' }), /ERR_CERTIFICATE: the certificate is not PEM .*inform DER/)
  assert.match(failure({ cert: leaf.key }), /ERR_CERTIFICATE: .*holds a private key/)
  assert.match(failure({ key: leaf.cert }), /ERR_PRIVATE_KEY: .*holds a certificate/)
  assert.match(
    failure({ cert: leaf.cert.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA') }),
    /ERR_CERTIFICATE: certificate 1 of the PEM/,
  )
})
