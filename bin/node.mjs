/**
 * Which Node runs the harness. Plain JavaScript that Node 14 can read, so that an old one can still say what to do.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The package's folder: a checkout, or `node_modules/mtls-access-harness`. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Oldest Node that runs the harness. package.json's `engines` says the same (a test compares them). */
export const minimum = '22.22'

/** Where `setup.mjs` puts the repo-local Node. */
export const repoNode = fileURLToPath(new URL('../.tools/node/node_modules/.bin/node', import.meta.url))

/** Whether a Node version (`22.22.0`, with or without `v`) is at least {@link minimum}. */
export function isRecent(version = process.version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  const [leastMajor, leastMinor] = minimum.split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

/** Whether this is a checkout (its sources are there) and not the installed package. */
export function isCheckout() {
  return existsSync(new URL('../harness/cli/main.ts', import.meta.url))
}

/** One line for people, exit code 4: no usable Node. */
export function refuse() {
  const problem = `harness: Node ${process.version} is too old, ${minimum} or later is needed`
  process.stderr.write(isCheckout() ? `${problem}: run \`node setup.mjs\` once\n` : `${problem}\n`)
  process.exit(4)
}

/**
 * Runs the repo-local Node with these arguments in place of this process: same streams, same exit code, same signals.
 *
 * On a terminal Ctrl-C reaches the whole foreground process group, so the child has it already and it is not sent
 * again; without a terminal (a CI job, `kill -INT`) only this process has it, so it is passed on.
 */
export function runRepoNode(args) {
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const child = spawn(repoNode, args, { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !terminal) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    process.stderr.write(`harness: ${repoNode} does not start (${error.message}): run \`node setup.mjs\`\n`)
    process.exit(4)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    // Die of the same signal, so that a shell or CI job sees an interrupt and not an exit code.
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    setTimeout(() => process.exit(128 + constants.signals[signal]), 1000)
  })
}
