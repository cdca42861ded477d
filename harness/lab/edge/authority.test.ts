import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAuthority, parseTarget } from './authority.ts'

const plain = { name: 'api.test', port: undefined, upperCase: false, trailingDot: false }

for (const [text, expected] of [
  ['api.test', plain],
  ['API.test', { ...plain, upperCase: true }],
  ['api.test.', { ...plain, trailingDot: true }],
  ['api.test:443', { ...plain, port: 443 }],
  ['Api.Test.:8443', { name: 'api.test', port: 8443, upperCase: true, trailingDot: true }],
] as const) {
  test(`"${text}" is read`, () => assert.deepEqual(parseAuthority(text), expected))
}

for (const text of [
  '',
  ' api.test',
  'api.test..',
  'user@api.test',
  'api%2etest',
  '[::1]',
  'api.test:',
  'api.test:1:2',
  'api.test:123456',
  'api.test/x',
  'api.test,api.test',
]) {
  test(`"${text}" is no authority`, () => assert.equal(parseAuthority(text), undefined))
}

for (const [target, expected] of [
  ['/a?b', { absolute: undefined, path: '/a?b' }],
  ['*', { absolute: undefined, path: '*' }],
  ['https://api.test/a?b', { absolute: 'api.test', path: '/a?b' }],
  ['http://api.test', { absolute: 'api.test', path: '/' }],
  ['HTTPS://API.test?x', { absolute: 'API.test', path: '/?x' }],
  ['//api.test/', { absolute: undefined, path: '//api.test/' }],
  ['api.test:443', undefined],
  ['ftp://api.test/', undefined],
  ['', undefined],
] as const) {
  test(`target "${target}"`, () => assert.deepEqual(parseTarget(target), expected))
}
