/**
 * `harness certs`: authorities and client certificates, good or bad, without writing openssl commands.
 * @module
 */
import { Command } from 'commander'
import { albCommand } from './certs/alb.ts'
import { caCommand } from './certs/ca.ts'
import { crlCommand } from './certs/crl.ts'
import { defectsCommand } from './certs/defects.ts'
import { inspectCommand } from './certs/inspect.ts'
import { issueCommand } from './certs/issue.ts'
import { pkcs12Command } from './certs/pkcs12.ts'

/** The command with all its subcommands. They throw HarnessError; nothing is written to a file that exists. */
export function certsCommand(): Command {
  const command = new Command('certs')
    .summary('make authorities and client certificates, good or bad')
    .description(
      'Make certificate authorities, client certificates and deliberately bad ones. Keys are written with mode 0600; ' +
        'passphrases come from a variable, a file, stdin or a prompt, never from the command line.',
    )
    .addHelpText(
      'after',
      `
Examples:
  harness certs ca --name "CN=Sensor CA" --out sensor-ca
  harness certs issue sensor-001 --ca sensor-ca
  harness certs defects --ca sensor-ca --out defects
  harness certs inspect sensor-001.pem`,
    )
  const subcommands = [
    caCommand,
    issueCommand,
    defectsCommand,
    crlCommand,
    pkcs12Command,
    inspectCommand,
    albCommand,
  ]
  for (const make of subcommands) command.addCommand(make())
  return command
}
