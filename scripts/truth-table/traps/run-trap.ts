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
import { startTrap } from './start.ts'
import type { Place, Trap } from './trap.ts'

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
}

/** Runs a trap. Never throws. */
export async function runTrap(trap: Trap, tools: TrapTools): Promise<TrapResult> {
  const found = { file: [], outside: [] }
  const skipped = tools.kind.available()
  if (skipped !== undefined) return { trap, problems: [], found, skipped }
  try {
    const bad = await visit(trap, 'bad', tools)
    const good = await visit(trap, 'good', tools)
    return { trap, ...judge(trap, bad, good) }
  } catch (error) {
    return { trap, problems: [error instanceof Error ? error.message : String(error)], found }
  }
}

/** What was said of one configuration. */
export interface Views {
  file: Said
  outside: Said
}

async function visit(trap: Trap, which: 'bad' | 'good', tools: TrapTools): Promise<Views> {
  const { material, more, dir: parent, verifier } = tools
  const dir = join(parent, `${trap.server}-${trap.id}-${which}`)
  await mkdir(dir)
  const [port, otherPort] = [await freePort(), await freePort()]
  const place: Place = { ...more.files, port, otherPort, dir }
  const server = await startTrap(trap, which, place)
  try {
    const file = await writeDeployment(trap, place, material, more, server.marker)
    const addresses = trap.addresses
    return {
      file: await verifier({ file }, dir, addresses),
      outside: await verifier({ hostname, connectTo: `127.0.0.1:${port}` }, dir, addresses),
    }
  } finally {
    await server.stop()
  }
}

async function writeDeployment(
  { declares }: Trap,
  place: Place,
  material: Material,
  { other }: TrapMaterial,
  marker: string,
): Promise<string> {
  const { crl, ...more } = declares?.(place, other) ?? {}
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
    },
    ...more,
  }
  const file = join(place.dir, 'harness.json')
  await writeFile(file, JSON.stringify(deployment, null, 2))
  return file
}

const failed = ({ checks }: Said): string[] =>
  checks.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)

/** Compares what was said with what is true. Pure. */
export function judge(trap: Trap, bad: Views, good: Views): Pick<TrapResult, 'problems' | 'found'> {
  const found = { file: failed(bad.file), outside: failed(bad.outside) }
  const missed = (ids: readonly string[]): boolean => !trap.finds.some((id) => ids.includes(id))
  const listed = (ids: readonly string[]): string => ids.join(', ') || 'nothing'
  const reasons = (said: Said, ids: readonly string[]): string[] =>
    said.checks.filter(({ id }) => ids.includes(id)).map(({ id, observed }) => `${id}: ${observed}`)
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
        : [`false finding for the good twin (${view})`, ...reasons(good[view], wrong)]
    }),
  ]
  return { problems: problems.flat(), found }
}

const undecided = ({ checks }: Said): string[] =>
  checks
    .filter(({ verdict }) => ['blocked', 'inconclusive', 'error'].includes(verdict))
    .slice(0, 6)
    .map(({ id, verdict, observed, reason }) => `${verdict} ${id}: ${observed}; ${reason}`)
