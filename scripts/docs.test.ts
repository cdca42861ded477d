import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../bin/node.mjs'
import type { Check } from '../fixtures/catalogue.ts'
import { explanation } from '../harness/cli/explain.ts'
import { prose } from '../reports/text.ts'
import { loadCatalogue } from '../suites/index.ts'
import { markdown, pagesOf } from './docs/pages.ts'

const folder = join(root, 'docs', 'checks')
const checks = await loadCatalogue()
const pages = pagesOf(checks)

test('docs/checks is what npm run docs writes: every check has its page, and nothing else is there', async () => {
  assert.deepEqual((await readdir(folder)).sort(), [...pages.keys()].sort(), 'run: npm run docs')
  for (const [name, content] of pages)
    assert.equal(await readFile(join(folder, name), 'utf8'), content, `${name} is not current: npm run docs`)
})

test('a page and harness explain say the same, every code line whole', () => {
  const flat = (text: string): string => text.replace(/\s+/g, ' ')
  for (const check of checks) {
    const page = pages.get(`${check.id}.md`) ?? ''
    const explained = explanation(check)
    for (const text of [check.why, check.sends, check.expects, check.remediation]) {
      for (const block of prose(text)) {
        const lines = block.kind === 'code' ? block.text.split('\n') : [block.text]
        for (const line of lines) {
          assert(flat(explained).includes(flat(line).trim()), `explain ${check.id}: ${line}`)
          assert(page.includes(block.kind === 'code' ? line : markdown(line)), `${check.id}.md: ${line}`)
        }
      }
    }
    for (const fault of check.killedBy) assert(page.includes(`--fault ${fault} `), `${check.id}: ${fault}`)
  }
})

test('placeholders and markup in texts stay visible on a page', () => {
  const [first] = checks
  assert(first !== undefined)
  const text = 'Ask <zone> for *all* of `a<b>` | now\n\n  curl <zone> | jq'
  const check: Check = { ...first, id: 'reach.made-up', why: text, title: 'no <script> here' }
  const page = pagesOf([check]).get('reach.made-up.md') ?? ''
  assert(page.includes('Ask \\<zone\\> for \\*all\\* of `a<b>` \\| now'))
  assert(page.includes('```text\ncurl <zone> | jq\n```'))
  assert(page.includes('**no \\<script\\> here**'))
})
