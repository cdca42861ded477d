/**
 * `harness certs issue`: a client or server certificate.
 * @module
 */
import { join } from 'node:path'
import { Command } from 'commander'
import { HarnessError } from '../../errors.ts'
import type { IssueOptions } from '../../pki/authority.ts'
import { describeCertificate } from '../../pki/describe.ts'
import { crlDistributionPoints } from '../../pki/extensions.ts'
import { keyToEncryptedPem, readPrivateKey } from '../../pki/keys.ts'
import type { KeyAlgorithm } from '../../pki/types.ts'
import { type OutputFile, readInput, writeFiles } from './files.ts'
import { algorithmOption, type CaOptions, caOptions, days, fileName, inDays, needCa, say } from './options.ts'
import { passphraseOptions, readPassphrase } from './passphrase.ts'

interface Options extends CaOptions {
  out: string
  subject?: string
  server?: true
  dns?: string[]
  ip?: string[]
  uri?: string[]
  email?: string[]
  eku?: string[]
  algorithm: KeyAlgorithm
  days: number
  serial?: string
  crlUrl?: string[]
  csr?: string
  passphraseEnv?: string
  passphraseFile?: string
  force?: true
}

/** The command. */
export function issueCommand(): Command {
  const command = new Command('issue')
    .summary('issue a client or server certificate')
    .description('Issue a client certificate (or a server certificate) with a fresh key, or for a CSR.')
    .argument('<name>', 'what to call it: files become <name>.pem and <name>-key.pem')
  caOptions(command)
  command
    .option('--out <dir>', 'folder to write to', '.')
    .option('--subject <dn>', 'subject (RFC 4514; default: CN=<name>, or the CSR’s)')
    .option('--server', 'a server certificate: serverAuth instead of clientAuth')
    .option('--dns <name...>', 'alternative name: DNS')
    .option('--ip <address...>', 'alternative name: IP address')
    .option('--uri <uri...>', 'alternative name: URI, e.g. a SPIFFE id')
    .option('--email <address...>', 'alternative name: e-mail address')
    .option('--eku <usage...>', 'extended key usage: a name such as clientAuth, or an OID; "none" for none')
    .addOption(algorithmOption())
    .option('--days <n>', 'validity', days, 90)
    .option('--serial <hex>', 'serial number (default: random)')
    .option('--crl-url <url...>', 'CRL distribution point')
    .option('--csr <file>', 'sign this CSR instead of making a key, - for stdin')
  passphraseOptions(command, '', 'the passphrase to encrypt the new key with')
  return command
    .option('--force', 'replace files that are there')
    .addHelpText(
      'after',
      `
Examples:
  harness certs issue sensor-001 --ca sensor-ca --subject "CN=sensor-001,O=Example"
  harness certs issue api --server --dns api.example.com --ip 127.0.0.1 --ca sensor-ca
  harness certs issue device-7 --csr device-7.csr --ca-cert ca.pem --ca-key ca-key.pem`,
    )
    .action(run)
}

async function run(name: string, options: Options, command: Command): Promise<void> {
  const base = join(options.out, fileName(name))
  const authority = await needCa(options)
  const passphrase = await readPassphrase({ env: options.passphraseEnv, file: options.passphraseFile })
  const shared = sharedOptions(options)
  const files: OutputFile[] = []
  if (options.csr === undefined) {
    const identity = await authority.issue({ ...shared, name, algorithm: options.algorithm })
    const key =
      passphrase === undefined ? identity.key : keyToEncryptedPem(readPrivateKey(identity.key), passphrase)
    files.push(
      { path: `${base}.pem`, content: identity.cert },
      { path: `${base}-key.pem`, content: key, secret: true },
    )
  } else {
    if (passphrase !== undefined) {
      throw new HarnessError('ERR_USAGE', 'a CSR’s key is with its sender: there is no key to encrypt here')
    }
    const csr = (await readInput(options.csr, 'the CSR')).toString('utf8')
    files.push({ path: `${base}.pem`, content: await authority.signCsr(csr, shared) })
  }
  await writeFiles(files, options.force === true)
  const description = describeCertificate(String(files[0]?.content))
  if (!description.ok) throw new HarnessError('ERR_INTERNAL', description.error)
  const { subject, serial, notAfter, fingerprint256 } = description.facts
  say(
    command,
    `${subject.rfc4514}, issued by ${authority.subject}`,
    `  serial ${serial}, valid until ${notAfter}, SHA-256 ${fingerprint256}`,
    ...files.map(({ path, secret }) => `  ${path}${secret ? ' (private key)' : ''}`),
  )
}

function sharedOptions(options: Options): IssueOptions {
  const { dns, ip, uri, email, eku } = options
  const san = { ...(dns && { dns }), ...(ip && { ip }), ...(uri && { uri }), ...(email && { email }) }
  return {
    notAfter: inDays(options.days),
    purpose: options.server ? 'server' : 'client',
    ...(options.subject === undefined ? {} : { subject: options.subject }),
    ...(Object.keys(san).length === 0 ? {} : { san }),
    ...(eku === undefined ? {} : { eku: eku.length === 1 && eku[0] === 'none' ? [] : eku }),
    ...(options.serial === undefined ? {} : { serial: options.serial }),
    ...(options.crlUrl === undefined ? {} : { extensions: [crlDistributionPoints(options.crlUrl)] }),
  }
}
