/**
 * `harness certs crl`: a certificate revocation list.
 * @module
 */
import { Command } from 'commander'
import { HarnessError } from '../../errors.ts'
import { checkedSerial } from '../../pki/crl.ts'
import { describeCertificate } from '../../pki/describe.ts'
import { exists, readInput, writeFiles } from './files.ts'
import { type CaOptions, caOptions, days, inDays, needCa, say } from './options.ts'

interface Options extends CaOptions {
  revoke?: string[]
  out: string
  days: number
  force?: true
}

/** The command. */
export function crlCommand(): Command {
  const command = new Command('crl')
    .summary('make a certificate revocation list')
    .description('Make a certificate revocation list, signed by a CA.')
  return caOptions(command)
    .option('--revoke <serial|file...>', 'serial numbers in hex, or certificate files')
    .option('--out <file>', 'file to write (PEM)', 'crl.pem')
    .option('--days <n>', 'days until the next one is due', days, 7)
    .option('--force', 'replace the file if it is there')
    .addHelpText(
      'after',
      `
Examples:
  harness certs crl --ca sensor-ca --revoke sensor-001.pem --out clients.crl
  harness certs crl --ca sensor-ca --revoke 0A1B2C 77            by serial number
  harness certs crl --ca sensor-ca                               nothing is revoked`,
    )
    .action(run)
}

async function run({ revoke = [], out, days: due, force, ...ca }: Options, command: Command): Promise<void> {
  const authority = await needCa(ca)
  const revoked = await Promise.all(
    revoke.map(async (text) => ({ serial: await serialOf(text, authority.subject) })),
  )
  await writeFiles(
    [{ path: out, content: await authority.crl({ revoked, nextUpdate: inDays(due) }) }],
    force === true,
  )
  say(
    command,
    `${out}: CRL of ${authority.subject}, ${revoked.length} revoked`,
    ...revoked.map(({ serial }) => `  ${serial}`),
  )
}

async function serialOf(text: string, issuer: string): Promise<string> {
  if (!(await exists(text))) return checkedSerial(text)
  const description = describeCertificate(await readInput(text, 'the certificate'))
  if (!description.ok) throw new HarnessError('ERR_CERTIFICATE', `${text}: ${description.error}`)
  if (description.facts.issuer.rfc4514 !== issuer) {
    throw new HarnessError(
      'ERR_CERTIFICATE',
      `${text} was not issued by ${issuer}, but by ${description.facts.issuer.rfc4514}`,
      {
        hint: 'a CA revokes its own certificates only',
      },
    )
  }
  return description.facts.serial
}
