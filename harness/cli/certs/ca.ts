/**
 * `harness certs ca`: a root or an intermediate.
 * @module
 */
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { createAuthority } from '../../pki/authority.ts'
import { crlDistributionPoints } from '../../pki/extensions.ts'
import { keyToEncryptedPem, readPrivateKey } from '../../pki/keys.ts'
import type { KeyAlgorithm } from '../../pki/types.ts'
import { writeFiles } from './files.ts'
import { algorithmOption, type CaOptions, caFiles, caOptions, days, inDays, readCa, say } from './options.ts'
import { passphraseOptions, readPassphrase } from './passphrase.ts'

interface Options extends CaOptions {
  name: string
  out: string
  algorithm: KeyAlgorithm
  days: number
  pathLength?: number
  permit?: string[]
  exclude?: string[]
  crlUrl?: string[]
  passphraseEnv?: string
  passphraseFile?: string
  force?: true
}

/** The command. */
export function caCommand(): Command {
  const command = new Command('ca')
    .summary('make a certificate authority')
    .description('Make a certificate authority: a root, or with --ca an intermediate below another one.')
    .option('--name <dn>', 'its name (RFC 4514)', 'CN=mtls-access-harness CA')
    .option('--out <dir>', 'folder for ca.pem, ca-key.pem and chain.pem', 'client-ca')
    .addOption(algorithmOption())
    .option('--days <n>', 'validity', days, 3650)
    .option('--path-length <n>', 'intermediates that may follow below it (default: any number)', pathLength)
    .option('--permit <dns...>', 'name constraint: only names under these domains')
    .option('--exclude <dns...>', 'name constraint: no names under these domains')
    .option('--crl-url <url...>', 'where the CRL about its own certificate is')
  passphraseOptions(command, '', 'the passphrase to encrypt its key with')
  caOptions(command, 'the CA that signs it')
  return command
    .option('--force', 'replace files that are there')
    .addHelpText(
      'after',
      `
Examples:
  harness certs ca --name "CN=Sensor CA,O=Example" --out sensor-ca
  harness certs ca --algorithm rsa-4096 --passphrase-env CA_PASS --out root
  harness certs ca --name "CN=Issuing CA" --ca root --ca-passphrase-env CA_PASS --path-length 0 --out issuing`,
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const issuer = await readCa(options)
  const passphrase = await readPassphrase({ env: options.passphraseEnv, file: options.passphraseFile })
  const constraints = { permitted: options.permit ?? [], excluded: options.exclude ?? [] }
  const constrained = constraints.permitted.length + constraints.excluded.length > 0
  const authority = await createAuthority({
    name: options.name,
    algorithm: options.algorithm,
    notAfter: inDays(options.days),
    ...(issuer === undefined ? {} : { issuer }),
    ...(options.pathLength === undefined ? {} : { pathLength: options.pathLength }),
    ...(constrained ? { nameConstraints: constraints } : {}),
    ...(options.crlUrl === undefined ? {} : { extensions: [crlDistributionPoints(options.crlUrl)] }),
  })
  const key =
    passphrase === undefined ? authority.key : keyToEncryptedPem(readPrivateKey(authority.key), passphrase)
  const path = (name: string): string => join(options.out, name)
  const chain = authority.chain === '' ? [] : [{ path: path(caFiles.chain), content: authority.chain }]
  await writeFiles(
    [
      { path: path(caFiles.cert), content: authority.cert },
      { path: path(caFiles.key), content: key, secret: true },
      ...chain,
    ],
    options.force === true,
  )
  say(
    command,
    `${authority.subject} (${options.algorithm}, key identifier ${authority.ski})`,
    `  ${path(caFiles.cert)}      certificate: the server’s trust store`,
    `  ${path(caFiles.key)}  private key${passphrase === undefined ? '' : ', encrypted'}: keep it`,
    ...chain.map((file) => `  ${file.path}   what clients send behind their certificate`),
    `next: harness certs issue sensor-001 --ca ${options.out}`,
  )
}

function pathLength(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('A whole number from 0 to 999 is needed.')
  return Number(text)
}
