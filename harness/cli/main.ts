/**
 * The process: arguments, streams and exit code. Imported by `bin/harness.mjs`.
 * @module
 */
import { exitCodes } from '../errors.ts'
import { speakAsStarted } from './as-started.ts'
import { commands } from './commands.ts'
import { describeError, run } from './run.ts'

const debug = (process.env.HARNESS_DEBUG ?? '') !== ''

// A reader that has seen enough (`| head`) is no reason to stop verifying, and none to fail.
for (const stream of [process.stdout, process.stderr]) {
  speakAsStarted(stream)
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
  })
}

// Node's own exit code here is 1, which would read as "findings".
process.on('uncaughtException', (error) => {
  process.stderr.write(describeError(error, debug))
  process.exit(exitCodes.internal)
})

const code = await run(process.argv.slice(2), commands, {
  stdout: process.stdout,
  stderr: process.stderr,
  debug,
})
// Pipes are written asynchronously on some systems: everything is out before the process ends.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  ),
)
process.exit(code)
