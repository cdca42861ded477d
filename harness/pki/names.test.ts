import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from './authority.ts'
import { decodeName, encodeName } from './names.ts'
import { Openssl } from './testing/openssl.ts'

const names = [
  'CN=sensor-001,OU=Field,O=Example,L=Berlin,ST=Berlin,C=DE',
  'CN=a\\, b\\+c\\"d\\\\e\\<f\\>g\\;h=i,O=x',
  'CN=\\ leading and trailing\\ ',
  'CN=\\#hash',
  'CN=München Ост 日本',
  'UID=7+CN=two,DC=example,DC=com',
  'emailAddress=a@example.com,CN=mail',
  'CN=with\\0Anewline',
  'CN=slash/plus\\+,O=x',
]

test('names come back as they went in, and as openssl prints them', async (t) => {
  const openssl = await Openssl.in(t)
  const ca = await createAuthority()
  for (const name of names) {
    const decoded = decodeName(encodeName(name))
    assert.equal(decoded.rfc4514, name)
    await openssl.file('c.pem', (await ca.issue({ subject: name })).cert)
    const shown = async (option: string): Promise<string> =>
      (await openssl.run(['x509', '-in', 'c.pem', '-noout', '-subject', '-nameopt', option]))
        .replace(/^subject=\s?/, '')
        .replace(/\n$/, '')
    assert.equal(decoded.rfc2253, await shown('RFC2253'))
    assert.equal(decoded.legacy, await shown('compat'))
  }
})

test('the spelling of openssl -subj is understood', () => {
  assert.equal(decodeName(encodeName('/C=DE/O=Ex\\/ample/CN=a b')).rfc4514, 'CN=a b,O=Ex/ample,C=DE')
  assert.equal(decodeName(encodeName(' cn = a , 2.5.4.10 = b ')).rfc4514, 'CN=a,O=b')
  assert.equal(decodeName(encodeName('1.2.3.4=#0c0161,CN=x')).rfc4514, '1.2.3.4=#0C0161,CN=x')
  assert.equal(decodeName(encodeName('')).rfc4514, '')
})

test('what is no name is refused', () => {
  for (const text of ['sensor', 'CN=a,b', 'XX=a', '=a', '/CN']) {
    assert.throws(() => encodeName(text), { code: 'ERR_USAGE', hint: /RFC 4514/ }, text)
  }
})
