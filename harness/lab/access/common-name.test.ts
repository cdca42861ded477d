import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeName, encodeName } from '../../pki/names.ts'
import { commonNameOf } from './common-name.ts'

const of = (name: string): string | undefined => commonNameOf(decodeName(encodeName(name)).rfc4514)

test('the common name of a subject', () => {
  assert.equal(of('CN=sensor,O=Example'), 'sensor')
  assert.equal(of('O=Example,C=US'), undefined)
  assert.equal(of(''), undefined)
})

test('escapes are undone, and hide nothing', () => {
  assert.equal(of('CN=a\\,CN\\=b,O=c'), 'a,CN=b')
  assert.equal(of('O=x\\,CN=not-this'), undefined)
  assert.equal(of('CN=müller'), 'müller')
  assert.equal(commonNameOf('CN=m\\C3\\BCller'), 'müller')
  assert.equal(commonNameOf('CN=#0403010203'), undefined)
})

test('of several common names the most specific one counts', () => {
  assert.equal(of('CN=leaf,CN=above,O=c'), 'leaf')
})
