/**
 * One trap: its bad configuration and its good twin, each verified with a deployment file and from outside.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../../fixtures/servers/ports.ts'
import { hostname, type Material, type ServerKind } from '../../../fixtures/servers/types.ts'
import type { Said, Verifier } from '../said.ts'
import type { TrapMaterial } from './material.ts'
import { startWith } from './start.ts'
import type { Manner, Place, Subject, Trap } from './trap.ts'

/** How a trap went. */
export interface TrapResult {
  trap: Trap
  /** What was wrong with what the harness said; empty: all as it should be. */
  problems: string[]
  /** Checks that found it, with a file and from outside. */
  found: { file: string[]; outside: string[] }
  /** The server is not installed. */
  skipped?: string
}

/** What a trap is run with. */
export interface TrapTools {
  kind: ServerKind
  material: Material
  more: TrapMaterial
  dir: string
  verifier: Verifier
  /** What was said of good configurations so far, or is being asked. */
  good: Map<string, Promise<Views>>
}

/** Runs a trap. Never throws. */
export async function runTrap(trap: Trap, tools: TrapTools): Promise<TrapResult> {
  const found = { file: [], outside: [] }
  const skipped = tools.kind.available()
  if (skipped !== undefined) return { trap, problems: [], found, skipped }
  try {
    const bad = await visit(trap, 'bad', trap.bad, tools)
    const good = await goodOf(trap, tools)
    return { trap, ...judge(trap, bad, good) }
  } catch (error) {
    return { trap, problems: [error instanceof Error ? error.message : String(error)], found }
  }
}

/** Many traps have the same good twin: it is visited once. */
function goodOf(trap: Trap, tools: TrapTools): Promise<Views> {
  const { server, good, declares, addresses, staging } = trap
  const place: Place = { ...tools.more.files, port: 1, otherPort: 2, dir: '' }
  const key = JSON.stringify([server, good(place), declares?.(place, tools.more.other), addresses, staging])
  const views = tools.good.get(key) ?? visit(trap, 'good', good, tools)
  tools.good.set(key, views)
  return views
}

/** Runs a server with manners of its own. Never throws. */
export async function runManner(manner: Manner, tools: TrapTools): Promise<MannerResult> {
  const skipped = tools.kind.available()
  if (skipped !== undefined) return { manner, problems: [], skipped }
  try {
    return { manner, ...judgeManner(manner, await visit(manner, 'manner', manner.lines, tools)) }
  } catch (error) {
    return { manner, problems: [error instanceof Error ? error.message : String(error)] }
  }
}

/** How a manner went. */
export interface MannerResult {
  manner: Manner
  problems: string[]
  /** Exit codes as they were. */
  exit?: { file: number; outside: number }
  skipped?: string
}

/** Compares what was said of a manner with what is right. Pure. */
export function judgeManner({ exit }: Manner, views: Views): Pick<MannerResult, 'problems' | 'exit'> {
  const problems = (['file', 'outside'] as const).flatMap((view) => {
    const said = views[view]
    const wrong = failed(said)
    return [
      ...(wrong.length === 0 ? [] : [`false finding (${view})`, ...reasonsOf(said, wrong)]),
      ...(said.exitCode === exit[view]
        ? []
        : [`exit ${said.exitCode} (${view}), ${exit[view]} was right`, ...undecided(said)]),
    ]
  })
  return { problems, exit: { file: views.file.exitCode, outside: views.outside.exitCode } }
}

const reasonsOf = ({ checks }: Said, ids: readonly string[]): string[] =>
  checks.filter(({ id }) => ids.includes(id)).map(({ id, observed }) => `${id}: ${observed}`)

/** What was said of one configuration. */
export interface Views {
  file: Said
  outside: Said
}

