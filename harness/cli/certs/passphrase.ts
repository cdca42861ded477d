/**
 * Passphrases: from the environment, a file, stdin or a prompt. Never from the command line, where `ps` shows them.
 * @module
 */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Command } from 'commander'
import { HarnessError } from '../../errors.ts'
import { readInput } from './files.ts'

/** Where a passphrase comes from. */
export interface PassphraseSource {
  env?: string | undefined
  /** `-` is stdin: its first line. */
  file?: string | undefined
}

/** Adds `--<prefix>passphrase-env` and `--<prefix>passphrase-file` to a command. */
export function passphraseOptions(command: Command, prefix: '' | 'ca-' | 'key-', what: string): Command {
  return command
    .option(`--${prefix}passphrase-env <name>`, `environment variable with ${what}`)
    .option(`--${prefix}passphrase-file <file>`, `file with ${what} on its first line, - for stdin`)
}

/**
 * The passphrase that was asked for, undefined when none was.
 * @throws HarnessError ERR_PASSPHRASE when the place named holds none.
 */
export async function readPassphrase({ env, file }: PassphraseSource): Promise<string | undefined> {
  if (env !== undefined && file !== undefined) {
    throw new HarnessError('ERR_USAGE', 'a passphrase comes from one place: a variable or a file, not both')
  }
  if (env !== undefined) {
    const value = process.env[env]
    if (value === undefined || value === '') {
      // Somebody may have typed the passphrase itself: only what looks like a name is repeated.
      const name = /^[A-Z_][A-Z0-9_]{0,63}$/.test(env) ? env : 'that was named'
      throw new HarnessError(
        'ERR_PASSPHRASE',
        `the environment variable ${name} is ${value === '' ? 'empty' : 'not set'}`,
        {
          hint: 'the option takes the name of a variable, not the passphrase: export it first',
        },
      )
    }
    return value
  }
  if (file === undefined) return undefined
  const [line = ''] = (await readInput(file, 'the passphrase')).toString('utf8').split(/\r?\n/)
  if (line === '')
    throw new HarnessError('ERR_PASSPHRASE', `the first line of ${file === '-' ? 'stdin' : file} is empty`)
  return line
}

/**
 * As {@link readPassphrase}, but there must be one: on a terminal it is asked for, twice where it is a new one.
 * @throws HarnessError ERR_PASSPHRASE when there is none.
 */
export async function needPassphrase(
  source: PassphraseSource,
  what: string,
  options: { isNew: boolean },
): Promise<string> {
  const given = await readPassphrase(source)
  if (given !== undefined) return given
  if (!process.stdin.isTTY) {
    throw new HarnessError('ERR_PASSPHRASE', `${what} is needed`, {
      hint: 'give it with --passphrase-env NAME or --passphrase-file FILE',
    })
  }
  const first = await ask(`${what}: `)
  if (first === '') throw new HarnessError('ERR_PASSPHRASE', `${what} is empty`)
  if (options.isNew && (await ask('once more: ')) !== first) {
    throw new HarnessError('ERR_PASSPHRASE', 'the two passphrases differ')
  }
  return first
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true })
  const closed = new AbortController()
  // Ctrl-C and Ctrl-D close the interface, and the question would wait for ever.
  terminal.once('close', () => closed.abort())
  try {
    return await terminal.question('', { signal: closed.signal })
  } catch (cause) {
    throw new HarnessError('ERR_INTERRUPTED', 'no passphrase was entered', { cause })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
