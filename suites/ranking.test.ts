/**
 * Every row of the ranking that is to ship (P0 and P1) is the ground of some check.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadCatalogue } from './index.ts'

/** Beside the checkout; absent where only the repository is. */
const file = new URL('../../shared/research/check-catalogue.md', import.meta.url)

/** Row ids in a text; `CPA-02…CPA-12` and `MOD-01…05` stand for all between. */
function rowIds(text: string): string[] {
  return [...text.matchAll(/\b([A-Z]{3})-(\d\d[a-z]?)(?![\d-])(?:…(?:([A-Z]{3})-)?(\d\d))?/g)].flatMap(
    ([, family = '', first = '', , last]) => {
      if (last === undefined) return [`${family}-${first}`]
      const numbers = Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => Number(first) + at)
      return numbers.map((number) => `${family}-${String(number).padStart(2, '0')}`)
    },
  )
}

/** The rows of the ranking table: tier and ids. */
function ranking(text: string): { tier: string; ids: string[] }[] {
  const section = /^## 2\. [\s\S]*?(?=^## )/m.exec(text)?.[0] ?? ''
  return [...section.matchAll(/^\| \d+ \| ([^|]*) \|.*\| (P\d) \| [SML] \|$/gm)].map(
    ([, ids = '', tier = '']) => ({ tier, ids: rowIds(ids) }),
  )
}

test('ids and ranges are read', () => {
  assert.deepEqual(rowIds('MOD-01…MOD-03 exact, ORI-05b, JWT-03'), [
    'MOD-01',
    'MOD-02',
    'MOD-03',
    'ORI-05b',
    'JWT-03',
  ])
  assert.deepEqual(rowIds('PTH-09…11'), ['PTH-09', 'PTH-10', 'PTH-11'])
  assert.deepEqual(rowIds('CVE-2026-24733 and RFC 9440'), [])
})

test('every P0 and P1 row of the ranking is in the grounds of a check', {
  skip: existsSync(file) ? false : 'the catalogue is not beside the checkout',
}, async () => {
  const rows = ranking(readFileSync(file, 'utf8'))
  assert.ok(rows.length > 70, `${rows.length} rows: the table was not read`)
  const wanted = rows.filter(({ tier }) => tier === 'P0' || tier === 'P1').flatMap(({ ids }) => ids)
  assert.ok(wanted.includes('CPA-11') && wanted.includes('MOD-08') && !wanted.includes('DOS-13'))
  const grounds = (await loadCatalogue()).flatMap((check) => check.grounds)
  const covered = new Set(grounds.filter((one) => one.startsWith('catalogue ')).flatMap(rowIds))
  assert.deepEqual(
    [...new Set(wanted)].filter((id) => !covered.has(id)),
    [],
  )
})
