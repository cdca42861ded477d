import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Behaviour } from '../lab/behaviours.ts'
import { harness } from './testing/lab-up.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

let listed: Behaviour[]
before(async () => {
  const { code, out } = await harness(tmpdir(), 'lab', 'behaviours', '--json')
  assert.equal(code, 0)
  listed = JSON.parse(out) as Behaviour[]
})

/** Text of all test files. */
async function tests(): Promise<string> {
  const folders = ['harness', 'suites', 'fixtures', 'reports']
  const names = (
    await Promise.all(
      folders.map(async (folder) =>
        (await readdir(join(root, folder), { recursive: true })).map((name) => join(root, folder, name)),
      ),
    )
  ).flat()
  const wanted = names.filter((name) => name.endsWith('.test.ts'))
  return (await Promise.all(wanted.map((name) => readFile(name, 'utf8')))).join('\n')
}

test('every one of the 23 easily missed points is there, with a test that exists', async () => {
  const text = await tests()
  const points = new Set<number>()
  for (const { what, point, test: name } of listed) {
    if (point === undefined) continue
    assert.ok(name !== undefined && name !== '', `point ${point} has no test: ${what}`)
    assert.ok(text.includes(name), `point ${point}: there is no test “${name}”`)
    points.add(point)
  }
  assert.deepEqual(
    Array.from({ length: 23 }, (_, at) => at + 1).filter((point) => !points.has(point)),
    [],
    'points without a behaviour',
  )
})

test('every behaviour has a standing and a source, and is told once', () => {
  const told = new Set<string>()
  for (const { what, standing, source } of listed) {
    assert.ok(['official', 'third-party', 'our choice'].includes(standing), what)
    assert.ok(what.length > 10 && source.length > 3, what)
    assert.ok(!told.has(what), `twice: ${what}`)
    told.add(what)
  }
})

test('for people: by standing, all of them', async () => {
  const { code, out } = await harness(tmpdir(), 'lab', 'behaviours')
  assert.equal(code, 0)
  for (const standing of ['official', 'third-party', 'our choice'] as const) {
    const count = listed.filter((one) => one.standing === standing).length
    assert.ok(out.includes(`${standing} (${count})\n`), standing)
  }
  for (const { what, source } of listed) assert.ok(out.includes(what) && out.includes(source), what)
})
