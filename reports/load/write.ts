/**
 * Writes all reports of a load run into one folder.
 * @module
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asStarted } from '../started-as.ts'
import { renderLoadCsv } from './csv.ts'
import { renderLoadHtml } from './html.ts'
import { renderLoadMarkdown } from './markdown.ts'
import type { LoadReport } from './types.ts'

/** Names of the files. */
export const loadFiles = {
  results: 'results.json',
  html: 'report.html',
  markdown: 'summary.md',
  csv: 'load.csv',
} as const

/**
 * Writes results.json first, then what is made from it. Each file appears whole or not at all.
 * @returns the paths written.
 */
export async function writeLoadReports(report: LoadReport, dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true })
  const files: [name: string, render: () => string][] = [
    [loadFiles.results, () => `${JSON.stringify(report, undefined, 2)}\n`],
    [loadFiles.html, () => asStarted(renderLoadHtml(report))],
    [loadFiles.markdown, () => asStarted(renderLoadMarkdown(report))],
    [loadFiles.csv, () => renderLoadCsv(report)],
  ]
  const written: string[] = []
  for (const [name, render] of files) {
    const path = join(dir, name)
    const temporary = `${path}.${randomUUID()}.tmp`
    try {
      await writeFile(temporary, render(), { flush: true })
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    written.push(path)
  }
  return written
}
