import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { behaviours } from './behaviours.ts'

let sources: string

before(async () => {
  const texts = ['harness/lab', 'reports'].map(async (folder) => {
    const path = fileURLToPath(new URL(`../../${folder}`, import.meta.url))
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    const files = entries.filter(({ name }) => name.endsWith('.test.ts'))
    return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')))
  })
  sources = (await Promise.all(texts)).flat().join('\n')
})

test('every behaviour says what it rests on', () => {
  for (const { what, source, standing } of behaviours) {
    assert.match(what, /\.”?$/)
    assert.notEqual(source, '', what)
    assert.match(standing, /^(official|third-party|our choice)$/)
  }
  assert.equal(new Set(behaviours.map(({ what }) => what)).size, behaviours.length)
})

for (const point of Array.from({ length: 23 }, (_, at) => at + 1)) {
  test(`point ${point} of what is easily missed is shown by a test that exists`, () => {
    const own = behaviours.filter((behaviour) => behaviour.point === point)
    assert.notEqual(own.length, 0)
    for (const { what, test: name } of own) {
      assert.ok(name !== undefined && name !== '', what)
      const quoted = [`'${name}'`, `\`${name}\``, `"${name}"`]
      assert.ok(
        quoted.some((text) => sources.includes(text)),
        `no test is called ${name}`,
      )
    }
  })
}
