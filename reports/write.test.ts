import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readResults } from './read.ts'
import { ResultsError } from './results-error.ts'
import { samplePassing, sampleResults } from './sample.ts'
import { writeReports } from './write.ts'

/** Asserts the error's parts: code, message and that there is a hint. */
const is =
  (code: ResultsError['code'], message: RegExp, exitCode: number) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof ResultsError)
    assert.equal(error.code, code)
    assert.match(error.message, message)
    assert.equal(error.exitCode, exitCode)
    assert.notEqual(error.hint, '')
    return true
  }

describe('reports on disk', () => {
  let dir: string
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'reports-'))
  })
  after(() => rm(dir, { recursive: true, force: true }))

  test('writeReports writes every format and returns their paths', async () => {
    const out = join(dir, 'new', 'folder')
    const written = await writeReports(sampleResults(), out)
    assert.deepEqual(
      written,
      ['results.json', 'report.html', 'junit.xml', 'summary.md', 'allure-results'].map((name) =>
        join(out, name),
      ),
    )
    assert.deepEqual((await readdir(out)).sort(), [
      'allure-results',
      'junit.xml',
      'report.html',
      'results.json',
      'summary.md',
    ])
    assert.match(await readFile(join(out, 'report.html'), 'utf8'), /^<!doctype html>/)
    assert.match(await readFile(join(out, 'junit.xml'), 'utf8'), /^<\?xml/)
  })

  test('what was written reads back the same, by directory and by file', async () => {
    const out = join(dir, 'round')
    await writeReports(sampleResults(), out)
    assert.deepEqual(await readResults(out), sampleResults())
    assert.deepEqual(await readResults(join(out, 'results.json')), sampleResults())
  })

  test('writing again replaces', async () => {
    const out = join(dir, 'again')
    await writeReports(sampleResults(), out)
    await writeReports(samplePassing(), out)
    assert.equal((await readResults(out)).exitCode, 0)
  })

  test('invalid results are not written, and do not replace valid ones', async () => {
    const out = join(dir, 'invalid')
    const broken = { ...sampleResults(), exitCode: 0 as const }
    await assert.rejects(
      writeReports(broken, out),
      is('ERR_RESULTS_INTERNAL', /exitCode is 0, the checks say 1/, 4),
    )
    await assert.rejects(readdir(out))
    await writeReports(sampleResults(), out)
    await assert.rejects(writeReports(broken, out))
    assert.deepEqual(await readResults(out), sampleResults())
  })

  test('a failed write leaves no half file behind', async () => {
    const out = join(dir, 'blocked')
    // A directory in the place of the file: the rename fails.
    await mkdir(join(out, 'report.html', 'x'), { recursive: true })
    await assert.rejects(writeReports(sampleResults(), out))
    assert.deepEqual((await readdir(out)).sort(), ['report.html', 'results.json'])
  })

  test('readResults tells each defect apart', async () => {
    const file = join(dir, 'file.json')
    const reject = async (text: string, expected: RegExp): Promise<void> => {
      await writeFile(file, text)
      await assert.rejects(readResults(file), is('ERR_RESULTS_INVALID', expected, 2), text.slice(0, 40))
    }
    await reject('', /file\.json is empty/)
    await reject('{"a":', /file\.json is not JSON/)
    await reject('[]', /has no schemaVersion/)
    await reject('null', /has no schemaVersion/)
    await reject(
      JSON.stringify({ ...sampleResults(), schemaVersion: '2.0' }),
      /has results format 2\.0, this version reads 1\.0/,
    )
    await reject(
      JSON.stringify({ ...sampleResults(), checks: 1 }),
      /not a valid results file: checks must be array/,
    )
    await reject(JSON.stringify({ ...sampleResults(), exitCode: 0 }), /exitCode is 0, the checks say 1/)
    await assert.rejects(
      readResults(join(dir, 'missing.json')),
      is('ERR_RESULTS_FILE', /missing\.json does not exist/, 2),
    )
    await mkdir(join(dir, 'empty'))
    await assert.rejects(
      readResults(join(dir, 'empty')),
      is('ERR_RESULTS_FILE', /results\.json does not exist/, 2),
    )
  })

  test('a minor version that adds nothing unknown is read', async () => {
    const file = join(dir, 'minor.json')
    await writeFile(file, JSON.stringify({ ...sampleResults(), schemaVersion: '1.1' }))
    assert.equal((await readResults(file)).schemaVersion, '1.1')
  })

  test('a path that cannot be read says why', async () => {
    const file = join(dir, 'plain.json')
    await writeFile(file, '{}')
    await assert.rejects(
      readResults(join(file, 'x')),
      is('ERR_RESULTS_FILE', /cannot be read \(ENOTDIR\)/, 2),
    )
  })
})
