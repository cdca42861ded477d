/**
 * `node scripts/run.mjs <file> [arguments]`: runs a TypeScript file of the checkout with a Node that is recent enough,
 * whichever Node started this one. For package.json's scripts.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isRecent, refuse, repoNode, runRepoNode } from '../bin/node.mjs'

const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  process.stderr.write('usage: node scripts/run.mjs <file> [arguments]\n')
  process.exit(2)
}
if (isRecent()) {
  process.argv = [process.argv[0], resolve(file), ...args]
  await import(pathToFileURL(resolve(file)).href)
} else if (existsSync(repoNode)) {
  runRepoNode([resolve(file), ...args])
} else refuse()
