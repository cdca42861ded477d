import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { normalizePath } from './normalize.ts'

const rows: readonly (readonly [written: string, normalized: string])[] = [
  ['/', '/'],
  ['/admin', '/admin'],
  ['/Admin', '/Admin'],
  ['/admin/', '/admin/'],
  ['//admin', '/admin'],
  ['/a///b', '/a/b'],
  ['/a\\b', '/a/b'],
  ['/%61dmin', '/admin'],
  ['/%2e%2e/admin', '/admin'],
  ['/a/./b/../c', '/a/c'],
  ['/a/..', '/'],
  ['/../../a', '/a'],
  ['/a/.', '/a/'],
  ['/a%2fb', '/a%2Fb'],
  ['/a b', '/a%20b'],
  ['/ü', '/%C3%BC'],
  ['/%zz', '/%zz'],
  ['/...', '/...'],
  ['/.well-known', '/.well-known'],
  ['*', '*'],
]
for (const [written, normalized] of rows) {
  test(`${written} is ${normalized} for rules`, () => {
    assert.equal(normalizePath(written), normalized)
  })
}

test('no double slash and no dot segment is left, for any path', () => {
  const path = fc
    .array(fc.constantFrom('/', '.', '..', 'a', 'A', '%41', '%2f', '\\', 'ä', ';', '%'))
    .map((parts) => `/${parts.join('')}`)
  fc.assert(
    fc.property(path, (written) => {
      const once = normalizePath(written)
      assert.ok(once.startsWith('/') && !once.includes('//') && !/\/\.\.?(\/|$)/.test(once), once)
    }),
  )
})
