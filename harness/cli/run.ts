/**
 * One run of the command line: arguments in, exit code out, errors as a person should read them.
 * @module
 */
import { CommanderError } from 'commander'
import { type ExitCode, exitCodes, HarnessError } from '../errors.ts'
import type { Commands } from './commands.ts'
import { createProgram, type Output } from './program.ts'

/** What a run writes to besides its commands' own output. */
export interface RunOptions extends Output {
  /** Show stacks of errors. */
  debug: boolean
}

/** An error as text for stderr, ending with a newline. A stack only in debug mode. */
export function describeError(error: unknown, debug: boolean): string {
  if (error instanceof HarnessError) {
    const { file, line, column } = error.location ?? {}
    const at = [file, line, column].filter((part) => part !== undefined).join(':')
    const lines = [`harness: ${error.message}`, at && `  at ${at}`, error.hint && `  hint: ${error.hint}`]
    if (debug) lines.push(error.stack, error.cause === undefined ? '' : `cause: ${String(error.cause)}`)
    return `${lines.filter((text) => text).join('\n')}\n`
  }
  const message = error instanceof Error ? error.message : String(error)
  const lines = [
    'harness: sorry, the harness itself failed; this says nothing about the host.',
    `  ${message}`,
  ]
  if (debug && error instanceof Error) lines.push(error.stack ?? '')
  else lines.push('  HARNESS_DEBUG=1 shows where')
  return `${lines.join('\n')}\n`
}

/** Exit code that an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof HarnessError) return error.exitCode
  // Commander throws for --help and --version too, with exit code 0; its message is already written.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  return exitCodes.internal
}

/** Runs the command that `args` name (without `node` and the script). Never throws. */
export async function run(
  args: readonly string[],
  commands: Commands,
  { debug, ...output }: RunOptions,
): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  try {
    const program = await createProgram(args, commands, output, (ended) => {
      code = ended
    })
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) output.stderr.write(describeError(error, debug))
    return exitCodeOf(error)
  }
}
