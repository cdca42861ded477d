/**
 * The version of this package.
 * @module
 */
import { createRequire } from 'node:module'

/** Semantic version, from package.json: beside the sources in a checkout, one level up from `dist` when installed. */
export const version: string = (() => {
  const require = createRequire(import.meta.url)
  const path = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json'
  return (require(path) as { version: string }).version
})()
