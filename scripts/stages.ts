/**
 * What `npm test` runs, in order.
 * @module
 */
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { root } from '../bin/node.mjs'
import type { Stage } from './stage.ts'

const packaging = join('harness', 'cli', 'packaging.test.ts')
/** They measure, or judge answers by when they came: nothing else may run beside them. */
const measuring = [
  join('load', 'cost', 'servers.test.ts'),
  join('load', 'capacity', 'capacity.test.ts'),
  join('load', 'flood', 'flood.test.ts'),
  join('load', 'k6', 'login.test.ts'),
  join('harness', 'cli', 'load', 'proof.test.ts'),
  join('harness', 'drill', 'run.test.ts'),
  join('harness', 'drill', 'fault-table.test.ts'),
]

/** Every test file of the checkout, relative to it. */
function testFiles(): string[] {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .filter((name) => !['node_modules', 'dist', 'harness-report', 'test-results'].includes(name))
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

/** Arguments for Node's test runner: many files wait for processes and servers. A file that hangs is ended and counts as failed. */
function nodeTest(
  files: readonly string[],
  minutes: number,
  concurrency = 2 + availableParallelism(),
): string[] {
  const limits = [`--test-concurrency=${concurrency}`, `--test-timeout=${minutes * 60_000}`]
  return ['--test', '--test-reporter=spec', ...limits, ...files]
}

const bin = (name: string, file: string) => join('node_modules', name, 'bin', file)

/** The stages, in order: quick and telling ones first. */
export const stages: readonly Stage[] = [
  {
    name: 'lint',
    what: 'lint, format, import rules',
    args: () => [bin('@biomejs/biome', 'biome'), 'check', '.'],
  },
  { name: 'types', what: 'type check', args: () => [bin('typescript', 'tsc'), '-p', '.'] },
  {
    name: 'k6-types',
    what: 'type check of the k6 scripts',
    args: () => [bin('typescript', 'tsc'), '-p', join('load', 'k6')],
  },
  {
    name: 'unit',
    what: 'tests beside the sources',
    args: () =>
      nodeTest(
        testFiles().filter((file) => file !== packaging && !measuring.includes(file)),
        5,
      ),
  },
  {
    name: 'measuring',
    what: 'load, and drills under traffic, one after the other',
    args: () => nodeTest(measuring, 5, 1),
  },
  {
    name: 'packaging',
    what: 'the packed tarball, installed elsewhere',
    args: () => nodeTest([packaging], 10),
  },
  {
    name: 'selftest',
    what: 'kill matrix: every fault against every check',
    args: () => [join('bin', 'harness.mjs'), 'selftest', '--out', join('test-results', 'selftest')],
  },
  {
    name: 'truth-table',
    what: 'nginx, httpd, HAProxy, Node, openssl',
    args: () => [join('scripts', 'truth-table.ts')],
  },
  {
    name: 'possession-table',
    what: 'proof of possession: every attack on six servers',
    args: () => [join('scripts', 'possession-table.ts')],
  },
]
