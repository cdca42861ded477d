import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { escapeHtml, html } from './html/escape.ts'
import { policy, renderHtml } from './html.ts'
import { sampleBlackBox, samplePassing, sampleResults } from './sample.ts'
import { hostileTexts, poison } from './testing/hostile.ts'
import { type Element, readMarkup } from './testing/markup.ts'
import type { Results } from './types.ts'

const read = (results: Results): Element[] => readMarkup(renderHtml(results), { html: true })

/** Everything the page is made of. */
const elements = new Set(
  'html head meta title style body a div header p h1 h2 h3 h4 main section strong span nav ul ol li article dl dt dd pre code b br details summary table caption thead tbody tr th td footer'.split(
    ' ',
  ),
)
const attributes = new Set(
  'lang charset http-equiv content name class href id aria-label aria-labelledby aria-hidden role style scope rel'.split(
    ' ',
  ),
)

/** What may never differ between a calm and a hostile page. */
function assertOurs(page: readonly Element[]): void {
  for (const { name, attributes: own, path } of page) {
    assert.ok(elements.has(name), path)
    for (const [key, value] of own) {
      assert.ok(attributes.has(key), `${path} ${key}`)
      if (key === 'href') assert.match(value, /^(?:#[a-z0-9-]+|https:\/\/[^\s"'<>]+)$/)
      if (key === 'style') assert.match(value, /^flex:\d+ 1 0$/)
      if (key === 'class') assert.match(value, /^[a-z0-9 -]+$/)
    }
  }
}

describe('renderHtml', () => {
  const page = read(sampleResults())
  const text = page.map((one) => one.text).join('\n')
  const find = (name: string, className = ''): Element[] =>
    page.filter(
      (one) =>
        one.name === name &&
        (one.attributes.get('class') ?? '')
          .split(' ')
          .includes(className === '' ? ((one.attributes.get('class') ?? '').split(' ')[0] ?? '') : className),
    )

  test('is strict markup of our own elements', () => {
    for (const results of [sampleResults(), samplePassing(), sampleBlackBox()]) assertOurs(read(results))
  })

  test('loads and runs nothing', () => {
    const csp = page.find(({ attributes: own }) => own.get('http-equiv') === 'Content-Security-Policy')
    assert.equal(csp?.attributes.get('content'), policy)
    assert.match(policy, /^default-src 'none'; style-src 'unsafe-inline'; img-src data:/)
    const style = page.find(({ name }) => name === 'style')?.text ?? ''
    assert.doesNotMatch(style, /url\(|@import|@font-face/)
    assert.match(style, /prefers-color-scheme:dark/)
    assert.match(style, /@media print/)
  })

  test('opens with the verdict, then counts', () => {
    const [word] = find('strong', 'word')
    assert.equal(word?.text, 'Must not go live')
    const bar = page.find(({ attributes: own }) => own.get('role') === 'img')
    assert.match(bar?.attributes.get('aria-label') ?? '', /^43 checks: 3 fail, 1 error/)
    assert.match(text, /2 findings at or above medium, the worst critical/)
  })

  test('the box has the word and colour of each answer', () => {
    const box = (results: Results): [string | undefined, string | undefined] => {
      const all = read(results)
      return [
        all.find(({ attributes: own }) => own.get('aria-label') === 'Verdict')?.attributes.get('class'),
        all.find(({ attributes: own }) => own.get('class') === 'word')?.text,
      ]
    }
    assert.deepEqual(box(samplePassing()), ['verdict good', 'May go live'])
    assert.deepEqual(box(sampleBlackBox()), ['verdict warn', 'Only refusals were proven'])
    assert.deepEqual(box({ ...samplePassing(), exitCode: 3, verdict: 'Not verified: x.' }), [
      'verdict unsure',
      'Not verified',
    ])
    assert.deepEqual(box(sampleResults()), ['verdict bad', 'Must not go live'])
  })

  test('has a card for each finding with everything, and none for the rest', () => {
    const cards = page.filter(({ name }) => name === 'article')
    assert.equal(cards.length, 8)
    for (const label of ['Expected', 'Observed', 'Decided at', 'Reason', 'Consequence', 'Next step'])
      assert.ok(text.includes(label), label)
    for (const heading of ['How to fix', 'How to reproduce'])
      assert.ok(page.some((one) => one.name === 'h4' && one.text === heading))
    assert.match(text, /harness explain\s|harness explain client-cert\.impostor-ca-other-ski/)
    assert.match(text, /alert fatal unknown_ca/)
    assert.ok(!read(samplePassing()).some(({ name }) => name === 'article'))
  })

  test('folds all evidence', () => {
    const transcripts = page.filter((one) => one.name === 'pre' && one.text.includes('ClientHello'))
    assert.ok(transcripts.length > 20)
    for (const { path } of transcripts) assert.match(path, /\/details\//)
  })

  test('lists every check once in the tables or under what it takes', () => {
    const rows = page.filter(
      ({ attributes: own }) => own.get('class') === 'c-check' && own.get('scope') === 'row',
    )
    const { planned, notApplicable } = sampleResults().summary
    assert.equal(rows.length, planned - notApplicable)
    assert.match(text, /Add to the deployment file: mtls\.crl/)
    for (const { id } of sampleResults().checks) assert.ok(text.includes(id), id)
  })

  test('is accessible: one h1, landmarks, headings in order, scoped headers, resolving anchors', () => {
    const count = (name: string): number => page.filter((one) => one.name === name).length
    assert.deepEqual(['h1', 'main', 'nav', 'footer', 'title'].map(count), [1, 1, 1, 1, 1])
    assert.ok(
      page
        .filter(({ name }) => name === 'th')
        .every(({ attributes: own }) => /^(?:col|row)$/.test(own.get('scope') ?? '')),
    )
    const levels = page.flatMap(({ name }) => /^h([1-6])$/.exec(name)?.[1] ?? []).map(Number)
    levels.reduce((before, level) => {
      assert.ok(level <= before + 1, `h${before} then h${level}`)
      return level
    }, 0)
    const ids = page.flatMap(({ attributes: own }) => own.get('id') ?? [])
    assert.equal(new Set(ids).size, ids.length)
    for (const { attributes: own } of page) {
      const target =
        own.get('aria-labelledby') ??
        (own.get('href')?.startsWith('#') ? own.get('href')?.slice(1) : undefined)
      if (target !== undefined) assert.ok(ids.includes(target), target)
    }
  })

  test('sources are linked', () => {
    const links = page.flatMap(({ attributes: own }) => own.get('href') ?? [])
    assert.ok(links.includes('https://www.rfc-editor.org/rfc/rfc5280#section-6.1.3'))
    assert.ok(links.includes('https://www.cve.org/CVERecord?id=CVE-2025-23419'))
  })

  for (const [index, hostile] of hostileTexts.entries()) {
    test(`no markup comes through from a server, ${index + 1}: ${JSON.stringify(hostile.slice(0, 40))}`, () => {
      const source = renderHtml(poison(sampleResults(), hostile))
      assertOurs(readMarkup(source, { html: true }))
      assert.doesNotMatch(source, /[\p{Cs}\u202a-\u202e\u2066-\u2069\u200b\ufeff]|(?!\n|\t)\p{Cc}/u)
      assert.ok(source.length < 12_000_000, 'long texts are cut')
    })
  }

  test('hostile text is shown, not swallowed', () => {
    const shown = read(poison(sampleResults(), '<script>PWNED()</script>'))
    assert.ok(shown.some((one) => one.name === 'dd' && one.text === '<script>PWNED()</script>'))
  })

  test('many attempts and long transcripts are bounded, and say so', () => {
    const results = sampleResults()
    const [check] = results.checks
    const [evidence] = check?.evidence ?? []
    assert.ok(check && evidence)
    results.checks = [
      {
        ...check,
        evidence: Array.from({ length: 50 }, () => ({
          ...evidence,
          transcript: Array.from({ length: 5000 }, () => 'line'.repeat(500)),
        })),
      },
    ]
    const source = renderHtml(results)
    assert.match(source, /38 more in results\.json/)
    assert.match(source, /4750 more lines in results\.json/)
    assert.ok(source.length < 3_000_000)
  })
})

describe('html', () => {
  test('escapes every value but markup of its own', () => {
    assert.equal(
      String(html`<p>${'<b>'}${html`<i>${'&'}</i>`}${['"', 1, undefined]}</p>`),
      '<p>&lt;b&gt;<i>&amp;</i>&quot;1</p>',
    )
    // Nothing but its own markup is trusted, whatever claims to be a string.
    assert.throws(() => html`${{ toString: () => '<x>' } as unknown as string}`)
  })

  test('escapeHtml keeps quotes out of attributes', () => assert.equal(escapeHtml(`"'`), '&quot;&#39;'))
})
