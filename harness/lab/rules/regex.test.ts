import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileRegex } from './regex.ts'

const matches = (pattern: string, text: string): boolean => {
  const compiled = compileRegex(pattern)
  assert.ok(typeof compiled === 'function', `${pattern}: ${String(compiled)}`)
  return compiled(text)
}

const rows: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['^/api/v[12]/', ['/api/v1/', '/api/v2/x'], ['/api/v3/', '/x/api/v1/', '/api/v1']],
  ['^(www|store|blog)\\.example\\.com$', ['www.example.com'], ['wwwxexample.com', 'a.www.example.com']],
  ['/articles/200[7-8]/$', ['/articles/2007/'], ['/articles/2009/', '/articles/2007/x']],
  ['a{2,3}b', ['aab', 'aaab', 'xaaaab'], ['ab', 'aa']],
  ['^a{2}$', ['aa'], ['a', 'aaa']],
  ['^a{2,}$', ['aa', 'aaaaa'], ['a']],
  ['(?i)admin', ['ADMIN', 'xAdMiNx'], ['admn']],
  ['admin', ['admin'], ['ADMIN']],
  ['^[^a-c\\d]+$', ['xyz', '-'], ['a', '5', '']],
  ['\\bcat\\b', ['a cat', 'cat!'], ['concat', 'cats']],
  ['^(?:a|b(?P<n>c)?)*$', ['', 'abcb'], ['c', 'abd']],
  ['^.$', ['x', '\t'], ['\n', '', 'xy']],
  ['a*?b', ['b', 'aab'], ['a']],
  ['^\\x2f[\\]x-]$', ['/]', '/x', '/-'], ['/y']],
  ['', ['', 'anything'], []],
  ['(){5}a', ['a'], ['b']],
]

for (const [pattern, yes, no] of rows) {
  test(`matches ${JSON.stringify(pattern)}`, () => {
    for (const text of yes) assert.ok(matches(pattern, text), `should match ${JSON.stringify(text)}`)
    for (const text of no) assert.ok(!matches(pattern, text), `should not match ${JSON.stringify(text)}`)
  })
}

for (const pattern of [
  '(?=a)',
  '(?<!a)b',
  '\\1',
  '\\p{L}',
  '(?m)^a',
  '[[:alpha:]]',
  '[a&&b]',
  '(a',
  'a)',
  '[a',
  '*a',
  'a{3,2}',
  'a{9999}',
  'a{x}',
  '\\',
  'a*****',
  '[z-a]',
  '((a{1000}){1000}){1000}',
  '((()){1000}){1000}',
]) {
  test(`refused: ${pattern}`, () => {
    assert.equal(typeof compileRegex(pattern), 'string')
  })
}

test('a pattern that makes backtracking engines stall is linear here', () => {
  assert.equal(matches('^(a+)+$', `${'a'.repeat(5000)}b`), false)
  assert.equal(matches('^(a|a)*$', `${'a'.repeat(5000)}b`), false)
})

test('agrees with the engine of JavaScript where both have the syntax', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    '\\d',
    '\\w',
    '(a|b)',
    '(?:ab|c)',
    '^',
    '$',
    '\\b',
  )
  const piece = fc.tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '*?'))
  const pattern = fc
    .array(piece, { maxLength: 6 })
    .map((pieces) =>
      pieces.map(([one, many]) => (/^(\^|\$|\\b)$/.test(one) ? one : `${one}${many}`)).join(''),
    )
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '\n'), maxLength: 12 })
  fc.assert(
    fc.property(pattern, text, (source, value) => {
      assert.equal(
        matches(source, value),
        new RegExp(source).test(value),
        `${source} on ${JSON.stringify(value)}`,
      )
    }),
    { numRuns: 3000 },
  )
})
