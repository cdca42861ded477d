/**
 * Options that several certificate commands share.
 * @module
 */
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { HarnessError } from '../../errors.ts'
import { type Authority, loadAuthority } from '../../pki/authority.ts'
import { keyAlgorithms } from '../../pki/keys.ts'
import { exists, readInput } from './files.ts'
import { passphraseOptions, readPassphrase } from './passphrase.ts'

/** Names of the files in the folder that `certs ca` writes. */
export const caFiles = { cert: 'ca.pem', key: 'ca-key.pem', chain: 'chain.pem' } as const

/** Options that name an existing CA. */
export interface CaOptions {
  ca?: string
  caCert?: string
  caKey?: string
  caPassphraseEnv?: string
  caPassphraseFile?: string
}

/** Adds the options that name an existing CA. */
export function caOptions(command: Command, what = 'the CA'): Command {
  command
    .option('--ca <dir>', `${what}: folder that "harness certs ca" wrote`)
    .option('--ca-cert <file>', `${what}: certificate (PEM), where it is elsewhere`)
    .option('--ca-key <file>', `${what}: private key (PEM)`)
  return passphraseOptions(command, 'ca-', 'the passphrase of the CA key')
}

/**
 * The CA that the options name, undefined when they name none.
 * @throws HarnessError when it cannot be loaded.
 */
export async function readCa(options: CaOptions): Promise<Authority | undefined> {
  const { ca, caCert, caKey } = options
  if (ca === undefined && caCert === undefined && caKey === undefined) return undefined
  if (ca === undefined && (caCert === undefined || caKey === undefined)) {
    throw new HarnessError(
      'ERR_USAGE',
      `--ca-cert and --ca-key belong together; ${caCert === undefined ? '--ca-cert' : '--ca-key'} is missing`,
    )
  }
  const folder = ca ?? '.'
  const chain = join(folder, caFiles.chain)
  const cert = await readInput(caCert ?? join(folder, caFiles.cert), 'the CA certificate')
  const key = await readInput(caKey ?? join(folder, caFiles.key), 'the CA key')
  const above =
    ca !== undefined && (await exists(chain)) ? await readInput(chain, 'the CA chain') : Buffer.alloc(0)
  const passphrase = await readPassphrase({ env: options.caPassphraseEnv, file: options.caPassphraseFile })
  return loadAuthority({
    cert: `${cert.toString('utf8')}\n${above.toString('utf8')}`,
    key: key.toString('utf8'),
    ...(passphrase === undefined ? {} : { passphrase }),
  })
}

/** The CA that the options name. @throws HarnessError ERR_USAGE when they name none. */
export async function needCa(options: CaOptions): Promise<Authority> {
  const authority = await readCa(options)
  if (authority !== undefined) return authority
  throw new HarnessError('ERR_USAGE', 'no CA was named', {
    hint: 'make one with "harness certs ca --out my-ca", then add --ca my-ca',
  })
}

/** `--algorithm`. */
export const algorithmOption = (): Option =>
  new Option('--algorithm <name>', 'kind of key').choices([...keyAlgorithms]).default('ecdsa-p256')

/** A whole number of days: 1 to 100 years. */
export function days(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 36_500)
    throw new InvalidArgumentError('A whole number from 1 to 36500 is needed.')
  return value
}

/** A moment that many days from now. */
export const inDays = (count: number): Date => new Date(Date.now() + count * 86_400_000)

/** A name that is safe as part of a file name. @throws HarnessError ERR_USAGE when it is not. */
export function fileName(name: string): string {
  if (/^[\w@][\w.@-]*$/.test(name)) return name
  throw new HarnessError('ERR_USAGE', `"${name}" cannot be a file name`, {
    hint: 'use letters, digits, dots, dashes and underscores; the subject of the certificate is set with --subject',
  })
}

/** Prints lines where the program's output goes. */
export function say(command: Command, ...lines: string[]): void {
  command.configureOutput().writeOut?.(`${lines.join('\n')}\n`)
}
