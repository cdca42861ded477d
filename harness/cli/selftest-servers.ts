/**
 * `harness selftest --containers`: known-bad configurations of real servers, beside the faults of the lab.
 * @module
 */
import type { Check } from '../../fixtures/catalogue.ts'
import { createLabMaterial } from '../lab/lab.ts'
import { runServers, type ServerRow } from '../selftest/servers.ts'
import { startContainers } from './containers.ts'

/** Runs the table and prints it; undefined where no container can be started, which is said. */
export async function selftestServers(
  checks: readonly Check[],
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<ServerRow[] | undefined> {
  if (!checks.some(({ id }) => id.startsWith('origin.'))) {
    print('no containers: none of the checks chosen is about the origin')
    return undefined
  }
  const material = await createLabMaterial()
  const containers = await startContainers({ material, faults: [], signal, say: print })
  if (containers === undefined) return undefined
  try {
    const rows = await runServers({
      checks,
      material,
      containers: containers.origins,
      signal,
      onRow: (row) => print(rowLine(row)),
    })
    const wrong = rows.filter(({ problems }) => problems.length > 0).length
    print(`${rows.length} configurations of real servers, ${wrong} judged wrongly`)
    return rows
  } finally {
    await containers.close()
  }
}

function rowLine({ version, configuration, verdicts, unseen, problems }: ServerRow): string {
  const found = Object.entries(verdicts).filter(([, verdict]) => verdict === 'fail' || verdict === 'warn')
  const clean =
    unseen.length === 0 ? 'clean' : `cannot be seen from outside here, and ${unseen.join(', ')} says so`
  const said = found.length === 0 ? clean : `found by ${found.map(([id]) => id).join(' ')}`
  const lines = [`${version.padEnd(26)} ${configuration.padEnd(12)} ${said}`]
  return [...lines, ...problems.map((problem) => `  WRONG: ${problem}`)].join('\n')
}
