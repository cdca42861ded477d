import assert from 'node:assert/strict'
import { test } from 'node:test'
import { edgeUrl, isLocalTarget, localTarget, normalisePath, pathOf, queryOf } from './paths.ts'

const normalised: readonly [string, string][] = [
  ['/', '/'],
  ['/admin', '/admin'],
  ['/%61dmin', '/admin'],
  ['/public/../admin', '/admin'],
  ['/public/%2e%2E/admin', '/admin'],
  ['//admin', '/admin'],
  ['/./admin/.', '/admin/'],
  ['\\admin', '/admin'],
  ['/a%2Fb', '/a%2Fb'],
  ['/../../x', '/x'],
  ['/a/b/..', '/a/'],
  ['', '/'],
]

for (const [written, read] of normalised) {
  test(`${JSON.stringify(written)} is ${read} to rules`, () => assert.equal(normalisePath(written), read))
}

test('local targets only', () => {
  for (const good of ['/', '/a?b=c&d=%2f', '/a//b', "/it's(fine)*"]) {
    assert.ok(isLocalTarget(good), good)
    assert.equal(localTarget(good), good)
  }
  const bad = [
    '',
    'a',
    '//evil.example',
    '/\\evil.example',
    '/a\\b',
    '/a\r\nset-cookie: x',
    '/a\tb',
    '/a b',
    'https://evil.example/',
    '@evil.example',
    '/ü',
    `/${'a'.repeat(5000)}`,
  ]
  for (const text of bad) {
    assert.ok(!isLocalTarget(text), text)
    assert.equal(localTarget(text), '/')
  }
})

test('target, query and URL', () => {
  assert.equal(pathOf('/a?b'), '/a')
  assert.equal(pathOf('/a#b?c'), '/a')
  assert.equal(queryOf('/a?b=c#d').get('b'), 'c')
  assert.equal(queryOf('/a').get('b'), null)
  assert.equal(edgeUrl('a.example', 443, '/x'), 'https://a.example/x')
  assert.equal(edgeUrl('a.example', 8443, '/x'), 'https://a.example:8443/x')
})
