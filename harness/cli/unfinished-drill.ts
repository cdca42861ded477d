/**
 * A drill of the suite `rollback` that a run of `harness verify --staging` was interrupted in: back to the state before.
 * @module
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { exportName, readExport } from '../drill/export.ts'
import { exitCodes } from '../errors.ts'
import { drillRestoreCommand } from './drill-restore.ts'

/** What a run may leave behind. */
export interface UnfinishedDrill {
  /** Goes back, where there is something to go back from, and says so. Never throws. */
  goBack(): Promise<void>
  /** What to do where there is no time for that; empty: nothing. */
  advice(): string
}

/** Looks before a run of a deployment file begins: an export that is there already belongs to an earlier drill. */
export function watchDrill(deployment: string): UnfinishedDrill {
  const file = join(dirname(resolve(deployment)), exportName)
  const earlier = existsSync(file)
  const left = (): boolean => !earlier && existsSync(file)
  const advice = (): string =>
    left()
      ? `a rollback drill is unfinished: harness drill restore ${file} -d ${deployment} --allow-changes --hostname <its hostname>\n`
      : ''
  return {
    advice,
    async goBack() {
      if (!left()) return
      try {
        const { hostname } = await readExport(file)
        const code = await drillRestoreCommand(file, { deployment, allowChanges: true, hostname })
        if (code === exitCodes.ok) {
          await rm(file)
          process.stdout.write('it has been taken away\n')
        }
      } catch (error) {
        process.stderr.write(
          `the drill could not be undone: ${error instanceof Error ? error.message : ''}\n`,
        )
      }
      process.stderr.write(advice())
    },
  }
}
