import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bySpecificity, coversHost, coversPath, glob, parsePattern } from './patterns.ts'

const covers = (pattern: string, url: string): boolean => {
  const parsed = parsePattern(pattern)
  const slash = url.indexOf('/')
  const [host, path] = slash < 0 ? [url, '/'] : [url.slice(0, slash), url.slice(slash)]
  return coversHost(parsed, host) && coversPath(parsed, path)
}

/** The examples of the documentation, and what it says they do not cover. */
const documented: readonly [pattern: string, covered: string[], not: string[]][] = [
  [
    '*.example.com',
    ['alpha.example.com', 'beta.example.com'],
    ['example.com', 'foo.bar.example.com', 'example.org'],
  ],
  ['example.com', ['example.com', 'example.com/alpha', 'example.com/beta'], ['alpha.example.com']],
  ['example.com/*', ['example.com', 'example.com/alpha', 'example.com/beta'], ['alpha.example.com']],
  [
    '*.test.example.com',
    ['alpha.test.example.com', 'beta.test.example.com'],
    ['test.example.com', 'example.com'],
  ],
  ['*test.example.com', ['test.example.com', 'alphatest.example.com'], ['beta.test.example.com']],
  [
    'example.com/alpha/*',
    ['example.com/alpha/one', 'example.com/alpha/two'],
    ['example.com/alpha', 'example.com'],
  ],
  [
    'example.com/foo*/bar',
    ['example.com/foo/bar', 'example.com/food/bar', 'example.com/food/stuff/bar'],
    ['example.com/foo', 'example.com/bar'],
  ],
  [
    'example.com/eng',
    ['example.com/eng', 'example.com/eng/exec'],
    ['example.com/engineering', 'example.com/', 'example.com/ENG'],
  ],
  ['EXAMPLE.com/a/', ['example.com/a', 'example.com/a/'], ['example.com/b']],
]

for (const [pattern, covered, not] of documented) {
  test(`${pattern} covers what it should`, () => {
    for (const url of covered) assert.ok(covers(pattern, url), url)
    for (const url of not) assert.ok(!covers(pattern, url), url)
  })
}

test('the more specific pattern comes first', () => {
  const sorted = ['example.com', '*.com', 'example.com/eng/*', 'example.com/eng/exec', 'example.com/eng']
    .map(parsePattern)
    .toSorted(bySpecificity)
    .map(({ text }) => text)
  assert.deepEqual(sorted, [
    'example.com/eng/exec',
    'example.com/eng/*',
    'example.com/eng',
    'example.com',
    '*.com',
  ])
})

test('a pattern of many wildcards takes no exponential time', () => {
  assert.equal(glob(`${'*a'.repeat(30)}b`, 'a'.repeat(4000)), false)
  assert.equal(glob(`${'*a'.repeat(30)}`, 'a'.repeat(4000)), true)
})
