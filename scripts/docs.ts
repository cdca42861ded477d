/**
 * `npm run docs`: writes docs/checks from the catalogue, and removes pages of checks that are gone.
 * @module
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../bin/node.mjs'
import { loadCatalogue } from '../suites/index.ts'
import { pagesOf } from './docs/pages.ts'

const folder = join(root, 'docs', 'checks')
const pages = pagesOf(await loadCatalogue())
await mkdir(folder, { recursive: true })
for (const [name, content] of pages) await writeFile(join(folder, name), content)
for (const name of await readdir(folder)) if (!pages.has(name)) await rm(join(folder, name))
process.stdout.write(`${pages.size} pages in docs/checks\n`)
