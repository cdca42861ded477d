/**
 * `harness verify` as a person runs it: a process of its own, read from its results.json and its exit code.
 * @module
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../bin/node.mjs'
import type { Results } from '../../reports/types.ts'
import type { Said, Verifier } from './said.ts'

/** Runs the command line. @throws Error when it wrote no results, or other ones than its exit code says. */
export const inChild: Verifier = async (source, dir) => {
  const out = await mkdtemp(join(dir, 'report-'))
  const what =
    'file' in source ? ['-d', source.file] : [source.hostname, '--connect-to', source.connectTo ?? '']
  const args = [join(root, 'bin', 'harness.mjs'), 'verify', ...what, '--out', out, '--workers', '1']
  const { code, output } = await run(args)
  const results = await readResults(join(out, 'results.json'), output)
  if (results.exitCode !== code)
    throw new Error(`results.json says exit ${results.exitCode}, the process ${code}`)
  return { facts: results.facts.clientCertificate, exitCode: code, checks: results.checks } satisfies Said
}

function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  // Interrupted, it ends its own children; it must not outlive us and write into a folder that is gone.
  const end = (): boolean => child.kill('SIGINT')
  process.once('exit', end)
  child.once('close', () => process.off('exit', end))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4096)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? -1, output }))
  })
}

async function readResults(file: string, output: string): Promise<Results> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Results
  } catch (cause) {
    throw new Error(`harness verify wrote no results.json; it said: ${output.trim().slice(-600)}`, { cause })
  }
}
