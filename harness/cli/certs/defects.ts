/**
 * `harness certs defects`: every defect with its twin as files, and an index of them.
 * @module
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Command } from 'commander'
import { HarnessError } from '../../errors.ts'
import { type Authority, createAuthority } from '../../pki/authority.ts'
import { readCrl } from '../../pki/crl.ts'
import { createMint, goodIds, type Mint } from '../../pki/mint.ts'
import { defectSentences, goodSentences } from '../../pki/sentences.ts'
import { type DefectId, defectIds, type Identity } from '../../pki/types.ts'
import { readme } from './defects-readme.ts'
import { type OutputFile, readInput, writeFiles } from './files.ts'
import { opensslVerdict, opensslVersion, type VerifyFiles } from './openssl-verify.ts'
import { type CaOptions, caFiles, caOptions, readCa, say } from './options.ts'

interface Options extends CaOptions {
  out: string
  crl?: string
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
        'that says what is wrong and what openssl says. Without a CA a new one is made.',
    )
  return caOptions(command)
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
  curl --cert defects/expired-day.pem --key defects/expired-day-key.pem https://api.example.com/`,
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const wanted = selection(options.only)
  const given = await readCa(options)
  const authority = given ?? (await createAuthority({ name: 'CN=harness defects CA' }))
  const crl =
    options.crl === undefined ? Buffer.from(await newCrl(authority)) : await readInput(options.crl, 'the CRL')
  readCrl(crl)
  const mint = createMint({ authority: { cert: authority.cert + authority.chain, key: authority.key }, crl })
  const path = (name: string): string => join(options.out, name)
  const trust: OutputFile[] = [
    { path: path(caFiles.cert), content: authority.cert },
    { path: path('crl.pem'), content: crl },
    ...(given === undefined ? [{ path: path(caFiles.key), content: authority.key, secret: true }] : []),
  ]
  const made = await Promise.all(wanted.map((id) => make(mint, id)))
  const identities = made.flatMap(({ files }) => files).map((file) => ({ ...file, path: path(file.path) }))
  const trusted = { ca: authority.cert, crl: crl.toString('latin1'), partial: authority.chain !== '' }
  const entries: IndexEntry[] = []
  for (const { entry, bad, twin } of made) entries.push(await judged(entry, bad, twin, trusted))
  const version = await opensslVersion()
  const index = [
    {
      path: path('index.json'),
      content: `${JSON.stringify({ openssl: version ?? null, identities: entries }, null, 2)}\n`,
    },
    { path: path('README.md'), content: readme(entries, version, authority.subject) },
  ]
  await writeFiles([...trust, ...identities, ...index], options.force === true)
  const missing = entries.filter((entry) => entry.missing !== undefined)
  say(
    command,
    `${entries.length - missing.length} certificates under ${authority.subject} in ${options.out}; the index is ${path('README.md')}`,
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

const newCrl = (authority: Authority): Promise<string> =>
  authority.crl({
    revoked: [{ serial: `4${randomBytes(16).toString('hex').slice(1)}` }],
    nextUpdate: new Date(Date.now() + 365 * 86_400_000),
  })

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
  if (!isDefect) return { entry: full, bad, files: pair(id, bad) }
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
