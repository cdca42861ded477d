import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { escapeMarkdown, renderMarkdown } from './markdown.ts'
import { sampleBlackBox, samplePassing, sampleResults } from './sample.ts'
import { hostileTexts, poison } from './testing/hostile.ts'

describe('renderMarkdown', () => {
  test('has sentence, counts, facts, findings and gaps', () => {
    const text = renderMarkdown(sampleResults())
    assert.match(
      text,
      /^## api\.example\.com\n\n\*\*Must not go live: 2 findings at or above medium, .* stayed undecided\.\*\*\n/,
    )
    assert.match(text, /43 planned = 36 executed \+ 6 not applicable \+ 1 blocked \(3 fail, /)
    assert.match(text, /\| Client certificate in TLS 1\.3 \| requested \|/)
    assert.match(text, /### Findings \(8\)/)
    assert.match(
      text,
      /\| ✗ fail \| critical \| a CA of the same name .*<code>client-cert\.impostor-ca-other-ski<\/code>/,
    )
    assert.match(text, /\| Add to the deployment file: mtls\.crl \| <code>client-cert\.revoked<\/code> \|/)
  })

  test('leaves out what there is nothing of', () => {
    const text = renderMarkdown(samplePassing())
    assert.doesNotMatch(text, /###/)
    assert.match(renderMarkdown(sampleBlackBox()), /none \(black box\)/)
  })

  test('a long sentence is whole', () => {
    const verdict = `Not verified: ${'word '.repeat(200)}end.`
    assert.ok(renderMarkdown({ ...samplePassing(), verdict }).includes('end.**'))
  })

  /** The shape of the document: headings, table columns and tags, which no text may change. */
  const shape = (text: string): string[] =>
    text.split('\n').map((line) => {
      const cells = line.startsWith('|') ? line.split('|').length : 0
      return `${/^#+/.exec(line)?.[0] ?? ''}${cells}`
    })

  for (const [index, hostile] of hostileTexts.entries()) {
    test(`a server cannot change the shape, ${index + 1}`, () => {
      const calm = renderMarkdown(poison(sampleResults(), 'calm'))
      const text = renderMarkdown(poison(sampleResults(), hostile))
      assert.deepEqual(shape(text), shape(calm))
      assert.deepEqual(new Set(text.match(/<[^>]*>?/g)), new Set(['<code>', '</code>', '<br>']))
      // Outside of numeric references nothing with a meaning is left in what was quoted.
      const quoted = text.replace(/<\/?code>|<br>|&#\d+;|^#+ |\*\*|^\|.*?-\|$/gm, '')
      assert.doesNotMatch(quoted, /[`*_[\]<>#~@&$\\]|https?:\/\/|www\./i)
      assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u)
      assert.ok(text.length < 200_000)
    })
  }
})

test('escapeMarkdown leaves ordinary text readable', () => {
  assert.equal(
    escapeMarkdown('May go live: 27 checks (1 high), none failed.'),
    'May go live: 27 checks (1 high), none failed.',
  )
  assert.equal(escapeMarkdown('a|b `c` https://x'), 'a&#124;b &#96;c&#96; https&#58;//x')
  assert.equal(escapeMarkdown('back\\slash'), 'back&#92;slash')
})
