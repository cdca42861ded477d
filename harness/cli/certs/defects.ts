/**
 * `harness certs defects`: every defect with its twin as files, and an index of them.
 * @module
 */
import { join } from 'node:path'
import { Command } from 'commander'
import { HarnessError } from '../../errors.ts'
import { goodIds, type Mint } from '../../pki/mint.ts'
import { defectSentences, goodSentences } from '../../pki/sentences.ts'
import { type DefectId, defectIds, type Identity } from '../../pki/types.ts'
import { readme } from './defects-readme.ts'
import { type SourceOptions, sourceOf } from './defects-source.ts'
import { type OutputFile, writeFiles } from './files.ts'
import { opensslVerdict, opensslVersion, type VerifyFiles } from './openssl-verify.ts'
import { caFiles, caOptions, say } from './options.ts'

interface Options extends SourceOptions {
  out: string
  only?: string[]
  force?: true
}

/** One identity in the index. */
export interface IndexEntry {
  id: string
  kind: 'good' | 'defect'
  /** What it is. */
  what: string
  cert: string
  key: string
  fingerprint256: string
  /** The good identity it is compared with. */
  twin?: { cert: string; key: string; fingerprint256: string; openssl: string }
  /** The client's own TLS library needs a lower security level to load it. */
  weak?: boolean
  /** First line of `openssl verify`. */
  openssl: string
  /** Why it could not be made. */
  missing?: string
}

/** The command. */
export function defectsCommand(): Command {
  const command = new Command('defects')
    .summary('write every bad certificate with its good twin')
    .description(
      'Write client certificates with exactly one defect each, the good twin of each, and an index (README.md, index.json) ' +
        'that says what is wrong and what openssl says. With a deployment file they are those that `harness verify` makes; ' +
        'without it and without a CA a new CA is made.',
    )
  return caOptions(command)
    .option('-d, --deployment <file>', 'deployment file: its CA, its identity, the names it lets in, its CRL')
    .option(
      '--hostname <name>',
      'the sibling of the deployment file that they are for (default: its hostname)',
    )
    .option('--crl <file>', 'CRL of the CA whose serial the revoked one gets (default: a new one is made)')
    .option('--out <dir>', 'folder to write to', 'defects')
    .option('--only <id...>', 'only these')
    .option('--force', 'replace files that are there')
    .addHelpText(
      'after',
      `
Examples:
  harness certs defects --ca sensor-ca --out defects
  harness certs defects --only expired-day impostor-ca
  harness certs defects -d harness.yaml --only expired-day
  curl --cert defects/expired-day.pem --key defects/expired-day-key.pem https://api.example.com/`,
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const wanted = selection(options.only)
  const { mint, ca, newKey, crl } = await sourceOf(options)
  const path = (name: string): string => join(options.out, name)
  const trust: OutputFile[] = [
    ...(ca === undefined ? [] : [{ path: path(caFiles.cert), content: ca.cert }]),
    ...(crl === undefined ? [] : [{ path: path('crl.pem'), content: crl }]),
    ...(newKey === undefined ? [] : [{ path: path(caFiles.key), content: newKey, secret: true }]),
  ]
  const made = await Promise.all(wanted.map((id) => make(mint, id)))
  const identities = made.flatMap(({ files }) => files).map((file) => ({ ...file, path: path(file.path) }))
  // Without a CRL no revoked certificate is made, which is the only one that needs it.
  const trusted = { ca: ca?.cert ?? '', crl: crl?.toString('latin1') ?? '', partial: ca?.partial === true }
  const entries: IndexEntry[] = []
  for (const { entry, bad, twin } of made)
    entries.push(ca === undefined ? entry : await judged(entry, bad, twin, trusted))
  const version = await opensslVersion()
  const index = [
    {
      path: path('index.json'),
      content: `${JSON.stringify({ openssl: version ?? null, identities: entries }, null, 2)}\n`,
    },
    { path: path('README.md'), content: readme(entries, version, ca?.subject) },
  ]
  await writeFiles([...trust, ...identities, ...index], options.force === true)
  const missing = entries.filter((entry) => entry.missing !== undefined)
  say(
    command,
    `${entries.length - missing.length} certificates${ca === undefined ? '' : ` under ${ca.subject}`} in ${options.out}; the index is ${path('README.md')}`,
    ...missing.map((entry) => `  not made: ${entry.id} needs ${entry.missing}`),
  )
}

type Id = DefectId | (typeof goodIds)[number]

function selection(only: readonly string[] | undefined): Id[] {
  const all: readonly Id[] = [...goodIds, ...defectIds]
  const unknown = only?.find((id) => !all.some((known) => known === id))
  if (unknown !== undefined) {
    throw new HarnessError('ERR_USAGE', `there is no defect "${unknown}"`, {
      hint: `known ones: ${all.join(', ')}`,
    })
  }
  return only === undefined ? [...all] : all.filter((id) => only.includes(id))
}

interface Made {
  entry: IndexEntry
  bad?: Identity
  twin?: Identity
  files: OutputFile[]
}

async function make(mint: Mint, id: Id): Promise<Made> {
  const isDefect = (defectIds as readonly string[]).includes(id)
  const what = isDefect ? defectSentences[id as DefectId] : goodSentences[id as (typeof goodIds)[number]]
  const entry: IndexEntry = {
    id,
    kind: isDefect ? 'defect' : 'good',
    what,
    ...names(id),
    fingerprint256: '',
    openssl: '',
  }
  const missing = mint.missing(id)
  if (missing !== undefined) return { entry: { ...entry, missing }, files: [] }
  const bad = await mint.get(id)
  const full = { ...entry, fingerprint256: bad.fingerprint256, ...(bad.weak ? { weak: true } : {}) }
  if (!isDefect || mint.missing('valid') !== undefined) return { entry: full, bad, files: pair(id, bad) }
  const twin = await mint.twin(id as DefectId)
  const twinEntry = { ...names(`${id}.twin`), fingerprint256: twin.fingerprint256, openssl: '' }
  return {
    entry: { ...full, twin: twinEntry },
    bad,
    twin,
    files: [...pair(id, bad), ...pair(`${id}.twin`, twin)],
  }
}

const names = (id: string): { cert: string; key: string } => ({ cert: `${id}.pem`, key: `${id}-key.pem` })

const pair = (id: string, { cert, key }: Identity): OutputFile[] => [
  { path: names(id).cert, content: cert },
  { path: names(id).key, content: key, secret: true },
]

async function judged(
  entry: IndexEntry,
  bad: Identity | undefined,
  twin: Identity | undefined,
  trust: VerifyFiles,
): Promise<IndexEntry> {
  if (bad === undefined) return entry
  const openssl = await opensslVerdict(bad, trust)
  if (entry.twin === undefined || twin === undefined) return { ...entry, openssl }
  return { ...entry, openssl, twin: { ...entry.twin, openssl: await opensslVerdict(twin, trust) } }
}
