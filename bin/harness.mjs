#!/usr/bin/env node
/**
 * The `harness` command: finds a Node that is recent enough, then runs the program in it: from its sources in a
 * checkout, from `dist/` when installed. Plain JavaScript that Node 14 can read.
 */
import { existsSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isCheckout, isRecent, refuse, repoNode, runRepoNode } from './node.mjs'

function start() {
  // Compiled code is kept in the user's own cache folder, not in a shared /tmp where others could plant it.
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE || join(cache, 'mtls-access-harness', 'compile'))
  const main = isCheckout() ? '../harness/cli/main.ts' : '../dist/harness/cli/main.js'
  import(new URL(main, import.meta.url).href).catch((error) => {
    const incomplete = error.code === 'ERR_MODULE_NOT_FOUND'
    const hint = incomplete && isCheckout() ? ': run `node setup.mjs`' : ''
    process.stderr.write(`harness: could not start: ${error.message}${hint}\n`)
    if (process.env.HARNESS_DEBUG) process.stderr.write(`${error.stack}\n`)
    process.exit(4)
  })
}

if (isRecent()) start()
else if (isCheckout() && existsSync(repoNode)) {
  runRepoNode([fileURLToPath(import.meta.url), ...process.argv.slice(2)])
} else refuse()
