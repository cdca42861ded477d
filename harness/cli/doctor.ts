/**
 * `harness doctor`: what is installed here, what it enables today, how to get the rest.
 * @module
 */
import { dirname } from 'node:path'
import { k6Places } from '../../load/k6/find.ts'
import { type ExitCode, exitCodes } from '../errors.ts'
import { version } from '../version.ts'
import type { JsonOption } from './commands.ts'
import { type FoundTool, findTool, searchPath, tools } from './tools.ts'

/** What doctor found. */
export interface Diagnosis {
  harness: string
  node: { version: string; openssl: string; path: string }
  tools: FoundTool[]
}

/** Looks at this machine. */
export async function diagnose(folders?: string[]): Promise<Diagnosis> {
  const { node, openssl } = process.versions
  return {
    harness: version,
    node: { version: node, openssl, path: process.execPath },
    tools: await Promise.all(
      tools.map((tool) =>
        findTool(tool, folders ?? [...searchPath(), ...k6Places().map((path) => dirname(path))]),
      ),
    ),
  }
}

/** The diagnosis as a table, and the one command that gets what is missing on Debian. */
export function describeDiagnosis({ harness, node, tools }: Diagnosis): string {
  const rows = [
    ['harness', harness, 'verify, init, lab, selftest, certs: nothing else is needed'],
    ['node', node.version, `runs the harness; TLS by its OpenSSL ${node.openssl}`],
    ...tools.map(({ name, path, version, enables }) => [
      name,
      path === null ? 'missing' : (version ?? 'unknown'),
      enables,
    ]),
  ]
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  const missing = tools.filter(({ path }) => path === null)
  const packages = missing.flatMap(({ debianPackage = [] }) => debianPackage)
  if (packages.length > 0) {
    lines.push('', `To get the rest on Debian: apt-get install --no-install-recommends ${packages.join(' ')}`)
  }
  const others = missing.flatMap(({ name, getIt }) => (getIt === undefined ? [] : `To get ${name}: ${getIt}`))
  if (others.length > 0) lines.push('', ...others)
  return `${lines.join('\n')}\n`
}

/** Prints the diagnosis, as a table or as JSON. Missing tools are no failure: verifying a host needs none. */
export async function doctorCommand({ json }: JsonOption): Promise<ExitCode> {
  const diagnosis = await diagnose()
  process.stdout.write(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : describeDiagnosis(diagnosis))
  return exitCodes.ok
}
