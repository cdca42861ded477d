/**
 * `harness canary <kind>`: prints a canary endpoint to put on a real origin.
 * @module
 */
import { readFile } from 'node:fs/promises'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'

// The files lie beside the program in a checkout and in `dist` alike.
const files: Record<string, string> = {
  node: 'node.mjs',
  worker: 'worker.js',
  nginx: 'nginx.conf',
  httpd: 'httpd.conf',
}

/**
 * Prints the canary endpoint of a kind of origin, ready to paste; how to install it stands in its first lines.
 * @throws {HarnessError} ERR_USAGE for an unknown kind
 */
export async function canaryCommand(
  kind: string,
  write: (text: string) => unknown = (text) => process.stdout.write(text),
): Promise<ExitCode> {
  const file = Object.hasOwn(files, kind) ? files[kind] : undefined
  if (file === undefined) {
    throw new HarnessError('ERR_USAGE', `there is no canary of kind ${JSON.stringify(kind)}`, {
      hint: `one of ${Object.keys(files).join(', ')}`,
    })
  }
  const text = await readFile(new URL(`../../fixtures/canary/${file}`, import.meta.url), 'utf8')
  // What is meant for this project's linter is of no use elsewhere.
  write(text.replace(/^\s*\/\/ biome-ignore .*\n/gm, ''))
  return exitCodes.ok
}
