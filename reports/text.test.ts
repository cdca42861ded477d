import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clip, duration, oneLine, plural, prose, short, visible } from './text.ts'

test('visible writes controls, overrides, zero-width characters and lone surrogates as escapes', () => {
  assert.equal(visible('a\u001b[31mb'), 'a\\x1b[31mb')
  assert.equal(visible('\u202eabc\u2066'), '\\u{202e}abc\\u{2066}')
  assert.equal(visible('a\u200bb\ufeff\u2028'), 'a\\u{200b}b\\u{feff}\\u{2028}')
  assert.equal(visible('\ud800x'), '\\u{d800}x')
  assert.equal(visible('\u0000\u009b\r'), '\\x00\\x9b\\x0d')
})

test('visible leaves ordinary text, newlines, tabs and astral characters alone', () => {
  const text = 'Zoë “quotes” 日本 😀\n\ttab'
  assert.equal(visible(text), text)
  assert.equal(visible('a\r\nb'), 'a\nb')
})

test('oneLine folds white space', () => assert.equal(oneLine('  a\r\n\t b \n'), 'a b'))

test('clip says what is missing and never splits a surrogate pair', () => {
  assert.equal(clip('abc', 3), 'abc')
  assert.equal(clip('abcdef', 3), 'abc… (3 more characters)')
  assert.equal(clip('ab😀cd', 3), 'ab… (4 more characters)')
  assert.equal(clip('x'.repeat(2000), 10), `${'x'.repeat(10)}… (1,990 more characters)`)
})

test('short keeps a line within its length', () => {
  assert.equal(short('one two', 20), 'one two')
  assert.equal(short('one two three', 8), 'one two…')
  assert.equal(short('one two three', 10), 'one two…', 'no word is cut where one ends nearby')
  assert.equal(short('one twothreefour', 10), 'one twoth…')
  assert.ok(short('x'.repeat(1e6), 30).length <= 30)
})

test('duration and plural', () => {
  assert.deepEqual([0.4, 999, 3412, 125_000].map(duration), ['0 ms', '999 ms', '3.4 s', '2 min 5 s'])
  assert.deepEqual(
    [plural(1, 'check'), plural(2, 'check'), plural(0, 'entry', 'entries')],
    ['1 check', '2 checks', '0 entries'],
  )
})

test('prose tells paragraphs from code', () => {
  assert.deepEqual(prose('One\ntwo.\n\n  a;\n    b;\n\nThree.'), [
    { kind: 'paragraph', text: 'One two.' },
    { kind: 'code', text: 'a;\n  b;' },
    { kind: 'paragraph', text: 'Three.' },
  ])
  assert.deepEqual(prose(' \n\n'), [])
})
