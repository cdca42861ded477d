/**
 * One cell: its server is started, verified with a deployment file and without one, and stopped.
 * @module
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../fixtures/servers/ports.ts'
import { hostname, type Material, type ServerKind } from '../../fixtures/servers/types.ts'
import type { DeploymentSource } from '../../harness/verify/run-file.ts'
import { compare, decisive, isRight, type Point, type View } from './compare.ts'
import { writeDeployment } from './deployment.ts'
import type { Cell } from './expected.ts'
import type { Verifier } from './said.ts'

/** How a cell went. */
export interface CellResult {
  cell: Cell
  points: Point[]
  /** For a wrong cell: why the harness said what it said. */
  notes: string[]
  /** The server could not be started, or the harness failed. */
  failure?: string
  /** The server is not installed. */
  skipped?: string
  /** Verified by child processes of the command line. */
  inChild: boolean
}

/** What a cell is run with. */
export interface CellTools {
  kind: ServerKind
  material: Material
  /** Holds a folder per cell. */
  dir: string
  verifier: Verifier
  inChild: boolean
}

/** Runs a cell. Never throws. */
export async function runCell(cell: Cell, tools: CellTools): Promise<CellResult> {
  const { kind, inChild } = tools
  const skipped = kind.available()
  if (skipped !== undefined) return { cell, points: [], notes: [], skipped, inChild }
  try {
    return { cell, inChild, ...(await verified(cell, tools)) }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { cell, points: [], notes: [], failure, inChild }
  }
}

async function verified(
  cell: Cell,
  { kind, material, dir: parent, verifier }: CellTools,
): Promise<Pick<CellResult, 'points' | 'notes'>> {
  const { truth, version } = cell
  const dir = join(parent, `${truth.server}-${truth.mode}-${version}`)
  await mkdir(dir)
  const port = await freePort()
  const server = await kind.start({ mode: truth.mode, version, port, material, dir })
  try {
    const file = await writeDeployment(dir, { port, marker: server.marker, material })
    const sources: Record<View, DeploymentSource> = {
      file: { file },
      blackBox: { hostname, connectTo: `127.0.0.1:${port}` },
    }
    const points: Point[] = []
    const notes: string[] = []
    for (const view of ['file', 'blackBox'] as const) {
      const said = await verifier(sources[view], dir)
      const found = compare(cell, view, said)
      points.push(...found)
      if (!found.every(isRight)) notes.push(`${view}:`, ...decisive(said).map((line) => `  ${line}`))
    }
    return { points, notes }
  } finally {
    await server.stop()
  }
}
