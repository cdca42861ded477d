import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthority } from './authority.ts'
import { commonNameIn, commonNames, withCommonName } from './common-name.ts'
import { DerError } from './der/read.ts'
import { decodeName, encodeName } from './names.ts'

test('common names are read as text, the most specific first, whatever stands around them', () => {
  for (const [name, expected] of [
    ['CN=sensor-001,OU=Devices,O=Lab', ['sensor-001']],
    ['CN=a\\, b,O=Lab', ['a, b']],
    ['CN=second,CN=first,O=Lab', ['second', 'first']],
    ['O=x\\,CN\\=sensor-001', []],
    ['OU=sensor-001+CN=other', ['other']],
    ['CN=#04020102', []],
    ['', []],
  ] as const)
    assert.deepEqual(commonNames(encodeName(name)), expected, name)
  assert.throws(() => commonNames(Buffer.from('0400', 'hex')), DerError)
})

test('the common name is replaced where it stands; without one it comes last', () => {
  const replaced = (name: string): string => decodeName(withCommonName(encodeName(name), 'new, one')).rfc4514
  assert.equal(replaced('CN=old,OU=Devices,O=Lab'), 'CN=new\\, one,OU=Devices,O=Lab')
  assert.equal(replaced('emailAddress=a@b,CN=old,O=Lab'), 'emailAddress=a@b,CN=new\\, one,O=Lab')
  assert.equal(replaced('OU=x+CN=old,O=Lab').includes('OU=x'), true)
  assert.equal(replaced('O=Lab'), 'CN=new\\, one,O=Lab')
  assert.equal(replaced(''), 'CN=new\\, one')
  // PrintableString and a type that nobody knows.
  const foreign = encodeName('C=DE,1.2.3.4=#04020102')
  assert(withCommonName(foreign, 'x').includes(foreign.subarray(2)))
})

test('of a certificate', async () => {
  const authority = await createAuthority()
  assert.equal(commonNameIn(await authority.issue({ subject: 'CN=one\\+two,O=Lab' })), 'one+two')
  assert.equal(commonNameIn(await authority.issue({ subject: 'O=Lab' })), undefined)
})
