/**
 * One run of `harness verify --lab`, as a process.
 * @module
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../../bin/node.mjs'

/** Runs it with reports in `out`. @throws Error when it wrote none (exit 2 or 4, or a signal). */
export async function verifyLab(out: string, profile: string, more: readonly string[] = []): Promise<void> {
  const args = ['verify', '--lab', '--profile', profile, '--out', out, ...more]
  const child = spawn(process.execPath, [join(root, 'bin', 'harness.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0 && code !== 1 && code !== 3)
    throw new Error(`harness verify --lab ended with ${code}: ${said}`)
}
