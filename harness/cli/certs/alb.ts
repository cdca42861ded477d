/**
 * `harness certs alb`: the certificates of the AWS ALB guide in one command.
 * @module
 */
import { join } from 'node:path'
import { Command } from 'commander'
import { HarnessError } from '../../errors.ts'
import { albCertificates } from '../../pki/alb.ts'
import { exists, writeFiles } from './files.ts'
import { say } from './options.ts'
import { needPassphrase, passphraseOptions } from './passphrase.ts'

interface Options {
  domain?: string
  out: string
  passphraseEnv?: string
  passphraseFile?: string
  force?: true
}

/** The command. */
export function albCommand(): Command {
  const command = new Command('alb')
    .summary('the certificates of the AWS ALB guide')
    .description(
      'Make what the openssl commands of Cloudflare’s guide "AWS ALB integration" (Authenticated Origin Pulls) make: a root CA ' +
        '(RSA-4096, encrypted key, 1826 days) and a leaf (RSA-4096, 730 days) that the ALB’s trust store verifies.',
    )
    .argument('<hostname>', 'common name of the leaf: the hostname the edge protects')
    .option('--domain <name>', 'common name of the root (default: the hostname without its first label)')
    .option(
      '--out <dir>',
      'folder for rootca.key, rootca.crt, cert.key, cert.csr, cert.crt and cert.v3.ext',
      'alb',
    )
  passphraseOptions(command, '', 'the passphrase to encrypt rootca.key with')
  return command
    .option('--force', 'replace files that are there')
    .addHelpText(
      'after',
      `
Examples:
  harness certs alb api.example.com --passphrase-env ROOT_PASS
  harness certs alb api.example.com --domain example.com --passphrase-file pass.txt --out aop

Then: upload rootca.crt to S3 and create the ALB's trust store from it; upload cert.crt and cert.key to Cloudflare.`,
    )
    .action(run)
}

async function run(hostname: string, options: Options, command: Command): Promise<void> {
  // Found before the seconds that the keys take.
  const path = (name: string): string => join(options.out, name)
  if (options.force !== true && (await exists(path('rootca.key')))) {
    throw new HarnessError('ERR_USAGE', `${path('rootca.key')} exists and is not overwritten`, {
      hint: 'name another place with --out, or replace it with --force',
    })
  }
  const source = { env: options.passphraseEnv, file: options.passphraseFile }
  const passphrase = await needPassphrase(source, 'the passphrase for rootca.key', { isNew: true })
  command.configureOutput().writeErr?.('making two RSA-4096 keys: this takes a few seconds\n')
  const made = await albCertificates({
    hostname,
    domain: options.domain ?? parentDomain(hostname),
    passphrase,
  })
  const files = Object.entries(made).map(([name, content]) => ({
    path: path(name),
    content,
    secret: name.endsWith('.key'),
  }))
  await writeFiles(files, options.force === true)
  say(
    command,
    `the certificates of the AWS ALB guide for ${hostname}:`,
    ...files.map((file) => `  ${file.path}${file.secret ? ' (private key)' : ''}`),
    'next: rootca.crt to S3 and into the ALB’s trust store; cert.crt and cert.key to Cloudflare (Authenticated Origin Pulls)',
  )
}

/** `example.com` of `api.example.com`; a name of two labels is its own domain. */
function parentDomain(hostname: string): string {
  const labels = hostname.split('.')
  return labels.length > 2 ? labels.slice(1).join('.') : hostname
}
