/**
 * Drills that were begun and are not known to have ended: the state that a new one would take for the one before may be
 * half done, and the only way back lies in an export.
 * @module
 */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { DrillResult } from '../../reports/drill/types.ts'
import { validateDrill } from '../../reports/drill/validate.ts'
import { HarnessError } from '../errors.ts'
import { type DrillExport, exportName, readExport } from './export.ts'
import { orders } from './orders.ts'

/** Files of a drill in its folder: the state before, and the result, which is written when it has ended. */
export function filesOf(order: string): { exported: string; result: string; page: string } {
  const name = order === 'right' ? 'drill' : `drill-${order}`
  return { exported: `${name}-export.json`, result: `${name}.json`, page: `${name}.html` }
}

/** Where an earlier drill may have left its export. */
export interface Places {
  /** Folder that results are written to. */
  out: string
  deployment: string
  hostname: string
}

/**
 * @throws HarnessError ERR_USAGE where a drill of the hostname is unfinished, of whatever order, or where that cannot be
 *   told. Nothing has been changed then.
 */
export async function checkNoneUnfinished({ out, deployment, hostname }: Places): Promise<void> {
  const there = new Set(await readdir(out).catch(() => []))
  for (const { name } of orders) {
    const { exported, result } = filesOf(name)
    if (!there.has(exported)) continue
    const path = join(out, exported)
    const found = await readExport(path).catch((cause: unknown) => unreadable(path, cause))
    if (!found.lab && found.hostname === hostname && !(await hasEnded(found, join(out, result))))
      throw unfinished(path, found, deployment)
  }
  // The checks take theirs away as soon as the state is back.
  const beside = join(dirname(resolve(deployment)), exportName)
  const left = await readFile(beside).then(
    () => true,
    () => false,
  )
  if (!left) return
  const found = await readExport(beside).catch((cause: unknown) => unreadable(beside, cause))
  if (found.hostname === hostname) throw unfinished(beside, found, deployment)
}

/** The result of this very drill lies beside its export, and says that the state is the one before. */
async function hasEnded({ at, order, hostname }: DrillExport, file: string): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (validateDrill(value).length > 0) return false
    const { drill, target, started, outcome } = value as DrillResult
    const same =
      drill.order === order && target.hostname === hostname && Date.parse(started) >= Date.parse(at)
    return same && outcome !== 'not-restored'
  } catch {
    return false
  }
}

const unfinished = (path: string, { order, hostname, at }: DrillExport, deployment: string): HarnessError =>
  new HarnessError(
    'ERR_USAGE',
    `a drill does not begin: ${path} is of the drill “${order}” of ${hostname} at ${at}, which is not known to have ended`,
    {
      hint: `harness drill restore ${path} -d ${deployment} --allow-changes --hostname ${hostname} goes back to the state before it; then move the file away`,
    },
  )

function unreadable(path: string, cause: unknown): never {
  throw new HarnessError(
    'ERR_USAGE',
    `a drill does not begin: ${path} may be of an earlier one, and cannot be read: ${cause instanceof Error ? cause.message : ''}`,
    {
      hint: 'where that drill was killed, its way back is harness drill restore with this file; else move it away',
      cause,
    },
  )
}
