/**
 * `npm run build`: what the package ships, in `dist/`: the compiled program and, beside it, every file that it reads
 * (schemas, canary endpoints, templates). `dist/` is replaced as a whole.
 * @module
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../bin/node.mjs'

const folders = ['harness', 'suites', 'fixtures', 'reports', 'load'].filter((folder) =>
  existsSync(join(root, folder)),
)
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) {
  process.stderr.write('build: the compiler found errors\n')
  process.exit(1)
}

let copied = 0
for (const folder of folders) {
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    const from = join(entry.parentPath, entry.name)
    // k6 strips the types of its scripts itself.
    const asIs = from.startsWith(join(root, 'load', 'k6', 'scripts', '/'))
    if (!entry.isFile() || (entry.name.endsWith('.ts') && !asIs)) continue
    cpSync(from, join(dist, from.slice(root.length)))
    copied += 1
  }
}
process.stdout.write(`build: dist/ is ready (${copied} files copied beside the compiled ones)\n`)
