/**
 * `npm run truth-table [-- --server nginx] [--mode required] [--children all|some|none] [--no-traps]` (`--mode` names traps and manners too): does the harness tell the
 * truth about servers that nobody here wrote? Every cell is verified with a deployment file and without one. Exit code 1
 * where a cell is wrong, or (with CI set) a server is missing.
 * @module
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serverKinds } from '../fixtures/servers/index.ts'
import { createMaterial } from '../fixtures/servers/material.ts'
import { scratchFolder } from '../fixtures/servers/scratch.ts'
import type { Material } from '../fixtures/servers/types.ts'
import { type Cell, cells } from './truth-table/expected.ts'
import { inChild } from './truth-table/in-child.ts'
import { closing, failures, renderCell, tableHead } from './truth-table/render.ts'
import { type CellResult, runCell } from './truth-table/run-cell.ts'
import { startThread } from './truth-table/thread.ts'
import { traps } from './truth-table/traps/index.ts'
import { manners } from './truth-table/traps/manners.ts'
import { createTrapMaterial } from './truth-table/traps/material.ts'
import {
  mannerClosing,
  mannerFailures,
  mannerHead,
  renderManner,
  renderTrap,
  trapClosing,
  trapFailures,
  trapHead,
} from './truth-table/traps/render.ts'
import { runManner, runTrap, type TrapTools } from './truth-table/traps/run-trap.ts'
import type { Subject } from './truth-table/traps/trap.ts'

const { values } = parseArgs({
  options: {
    server: { type: 'string', multiple: true },
    mode: { type: 'string', multiple: true },
    children: { type: 'string', default: 'some' },
    traps: { type: 'boolean', default: true },
  },
  allowNegative: true,
})

/** Cells that run at the same time: each waits for half of its time. */
const parallel = 2 + availableParallelism()

/** Verified by the command line itself, with a process per run: each server once, and each exit code. */
const sample = new Set([
  ...serverKinds.map(({ name }) => `${name} required`),
  'nginx optional',
  'nginx optional-enforced',
  'haproxy result-alone',
])

function isByChild({ truth, version }: Cell): boolean {
  if (values.children !== 'some') return values.children === 'all'
  return version === 'both' && sample.has(`${truth.server} ${truth.mode}`)
}

const isWanted = ({ server, id }: Subject): boolean =>
  values.traps && (values.server ?? [server]).includes(server) && (values.mode ?? [id]).includes(id)
const wantedTraps = traps.filter(isWanted)
const wantedManners = manners.filter(isWanted)

const wanted = cells.filter(({ truth: { server, mode } }) => {
  return (values.server ?? [server]).includes(server) && (values.mode ?? [mode]).includes(mode)
})

/** Runs the cells and prints each as soon as everything above it is known. */
async function runCells(material: Material, dir: string): Promise<CellResult[]> {
  const results: (CellResult | undefined)[] = []
  const queue = [...wanted.entries()]
  let printed = 0
  const work = async (): Promise<void> => {
    const thread = startThread()
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, cell] = next
      const kind = serverKinds.find(({ name }) => name === cell.truth.server)
      if (kind === undefined) throw new Error(`no server ${cell.truth.server}`)
      const byChild = isByChild(cell)
      const verifier = byChild ? inChild : thread.verify
      results[index] = await runCell(cell, { kind, material, dir, verifier, inChild: byChild })
      for (let result = results[printed]; result !== undefined; result = results[printed]) {
        process.stdout.write(`${renderCell(result)}\n`)
        printed += 1
      }
    }
    await thread.end()
  }
  await Promise.all(Array.from({ length: parallel }, work))
  return results.filter((result) => result !== undefined)
}

/** Runs all of a kind, some at the same time, and prints each as it ends. */
async function runAll<T extends Subject, R>(
  wantedOnes: readonly T[],
  run: (one: T, tools: Pick<TrapTools, 'kind' | 'verifier'>) => Promise<R>,
  render: (result: R) => string,
): Promise<R[]> {
  const results: R[] = []
  const queue = [...wantedOnes]
  const work = async (): Promise<void> => {
    const { verify: verifier, end } = startThread()
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      const { server } = one
      const kind = serverKinds.find(({ name }) => name === server)
      if (kind === undefined) throw new Error(`no server ${server}`)
      const result = await run(one, { kind, verifier })
      results.push(result)
      process.stdout.write(`${render(result)}\n`)
    }
    await end()
  }
  await Promise.all(Array.from({ length: parallel }, work))
  return results
}

async function main(): Promise<number> {
  if (
    wanted.length + wantedTraps.length + wantedManners.length === 0 ||
    !['all', 'some', 'none'].includes(values.children)
  ) {
    process.stderr.write('truth-table: no such cell; see --server, --mode, --children all|some|none\n')
    return 2
  }
  const started = performance.now()
  const isCi = (process.env.CI ?? '') !== ''
  const scratch = await scratchFolder()
  try {
    const material = await createMaterial(join(scratch.dir, 'material'))
    process.stdout.write(`${tableHead()}\n`)
    const results = await runCells(material, scratch.dir)
    process.stdout.write(closing(results, { isCi, seconds: (performance.now() - started) / 1000 }))
    const more = await createTrapMaterial(join(scratch.dir, 'trap-material'), material)
    const tools = { material, more, dir: scratch.dir, good: new Map() }
    const so = (): { isCi: boolean; seconds: number } => ({
      isCi,
      seconds: (performance.now() - started) / 1000,
    })
    if (wantedTraps.length > 0) process.stdout.write(`\n${trapHead()}\n`)
    const trapped = await runAll(wantedTraps, (trap, own) => runTrap(trap, { ...tools, ...own }), renderTrap)
    if (wantedTraps.length > 0) process.stdout.write(trapClosing(trapped, so()))
    if (wantedManners.length > 0) process.stdout.write(`\n${mannerHead()}\n`)
    const mannered = await runAll(
      wantedManners,
      (manner, own) => runManner(manner, { ...tools, ...own }),
      renderManner,
    )
    if (wantedManners.length > 0) process.stdout.write(mannerClosing(mannered, so()))
    return failures(results, isCi) + trapFailures(trapped, isCi) + mannerFailures(mannered, isCi) === 0
      ? 0
      : 1
  } finally {
    await scratch.remove()
  }
}

// The scratch folder goes when the process ends, and so do the servers: by Ctrl-C too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

process.exitCode = await main()
