/**
 * testssl.sh, where Debian's package is installed, on the server that `harness verify` looks at in the same run.
 * @module
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startLab } from '../harness/lab/lab.ts'
import { type Figure, median, timed } from './stats.ts'
import { harness } from './verify.ts'

const quiet = (command: string, args: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', timeout: 300_000 })
    child.once('error', () => resolve(false))
    child.once('close', () => resolve(true))
  })

/** One run each against the lab's edge. */
export async function benchTestssl(dir: string): Promise<Figure[]> {
  if (!(await quiet('testssl', ['--version'])))
    return [{ what: 'testssl.sh', value: 'not installed (Debian: testssl.sh)' }]
  const lab = await startLab({ dir: join(dir, 'testssl') })
  try {
    const start = performance.now()
    await quiet('testssl', [
      '--quiet',
      '--color',
      '0',
      '--nodns',
      'none',
      '--ip',
      lab.edge.host,
      `api.harness.test:${lab.edge.port}`,
    ])
    const theirs = performance.now() - start
    const out = join(dir, 'testssl-report')
    const ours = median(
      await timed(3, () => harness(['verify', '-d', lab.deploymentFile ?? '', '--out', out])),
    )
    return [
      { what: 'testssl.sh, default run', value: `${(theirs / 1000).toFixed(1)} s` },
      {
        what: 'harness verify, default profile',
        value: `${(ours / 1000).toFixed(1)} s, ${(theirs / ours).toFixed(0)} × faster`,
      },
    ]
  } finally {
    await lab.close()
  }
}
