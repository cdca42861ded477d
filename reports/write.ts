/**
 * Writes all reports of a run into one directory.
 * @module
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAllure } from './allure.ts'
import { renderHtml } from './html.ts'
import { renderJunit } from './junit.ts'
import { renderMarkdown } from './markdown.ts'
import { ResultsError } from './results-error.ts'
import { withStarted } from './started-as.ts'
import type { Results } from './types.ts'
import { validateResults } from './validate.ts'

/** Names of the reports in their directory. */
export const reportFiles = {
  results: 'results.json',
  html: 'report.html',
  junit: 'junit.xml',
  markdown: 'summary.md',
  allure: 'allure-results',
} as const

/**
 * Writes results.json first, then everything that is made from it. Each file appears whole or not at all.
 * @returns the paths written, results.json first; the last is the Allure directory
 * @throws {@link ResultsError} `ERR_RESULTS_INTERNAL` when the results break their own schema: nothing is written
 */
export async function writeReports(results: Results, dir: string): Promise<string[]> {
  const problems = validateResults(results)
  if (problems.length > 0) {
    const message = `the results of this run are not valid: ${problems.slice(0, 3).join('; ')}`
    throw new ResultsError(
      'ERR_RESULTS_INTERNAL',
      message,
      'this is a defect of the harness: please report it',
    )
  }
  await mkdir(dir, { recursive: true })
  const shown = withStarted(results)
  const files: [name: string, render: () => string][] = [
    [reportFiles.results, () => `${JSON.stringify(results, undefined, 2)}\n`],
    [reportFiles.html, () => renderHtml(shown)],
    [reportFiles.junit, () => renderJunit(shown)],
    [reportFiles.markdown, () => renderMarkdown(shown)],
  ]
  const written: string[] = []
  for (const [name, render] of files) {
    const path = join(dir, name)
    await replace(path, render())
    written.push(path)
  }
  const allure = join(dir, reportFiles.allure)
  await writeAllure(shown, allure)
  return [...written, allure]
}

/** Writes beside the target and renames: a reader never sees half a file. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, text, { flush: true })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
