/**
 * The origin's own configuration, which no API of the edge reaches: whoever runs the drill says how it is changed.
 * @module
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HarnessError } from '../errors.ts'
import { shellQuoted } from './shell.ts'
import type { OriginMode } from './types.ts'

/** How an origin treats client certificates. */
export interface OriginTerms {
  mode: OriginMode
  /** PEM of the CAs it trusts; '' where that is the operator's own business. */
  trust: string
}

/** The way to change an origin. */
export interface OriginControl {
  /** As it is now; undefined: it cannot be asked. */
  read(): Promise<OriginTerms | undefined>
  /** @throws Error when it could not be changed. */
  set(terms: OriginTerms): Promise<void>
  /** The same by hand. */
  command(terms: OriginTerms): string
}

/** Milliseconds that a command may take. */
const patience = 120_000

/**
 * Runs an operator's command in a shell for every change, with `HARNESS_ORIGIN_MODE` (off, optional, required) and
 * `HARNESS_ORIGIN_TRUST`, a file with the CAs to trust (empty file: those that are configured already). It is run in
 * `folder`; default: where this process is.
 */
export function commandOrigin(
  command: string,
  { folder, time = patience }: { folder?: string; time?: number } = {},
): OriginControl {
  return {
    read: async () => undefined,
    async set({ mode, trust }) {
      const scratch = await mkdtemp(join(tmpdir(), 'harness-drill-'))
      try {
        const file = join(scratch, 'trust.pem')
        await writeFile(file, trust, { mode: 0o600 })
        await run(command, { HARNESS_ORIGIN_MODE: mode, HARNESS_ORIGIN_TRUST: file }, folder, time)
      } finally {
        await rm(scratch, { recursive: true, force: true })
      }
    },
    command: ({ mode }) =>
      `HARNESS_ORIGIN_MODE=${mode} HARNESS_ORIGIN_TRUST=/dev/null sh -c ${shellQuoted(command)}`,
  }
}

function run(
  command: string,
  env: Record<string, string>,
  folder: string | undefined,
  time: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // In a group of its own: Ctrl-C at the terminal must not end a change half way.
    const child = spawn('sh', ['-c', command], {
      env: { ...process.env, ...env },
      ...(folder === undefined ? {} : { cwd: folder }),
      stdio: ['ignore', 'ignore', 'ignore'],
      detached: true,
    })
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, time)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve()
      else
        reject(
          new HarnessError(
            'ERR_UNREACHABLE',
            `the origin’s command ended with ${code ?? 'a signal'}: it does not count as done`,
          ),
        )
    })
  })
}

/** Asks a person for every change; `ask` resolves when it is done, and throws when it will not be. */
export function askedOrigin(ask: (sentence: string) => Promise<void>): OriginControl {
  return {
    read: async () => undefined,
    set: (terms) => ask(sentenceFor(terms)),
    command: (terms) => `# at the origin: ${sentenceFor(terms)}`,
  }
}

const sentences: Readonly<Record<OriginMode, string>> = {
  off: 'do not ask for client certificates',
  optional:
    'ask for a client certificate, let requests without one through (nginx: ssl_verify_client optional)',
  required: 'require a client certificate (nginx: ssl_verify_client on)',
}

const sentenceFor = ({ mode }: OriginTerms): string => sentences[mode]