async function visit(
  subject: Subject,
  which: string,
  lines: (place: Place) => string,
  tools: TrapTools,
): Promise<Views> {
  const { material, more, dir: parent, verifier } = tools
  const dir = join(parent, `${subject.server}-${subject.id}-${which}`)
  await mkdir(dir)
  const [port, otherPort] = [await freePort(), await freePort()]
  const place: Place = { ...more.files, port, otherPort, dir }
  const server = await startWith(subject.server, lines(place), place)
  try {
    const file = await writeDeployment(subject, place, material, more, server.marker)
    const { addresses, staging = false } = subject
    const circumstances = { staging, ...(addresses === undefined ? {} : { addresses }) }
    return {
      file: await verifier({ file }, dir, circumstances),
      outside: await verifier({ hostname, connectTo: `127.0.0.1:${port}` }, dir, circumstances),
    }
  } finally {
    await server.stop()
  }
}

async function writeDeployment(
  { declares }: Subject,
  place: Place,
  material: Material,
  { other }: TrapMaterial,
  marker: string,
): Promise<string> {
  const { crl, refusal, forwarded, statusValues, commonNames, ...more } = declares?.(place, other) ?? {}
  const allowed = { status: 200, bodyContains: marker }
  const deployment = {
    hostname,
    connect: `127.0.0.1:${place.port}`,
    trust: material.serverCa,
    requests: [
      { path: '/', method: 'GET', allowed },
      { path: '/api/status', method: 'GET', allowed },
    ],
    mtls: {
      mode: 'enforce',
      identities: [{ name: 'sensor-001', cert: material.clientCert, key: material.clientKey }],
      ca: { cert: material.clientCa, key: material.clientCaKey },
      ...(crl === undefined ? {} : { crl }),
      ...(commonNames === undefined ? {} : { commonNames }),
      ...(forwarded === undefined ? {} : { forwarded, statusValues }),
      ...(refusal === undefined ? {} : { refusal: await refusalFile(place, refusal as Refusal) }),
    },
    ...more,
  }
  const file = join(place.dir, 'harness.json')
  await writeFile(file, JSON.stringify(deployment, null, 2))
  return file
}

/** A refusal as a subject gives it, with its text; in the file stands the name of a file. */
interface Refusal {
  status: number
  text: string
}

async function refusalFile({ dir }: Place, { status, text }: Refusal): Promise<object> {
  const body = join(dir, 'refusal.txt')
  await writeFile(body, text)
  return { status, body }
}

const failed = ({ checks }: Said): string[] =>
  checks.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)

/** Compares what was said with what is true. Pure. */
export function judge(trap: Trap, bad: Views, good: Views): Pick<TrapResult, 'problems' | 'found'> {
  const found = { file: failed(bad.file), outside: failed(bad.outside) }
  const missed = (ids: readonly string[]): boolean => !trap.finds.some((id) => ids.includes(id))
  const listed = (ids: readonly string[]): string => ids.join(', ') || 'nothing'
  const problems = [
    missed(found.file)
      ? [`not found with a file by ${trap.finds.join(' or ')}; found: ${listed(found.file)}`]
      : [],
    bad.file.exitCode === 1 ? [] : [`exit ${bad.file.exitCode} with a file, 1 was right`],
    trap.outside === 'found' && bad.outside.exitCode !== 1
      ? [`not found from outside (exit ${bad.outside.exitCode})`]
      : [],
    trap.outside === 'hidden' && found.outside.length > 0
      ? [`found from outside though it cannot be seen there: ${listed(found.outside)}`]
      : [],
    good.file.exitCode === 0
      ? []
      : [`exit ${good.file.exitCode} for the good twin with a file`, ...undecided(good.file)],
    ...(['file', 'outside'] as const).map((view) => {
      const wrong = failed(good[view])
      return wrong.length === 0
        ? []
        : [`false finding for the good twin (${view})`, ...reasonsOf(good[view], wrong)]
    }),
  ]
  return { problems: problems.flat(), found }
}

const undecided = ({ checks }: Said): string[] =>
  checks
    .filter(({ verdict }) => ['blocked', 'inconclusive', 'error'].includes(verdict))
    .slice(0, 6)
    .map(({ id, verdict, observed, reason }) => `${verdict} ${id}: ${observed}; ${reason}`)
