import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { root } from '../bin/node.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'setup-'))
after(() => rmSync(scratch, { recursive: true }))

const old = ['--import', 'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.1.0"})']
const lock = (version: string) => ({
  packages: {
    'node_modules/a': { version, integrity: 'sha512-a' },
    'node_modules/for-windows': { version: '1.0.0', integrity: 'sha512-w', optional: true },
  },
})
const npmLog = 'npm.log'

interface Place {
  folder: string
  /** Runs its setup.mjs with a PATH that holds only the fake npm. */
  setup(nodeArgs?: string[], args?: string[]): { status: number | null; stdout: string; stderr: string }
  /** What the fake npm was asked for. */
  npmCalls(): string[]
}

/** A checkout that locks package `a` at 2.0.0, and an npm that is the given shell script. */
function place(name: string, npm: string | undefined, installed?: string): Place {
  const folder = join(scratch, name)
  for (const path of ['setup.mjs', 'bin', 'scripts/servers.mjs', 'scripts/docker.mjs', 'scripts/k6.mjs']) {
    cpSync(join(root, path), join(folder, path), { recursive: true })
  }
  mkdirSync(join(folder, 'path'))
  if (npm !== undefined) {
    writeFileSync(join(folder, 'path', 'npm'), `#!/bin/sh\necho "$*" >> ${join(folder, npmLog)}\n${npm}\n`)
    chmodSync(join(folder, 'path', 'npm'), 0o755)
  }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock('2.0.0')))
  const a = join(folder, 'node_modules', 'a', 'package.json')
  mkdirSync(dirname(a), { recursive: true })
  mkdirSync(join(folder, 'node_modules', '.bin'))
  writeFileSync(a, '{}')
  if (installed !== undefined) {
    const { 'node_modules/a': entry } = lock(installed).packages
    writeFileSync(
      join(folder, 'node_modules/.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/a': entry } }),
    )
  }
  return {
    folder,
    setup(nodeArgs = [], args = []) {
      const env = { PATH: `${join(folder, 'path')}:/usr/bin:/bin` }
      if (npm === undefined) env.PATH = join(folder, 'path')
      const run = spawnSync(process.execPath, [...nodeArgs, join(folder, 'setup.mjs'), ...args], {
        encoding: 'utf8',
        env,
      })
      return { status: run.status, stdout: run.stdout, stderr: run.stderr }
    },
    npmCalls() {
      const log = join(folder, npmLog)
      return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
    },
  }
}

test('where everything is there, npm is not started', () => {
  const { setup, npmCalls, folder } = place('ready', 'exit 1', '2.0.0')
  assert.deepEqual(setup(), { status: 0, stdout: `setup: ready (Node ${process.version})\n`, stderr: '' })
  assert.deepEqual(npmCalls(), [])
  assert.ok(existsSync(join(folder, 'node_modules/.bin/harness')), 'npx finds the command')
})

test('packages that are missing or not as locked are installed as locked, without scripts', () => {
  for (const installed of [undefined, '1.9.0']) {
    const { setup, npmCalls, folder } = place(`stale-${installed}`, 'exit 0', installed)
    assert.equal(setup().status, 0)
    const [call, ...more] = npmCalls()
    assert.equal(more.length, 0)
    assert.match(call ?? '', new RegExp(`^ci --prefix ${folder}/? .*--ignore-scripts`))
  }
})

test('a package whose folder was deleted is installed again', () => {
  const { setup, npmCalls, folder } = place('deleted', 'exit 0', '2.0.0')
  rmSync(join(folder, 'node_modules', 'a'), { recursive: true })
  setup()
  assert.equal(npmCalls().length, 1)
})

test('without a network it says so and what to check', () => {
  const npm =
    'echo "npm error code EAI_AGAIN" >&2; echo "npm error request to https://registry failed" >&2; exit 1'
  const { status, stderr } = place('offline', npm).setup()
  assert.equal(status, 1)
  assert.match(stderr, /npm error code EAI_AGAIN/)
  assert.match(stderr, /next: the npm registry was not reached: check the network, HTTPS_PROXY/)
})

test('another failure of npm is shown, and not blamed on the network', () => {
  const { status, stderr } = place('broken', 'echo "npm error code EUSAGE" >&2; exit 1').setup()
  assert.equal(status, 1)
  assert.match(stderr, /npm error code EUSAGE\nsetup: next: fix what npm says/)
})

test('without npm it says how to get it', () => {
  const { status, stderr } = place('no-npm', undefined).setup()
  assert.equal(status, 1)
  assert.match(stderr, /npm was not found\nsetup: next: install it \(Debian: apt-get install npm\)/)
})

test('an unknown argument is refused', () => {
  const { status, stderr } = place('argument', 'exit 0', '2.0.0').setup([], ['--tset'])
  assert.equal(status, 1)
  assert.match(stderr, /unknown argument --tset/)
})

test('on an old Node a pinned one is installed into .tools, once', () => {
  // This npm "installs" what the lock file in its folder asks for: the version it names is this test's own Node.
  const npm = `cd "$3" || exit 1
case "$3" in *.tools/node)
  mkdir -p node_modules/.bin && cp package-lock.json node_modules/.package-lock.json
  for name in $(grep -o 'node-[a-z0-9-]*"' package.json | tr -d '"'); do mkdir -p "node_modules/$name" && echo '{}' > "node_modules/$name/package.json"; done
  ln -sf "$FAKE" node_modules/.bin/node || exit 1
esac`
  const { setup, npmCalls, folder } = place('old', npm.replace('$FAKE', process.execPath), '2.0.0')
  const pinned = /version: '(24[\d.]+)'/.exec(readFileSync(join(root, 'setup.mjs'), 'utf8'))?.[1]
  const first = setup(old)
  const written = JSON.parse(readFileSync(join(folder, '.tools/node/package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string }>
  }
  const [, entry] = Object.values(written.packages)
  assert.equal(entry?.version, pinned)
  assert.match(entry?.integrity ?? '', /^sha512-/)
  if (process.version === `v${pinned}`) {
    assert.equal(first.status, 0, first.stderr)
    assert.match(first.stdout, new RegExp(`ready \\(Node v${pinned} in .tools/node\\)`))
  } else assert.match(first.stderr, /does not run here/)
  const calls = npmCalls().length
  if (first.status === 0) assert.equal(setup(old).status, 0)
  assert.equal(npmCalls().length, calls)
  assert.match(npmCalls()[0] ?? '', /^ci --prefix .*\.tools\/node /)
})

/** Their scripts build accelerators that are not needed (ssh2, cpu-features) or print a warning (protobufjs). */
const scriptsNotNeeded = ['node_modules/cpu-features', 'node_modules/protobufjs', 'node_modules/ssh2']

test('the lock file names no registry, has an entry for every dependency, and nothing needs install scripts', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Record<string, unknown>>
  }
  const names = new Set(
    Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)),
  )
  for (const [path, entry] of Object.entries(packages)) {
    assert.equal(entry.resolved, undefined, path)
    const wanted = { ...(entry.dependencies as object), ...(entry.optionalDependencies as object) }
    for (const name of Object.keys(wanted))
      assert.ok(names.has(name), `${path} needs ${name}: not in the lock file`)
  }
  const withScripts = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript === true)
  assert.deepEqual(withScripts.sort(), scriptsNotNeeded)
})
