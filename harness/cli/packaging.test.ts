/**
 * The package as a user gets it: packed, installed in an empty folder from the registry, run.
 * @module
 */
import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isRecent, minimum, root } from '../../bin/node.mjs'
import { version } from '../version.ts'
import { canaryKinds } from './commands.ts'

const scratch = mkdtempSync(join(tmpdir(), 'packaging-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** The environment of a person's shell: this Node first on PATH, nothing of the npm script that runs the tests. */
function shell(): NodeJS.ProcessEnv {
  const own =
    /^(npm_(package|lifecycle|command|execpath|node_execpath|config_(local_|global_)?prefix)|INIT_CWD|NODE_)/i
  const inherited = Object.entries(process.env).filter(([name]) => !own.test(name))
  return {
    ...Object.fromEntries(inherited),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  }
}

function run(command: string, args: string[], cwd: string): SpawnSyncReturns<string> {
  const result = spawnSync(command, args, {
    cwd,
    env: shell(),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (result.error) throw result.error
  return result
}

/** Runs what has to work; its output is part of the failure. */
function must(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = run(command, args, cwd)
  assert.equal(status, 0, `${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** A Node of this machine that is too old for the harness. */
function oldNode(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/bin']
  return folders
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .find(
      (path) => !isRecent(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim() || 'v99.0.0'),
    )
}

describe('the packed tarball, installed in an empty folder', () => {
  const home = join(scratch, 'home')
  let packed: string[]

  before(() => {
    must('npm', ['pack', '--pack-destination', scratch, '--loglevel=error'], root)
    const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz'))
    assert.ok(tarball, 'npm pack made no tarball')
    packed = must('tar', ['-tzf', join(scratch, tarball)], scratch)
      .trim()
      .split('\n')
    must('mkdir', [home], scratch)
    writeFileSync(join(home, 'package.json'), '{"name":"somebody","private":true}')
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    must('npm', ['install', ...options, join(scratch, tarball)], home)
  })

  test('holds the program, its data, licence and readme, and neither sources nor tests nor secrets', () => {
    for (const file of [
      'bin/harness.mjs',
      'dist/harness/cli/main.js',
      'LICENSE',
      'README.md',
      'package.json',
    ]) {
      assert.ok(packed.includes(`package/${file}`), `${file} is missing`)
    }
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, string>
    }
    for (const file of Object.values(exports)) {
      assert.ok(packed.includes(`package/${file.slice(2)}`), `${file} is exported and missing`)
    }
    // k6 strips the types of its scripts itself.
    const scripts = /^package\/dist\/load\/k6\/scripts\/[a-z-]+\.ts$/
    const stray = packed.filter(
      (file) =>
        /\.test\.|(?<!\.d)\.ts$|node_modules|\.tools|\.pem$|\.key$|\.tgz$/.test(file) && !scripts.test(file),
    )
    assert.deepEqual(stray, [])
  })

  test('needs no development package', () => {
    // Types of Node come with testcontainers.
    for (const name of ['typescript', '@biomejs/biome', '@types/k6']) {
      assert.equal(existsSync(join(home, 'node_modules', name)), false, name)
    }
  })

  test('npx harness --version', () => {
    assert.equal(must('npx', ['harness', '--version'], home), `${version}\n`)
  })

  test('npx harness checks --json prints the catalogue and nothing else', () => {
    const checks = JSON.parse(must('npx', ['harness', 'checks', '--json'], home)) as { id: string }[]
    assert.ok(checks.length >= 45, `${checks.length} checks`)
    assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length)
  })

  test('the files that commands read are in the package: canary endpoints, documents of the checks', () => {
    const harness = (...args: string[]) => must(join('node_modules', '.bin', 'harness'), args, home)
    for (const kind of canaryKinds) assert.match(harness('canary', kind), /__harness\/echo/, kind)
    assert.match(harness('explain', 'client-cert.impostor-ca'), /impostor-ca/)
  })

  test('npx harness verify --lab ends with 0 and writes results.json', () => {
    must('npx', ['harness', 'verify', '--lab'], home)
    const results = JSON.parse(readFileSync(join(home, 'harness-report', 'results.json'), 'utf8')) as {
      exitCode: number
      summary: { pass: number; fail: number }
    }
    assert.equal(results.exitCode, 0)
    assert.equal(results.summary.fail, 0)
    assert.ok(results.summary.pass >= 45, `${results.summary.pass} checks passed`)
  })

  test('npx harness verify --lab --fault fails: the installed harness sees a defect', () => {
    const { status, stdout, stderr } = run(
      'npx',
      ['harness', 'verify', '--lab', '--fault', 'edge.accepts-expired-day'],
      home,
    )
    assert.equal(status, 1, `${stdout}\n${stderr}`)
    assert.match(stdout, /client-cert\.expired-day/)
  })

  test('on a Node that is too old it says so in one line, exit code 4', () => {
    const pretend = [
      '--import',
      'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.1.0"})',
    ]
    const node = oldNode()
    const args = [
      ...(node === undefined ? pretend : []),
      join('node_modules', '.bin', 'harness'),
      '--version',
    ]
    const { status, stdout, stderr } = run(node ?? process.execPath, args, home)
    assert.deepEqual([status, stdout], [4, ''])
    assert.match(stderr, new RegExp(`^harness: Node v[\\d.]+ is too old, ${minimum} or later is needed\\n$`))
  })
})
