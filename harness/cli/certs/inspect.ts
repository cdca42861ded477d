/**
 * `harness certs inspect`: what a certificate says.
 * @module
 */
import { Command } from 'commander'
import { HarnessError } from '../../errors.ts'
import { type CertificateFacts, type Description, describeAll } from '../../pki/describe.ts'
import { extendedKeyUsages } from '../../pki/oids.ts'
import { readInput } from './files.ts'
import { say } from './options.ts'

/** The command. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .summary('show what certificates say')
    .description('Show every certificate of PEM or DER files, as edges and servers forward its fields.')
    .argument('<file...>', 'PEM (any number of certificates) or DER, - for stdin')
    .option('--json', 'print an array of facts')
    .addHelpText(
      'after',
      `
Examples:
  harness certs inspect sensor.pem
  harness certs inspect chain.pem --json
  openssl s_client -connect api.example.com:443 -showcerts </dev/null | harness certs inspect -`,
    )
    .action(run)
}

async function run(files: string[], { json }: { json?: true }, command: Command): Promise<void> {
  const found: { file: string; title: string; description: Description }[] = []
  for (const file of files) {
    const input = await readInput(file, 'certificates')
    if (input.length > 64 << 20) throw new HarnessError('ERR_USAGE', `${file} is larger than 64 MiB`)
    const all = describeAll(input)
    found.push(
      ...all.map((description, at) => ({ file, title: `${file} [${at + 1}/${all.length}]`, description })),
    )
  }
  const shown = found.map(({ file, description }) =>
    description.ok ? { file, ...description.facts } : { file, error: description.error },
  )
  if (json) say(command, JSON.stringify(shown, null, 2))
  else say(command, found.map(({ title, description }) => text(title, description)).join('\n\n'))
  const bad = found.find(({ description }) => !description.ok)
  if (bad === undefined || bad.description.ok) return
  throw new HarnessError('ERR_CERTIFICATE', `${bad.file}: ${bad.description.error}`, {
    hint: 'keys are looked at with: openssl pkey -in <file> -noout -text_pub; PKCS#12 with: openssl pkcs12 -in <file> -nokeys',
  })
}

function text(title: string, description: Description): string {
  if (!description.ok) return `${title}\n  ${description.error}`
  const { facts } = description
  const rows: [label: string, value: string][] = [
    ['subject', facts.subject.rfc4514],
    ['', facts.subject.legacy],
    ['issuer', facts.issuer.rfc4514 + (facts.selfIssued ? ' (itself)' : '')],
    ['', facts.issuer.legacy],
    ['serial', facts.serial],
    ['valid', `${facts.notBefore} to ${facts.notAfter}${validity(facts)}`],
    [
      'key',
      [facts.key.type, facts.key.curve, facts.key.size && `${facts.key.size} bits`]
        .filter(Boolean)
        .join(', '),
    ],
    ['signature', facts.signatureAlgorithm],
    ['CA', facts.isCa ? `yes${facts.pathLen === undefined ? '' : `, path length ${facts.pathLen}`}` : 'no'],
    ['key usage', facts.keyUsage.join(', ')],
    ['extended usage', facts.eku.map(usageName).join(', ')],
    ['names', names(facts)],
    ['permitted', facts.nameConstraints?.permitted.join(', ') ?? ''],
    ['excluded', facts.nameConstraints?.excluded.join(', ') ?? ''],
    ['CRL', facts.crlDistributionPoints.join(', ')],
    ['key id', facts.ski ?? ''],
    ['issuer key id', facts.aki ?? ''],
    ['SHA-256', facts.fingerprint256],
    ['SHA-1', facts.fingerprint1],
    ['unknown critical', facts.unknownCritical.join(', ')],
    ['problems', facts.problems.join('; ')],
  ]
  const lines = rows
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `  ${label.padEnd(16)} ${value}`)
  return [title, ...lines].join('\n')
}

function validity({ validFrom, validTo }: CertificateFacts): string {
  const now = Date.now()
  if (now < Date.parse(validFrom)) return ' (not yet valid)'
  return now > Date.parse(validTo) ? ' (expired)' : ''
}

function names({ san }: CertificateFacts): string {
  const { dns, ip, uri, email, other } = san
  return [
    ...dns.map((name) => `DNS:${name}`),
    ...ip.map((name) => `IP:${name}`),
    ...uri.map((name) => `URI:${name}`),
    ...email.map((name) => `email:${name}`),
    ...other,
  ].join(', ')
}

const usageName = (oid: string): string =>
  Object.entries(extendedKeyUsages).find(([, known]) => known === oid)?.[0] ?? oid
