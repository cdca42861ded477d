/**
 * `harness certs pkcs12`: PEM to PKCS#12 and back.
 * @module
 */
import { basename, extname, join } from 'node:path'
import { Command } from 'commander'
import { HarnessError } from '../../errors.ts'
import { loadIdentity, loadPkcs12 } from '../../pki/identity.ts'
import { keyToEncryptedPem, readPrivateKey } from '../../pki/keys.ts'
import { exportPkcs12 } from '../../pki/pkcs12/export.ts'
import { readInput, writeFiles } from './files.ts'
import { fileName, say } from './options.ts'
import { needPassphrase, passphraseOptions, readPassphrase } from './passphrase.ts'

interface Passphrases {
  passphraseEnv?: string
  passphraseFile?: string
  keyPassphraseEnv?: string
  keyPassphraseFile?: string
}

interface ExportOptions extends Passphrases {
  cert: string
  key: string
  out: string
  friendlyName?: string
  force?: true
}

interface ImportOptions extends Passphrases {
  out: string
  name?: string
  force?: true
}

/** The command with its two subcommands. */
export function pkcs12Command(): Command {
  return new Command('pkcs12')
    .summary('write and read PKCS#12 files (.p12, .pfx)')
    .description('Write and read PKCS#12 files (.p12, .pfx).')
    .addCommand(exportCommand())
    .addCommand(importCommand())
}

function exportCommand(): Command {
  const command = new Command('export')
    .summary('PEM to PKCS#12')
    .description(
      'Put a certificate, its chain and its key into a PKCS#12 file (AES-256, as openssl 3 writes it).',
    )
    .requiredOption('--cert <file>', 'certificate, then its chain (PEM)')
    .requiredOption('--key <file>', 'private key (PEM)')
    .requiredOption('--out <file>', 'file to write')
    .option('--friendly-name <text>', 'name that key stores show')
  passphraseOptions(command, '', 'the passphrase of the PKCS#12 file')
  passphraseOptions(command, 'key-', 'the passphrase of the PEM key, where it is encrypted')
  return command
    .option('--force', 'replace the file if it is there')
    .addHelpText(
      'after',
      `
Examples:
  harness certs pkcs12 export --cert sensor.pem --key sensor-key.pem --out sensor.p12 --passphrase-env P12_PASS`,
    )
    .action(runExport)
}

function importCommand(): Command {
  const command = new Command('import')
    .summary('PKCS#12 to PEM')
    .description('Take the certificate, its chain (without the root) and its key out of a PKCS#12 file.')
    .argument('<file>', 'PKCS#12 file')
    .option('--out <dir>', 'folder to write to', '.')
    .option('--name <name>', 'files become <name>.pem and <name>-key.pem (default: the name of the file)')
  passphraseOptions(command, '', 'the passphrase of the PKCS#12 file')
  passphraseOptions(command, 'key-', 'a passphrase to encrypt the PEM key with')
  return command
    .option('--force', 'replace files that are there')
    .addHelpText(
      'after',
      `
Examples:
  harness certs pkcs12 import sensor.p12 --passphrase-file pass.txt --out identities
  printf %s "$P12_PASS" | harness certs pkcs12 import sensor.p12 --passphrase-file -`,
    )
    .action(runImport)
}

async function runExport(options: ExportOptions, command: Command): Promise<void> {
  const cert = (await readInput(options.cert, 'the certificate')).toString('utf8')
  const key = (await readInput(options.key, 'the private key')).toString('utf8')
  const keyPassphrase = await keyPassphraseOf(options)
  const name = 'identity'
  const identity = loadIdentity({
    name,
    cert,
    key,
    ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase }),
  })
  const passphrase = await needPassphrase(filePassphrase(options), 'the passphrase of the new PKCS#12 file', {
    isNew: true,
  })
  const friendly = options.friendlyName === undefined ? {} : { friendlyName: options.friendlyName }
  const content = exportPkcs12({ cert: identity.cert, key: identity.key, passphrase, ...friendly })
  await writeFiles([{ path: options.out, content, secret: true }], options.force === true)
  say(command, `${options.out}: ${identity.subject} with its private key`)
}

async function runImport(file: string, options: ImportOptions, command: Command): Promise<void> {
  if (file === '-' && options.passphraseFile === '-') {
    throw new HarnessError('ERR_USAGE', 'stdin cannot be the file and the passphrase at once')
  }
  const pfx = await readInput(file, 'the PKCS#12 file')
  const name = fileName(options.name ?? (file === '-' ? 'identity' : basename(file, extname(file))))
  const keyPassphrase = await keyPassphraseOf(options)
  const passphrase = await needPassphrase(filePassphrase(options), 'the passphrase of the PKCS#12 file', {
    isNew: false,
  })
  const identity = loadPkcs12({ name, pfx, passphrase })
  const key =
    keyPassphrase === undefined
      ? identity.key
      : keyToEncryptedPem(readPrivateKey(identity.key), keyPassphrase)
  const files = [
    { path: join(options.out, `${name}.pem`), content: identity.cert },
    { path: join(options.out, `${name}-key.pem`), content: key, secret: true },
  ]
  await writeFiles(files, options.force === true)
  say(
    command,
    identity.subject,
    ...files.map(({ path, secret }) => `  ${path}${secret ? ' (private key)' : ''}`),
  )
}

const filePassphrase = (options: Passphrases): { env: string | undefined; file: string | undefined } => ({
  env: options.passphraseEnv,
  file: options.passphraseFile,
})

function keyPassphraseOf(options: Passphrases): Promise<string | undefined> {
  if (options.passphraseFile === '-' && options.keyPassphraseFile === '-') {
    throw new HarnessError('ERR_USAGE', 'stdin holds one passphrase, not two')
  }
  return readPassphrase({ env: options.keyPassphraseEnv, file: options.keyPassphraseFile })
}
